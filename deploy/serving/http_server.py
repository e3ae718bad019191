"""The HTTP server of a process: the edge's Sanic application on a bound socket.

Sanic's own runner is not used: HTTP and gRPC share one event loop, and the process
drains in its own way.
"""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from deploy.serving.drain import drain
from deploy.tls.contexts import HANDSHAKE_SECONDS, ServerTls, http_context, kept_fresh
from edge.app import App
from edge.http.connection import Connection

_BACKLOG = 1024


@asynccontextmanager
async def http_server(
    app: App, listener: socket.socket, tls: ServerTls | None, drain_seconds: float
) -> AsyncIterator[None]:
    """Serves the application on a bound socket. Drains and closes it at the end."""
    arguments: dict[str, Any] = {"start_serving": False}
    context = None
    if tls is not None:
        context = http_context(tls)
        arguments["ssl_handshake_timeout"] = HANDSHAKE_SECONDS
    server: Any = await app.create_server(
        sock=listener,
        protocol=Connection,
        ssl=context,
        backlog=_BACKLOG,
        access_log=False,
        asyncio_server_kwargs=arguments,
    )
    await server.startup()
    await server.before_start()  # the edge opens its channel
    await server.start_serving()
    await server.after_start()
    try:
        async with AsyncExitStack() as fresh:
            if tls is not None and context is not None:
                await fresh.enter_async_context(kept_fresh(context, tls.identity))
            yield
    finally:
        await server.before_stop()
        await drain(server, listener, drain_seconds)
        await server.after_stop()  # the edge closes its channel
