"""Calls from the edge to the services: channel, methods, deadlines and errors.

It imports `edge.problems` only. Start reading at `call.py`.
"""
