"""A refused call leaves nothing of its request in memory."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import grpc
import pytest

from services.errors import NotFound, Unavailable, ValidationFailed
from services.gates.interceptors import answer_errors

CALLS = 5


class Request:
    """What a call holds; a weak reference can tell whether it is still there."""


@contextmanager
def uncollected() -> Iterator[None]:
    """No cycle is collected while the block runs, so that each one shows."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def left_of(method: Any) -> int:
    """How many of the requests of refused calls are still in memory."""
    kept: list[weakref.ref[Request]] = []

    async def proceed(_: Any, context: Any) -> Any:
        request = Request()
        kept.append(weakref.ref(request))
        return await method(request, context)

    served = answer_errors(None, proceed)  # type: ignore[arg-type]  # only for the log
    server = grpc.aio.server()
    handlers: Any = {"Refuse": grpc.stream_unary_rpc_method_handler(served)}
    generic: Any = grpc.method_handlers_generic_handler("test.Service", handlers)
    server.add_generic_rpc_handlers((generic,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        refuse: Any = channel.stream_unary("/test.Service/Refuse")
        for _ in range(CALLS):
            with pytest.raises(grpc.aio.AioRpcError):
                await refuse(iter([b""]))
    await server.stop(None)
    assert len(kept) == CALLS
    return sum(each() is not None for each in kept)


@pytest.mark.parametrize(
    "error", [partial(ValidationFailed, []), Unavailable, TimeoutError, NotFound]
)
def test_a_refused_request_is_forgotten_at_once(error: Callable[[], Exception]) -> None:
    """Otherwise it would stay until the collector runs, after thousands of objects."""

    async def method(request: Request, _: Any) -> None:
        assert request
        raise error()

    with uncollected():
        assert asyncio.run(left_of(method)) == 0


def test_a_request_that_is_kept_would_be_seen() -> None:
    """Planted: the error of `abort` keeps the frame that holds the request."""

    async def method(request: Request, context: Any) -> None:
        assert request
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no")

    with uncollected():
        assert asyncio.run(left_of(method)) == CALLS
