"""HTTP read strictly: heads, bodies, connections, preconditions and dates.

What Sanic reads loosely is held here to RFC 9110 and RFC 9112. Start reading at
`strict_request.py`.
"""
