"""Drains the HTTP server, so that no accepted request is lost.

New connections are refused. Open ones are closed with their next answer. Idle ones stay
open for a moment, because a request may already be on its way.
"""

import asyncio
import socket
from typing import Any

from deploy.serving.arrivals import let_the_last_in

_IDLE_SECONDS = 0.5
_POLL_SECONDS = 0.02


async def drain(server: Any, listener: socket.socket, seconds: float) -> None:
    """Stops a `sanic` AsyncioServer after its running requests are answered.

    Connections that are still busy after `seconds` are closed.
    """
    now = asyncio.get_running_loop().time
    ends = now() + seconds
    # Sanic reads this setting when it has parsed a head ...
    server.app.config.KEEP_ALIVE = False
    await let_the_last_in(listener, seconds)
    server.server.close()
    for connection in server.connections:
        if connection.http is not None:
            connection.http.keep_alive = False  # ... and this one when it answers.

    idle_until = now() + _IDLE_SECONDS
    while server.connections and now() < ends:
        if now() >= idle_until:
            for connection in tuple(server.connections):
                connection.close_if_idle()
        await asyncio.sleep(_POLL_SECONDS)
    for connection in tuple(server.connections):
        connection.abort()
