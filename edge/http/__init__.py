"""HTTP read strictly: heads, bodies, connections, preconditions and dates.

Sanic accepts some malformed requests; this room enforces RFC 9110 and RFC 9112. Start
reading at `strict_request.py`.
"""
