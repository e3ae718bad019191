"""Streams of changes: server-sent events, on connections that cost little while idle.

`reading.py` makes events of pages of the feed. `line.py` is the connection of a stream:
it takes the place of Sanic's, which holds a task, a request and timers. `hub.py` looks
for all lines together whether there is something to read, and keeps them alive.
"""
