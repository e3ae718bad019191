"""Limits the gRPC methods that need no token: health checking and reflection.

Their streams last as long as the client wants. So their number is limited for each
connection and each address. Every answer, also for an unknown method, has the id of its
trace.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from services.errors import Unavailable
from services.gates.door import EDGE_SECRET, EDGE_UNKNOWN, READ_SECONDS, Crowd, Door
from services.gates.watch import TRACE_ID
from services.trace import begin_trace, read_trace

_OURS = "/grpc."

Serve = Callable[[Any, Any], Awaitable[Any]]


class Strangers(grpc.aio.ServerInterceptor):
    """Limits the methods that begin with `/grpc.`, and answers for unknown methods."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._wrapped: dict[str, Any] = {}

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        known = self._wrapped.get(details.method)
        if known is not None:
            return known
        handler = await continuation(details)
        if handler is None:
            serve = _bounded(self._door, self._door.strangers, _unimplemented)
            return grpc.stream_unary_rpc_method_handler(serve)
        if not details.method.startswith(_OURS):
            return handler
        wrapped = self._wrapped[details.method] = _wrap(self._door, handler)
        return wrapped


def _wrap(door: Door, handler: Any) -> Any:
    """Wraps a method so that gRPC starts it before the message has arrived.

    Only then does a call count from its beginning. gRPC does so for request streams.
    """
    forms = {
        "request_deserializer": handler.request_deserializer,
        "response_serializer": handler.response_serializer,
    }
    if handler.unary_unary is not None:
        serve = _bounded(door, door.strangers, _with_message(handler.unary_unary))
        return grpc.stream_unary_rpc_method_handler(serve, **forms)
    if handler.unary_stream is not None:
        serve = _with_message(_written(handler.unary_stream))
    else:
        serve = _written(handler.stream_stream)
    serve = _bounded(door, door.streams, serve)
    return grpc.stream_stream_rpc_method_handler(serve, **forms)


def _bounded(door: Door, crowd: Crowd, serve: Serve) -> Serve:
    """Limits the calls at a time. Edges are not limited; a wrong secret is refused."""

    async def bounded(requests: Any, context: Any) -> Any:
        metadata = dict(context.invocation_metadata() or ())
        trace = read_trace(metadata) or begin_trace(0.0)
        context.set_trailing_metadata(((TRACE_ID, trace.trace_id),))
        secret, peer = metadata.get(EDGE_SECRET), context.peer()
        if secret is not None:
            if not door.knows(secret):
                await _end(context, grpc.StatusCode.UNAUTHENTICATED, EDGE_UNKNOWN)
            return await serve(requests, context)
        try:
            crowd.enter(peer)
        except Unavailable as error:
            await _end(context, grpc.StatusCode.RESOURCE_EXHAUSTED, error.message)
        try:
            return await serve(requests, context)
        finally:
            crowd.leave(peer)

    return bounded


def _with_message(serve: Serve) -> Serve:
    """Reads the single message of a call and passes it on."""

    async def served(requests: Any, context: Any) -> Any:
        try:
            async with asyncio.timeout(READ_SECONDS):
                request = await context.read()
        except TimeoutError:
            code = grpc.StatusCode.DEADLINE_EXCEEDED
            await _end(context, code, "The message did not arrive in time.")
        if request is grpc.aio.EOF:
            code = grpc.StatusCode.INVALID_ARGUMENT
            await _end(context, code, "The call has no message.")
        return await serve(request, context)

    return served


def _written(serve: Any) -> Serve:
    """Writes the answers that a method yields, if it does not write them itself."""

    async def written(request: Any, context: Any) -> None:
        begun = serve(request, context)
        if hasattr(begun, "__aiter__"):
            async for answer in begun:
                await context.write(answer)
        else:
            await begun

    return written


async def _unimplemented(_: Any, context: Any) -> Any:
    await _end(context, grpc.StatusCode.UNIMPLEMENTED, "Method not found!")


async def _end(context: Any, code: grpc.StatusCode, text: str) -> None:
    await context.abort(code, text, context.trailing_metadata())
