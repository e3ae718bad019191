"""The end of the HTTP server: nobody who was let in loses a request.

New connections are refused, open ones are told to close with their next answer, and
idle ones get a moment to send the request that may be on its way.
"""

import asyncio
import socket
from typing import Any

from deploy.serving.arrivals import let_the_last_in

_IDLE_SECONDS = 0.5
_POLL_SECONDS = 0.02


async def drain(server: Any, listener: socket.socket, seconds: float) -> None:
    """Stops a `sanic` AsyncioServer once its requests in flight are answered.

    Connections still busy after so many seconds are cut off.
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
