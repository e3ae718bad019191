"""The in-process channel: a replacement of `grpc.aio.Channel` without a socket.

A call runs the same interceptors and the same method as over a socket, in the task of
its caller. Codes, details, trailing metadata, deadlines and size limits are the same.
Messages are passed as objects and never serialized.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import grpc
from google.protobuf.message import Message

from deploy.serving.call_context import CallContext, Metadata, error_of
from deploy.serving.deadlines import Deadlines
from services.gates.door import MOST_BYTES
from services.kinds.methods import is_batch

# The largest request, here and over a socket (`grpc_server.py`). A body of 1 MiB of
# JSON may become a message several times as large: a number in a list has 2 bytes in
# JSON and 11 in protobuf.
MAX_REQUEST_BYTES = MOST_BYTES
# A batch has eight times the body, and its operations stay packed until they run.
MAX_BATCH_BYTES = 4 * MAX_REQUEST_BYTES

Method = Callable[[Message, CallContext], Awaitable[Message]]


class Server(Protocol):
    """The part of a gRPC server to which services add their handlers."""

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        """Adds handlers that are found by the details of a call."""

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: Mapping[str, Any]
    ) -> None:
        """Adds the handlers of one service by the names of their methods."""


async def open_channel(
    add_to: Callable[[Server], None],
    interceptors: Sequence[grpc.aio.ServerInterceptor],
) -> "InProcessChannel":
    """Opens a channel to the services that `add_to` adds to a server.

    The interceptors wrap each method once, here. To decide what they wrap, they may use
    the name of a method, not the metadata of a call.
    """
    recorder = _Recorder({})
    add_to(recorder)
    methods = {}
    for name, handler in recorder.handlers.items():
        wrapped = await _intercept(interceptors, handler, _Details(name, ()))
        if wrapped is not None and wrapped.unary_unary is not None:
            methods[name] = wrapped.unary_unary
    return InProcessChannel(methods, Deadlines(asyncio.get_running_loop()))


async def _intercept(
    interceptors: Sequence[grpc.aio.ServerInterceptor],
    handler: Any,
    details: Any,
) -> Any:
    """Wraps a handler; the first interceptor becomes the outermost."""
    if not interceptors:
        return handler
    continuation = partial(_intercept, interceptors[1:], handler)
    return await interceptors[0].intercept_service(continuation, details)


def _check_size(request: Message) -> None:
    """Refuses a request that is too large, as a gRPC server does."""
    size = request.ByteSize()
    if size > MAX_REQUEST_BYTES:
        if size <= MAX_BATCH_BYTES and is_batch(request):
            return
        raise error_of(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"Received message larger than max ({size} vs. {MAX_REQUEST_BYTES})",
        )


async def _unimplemented(_request: Message, context: CallContext) -> Message:
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")


@dataclass(frozen=True, slots=True)
class _Details:
    """The details of a call for interceptors, like `grpc.HandlerCallDetails`."""

    method: str
    invocation_metadata: Metadata


@dataclass(frozen=True, slots=True)
class _Recorder:
    """A server that only records the handlers added to it."""

    handlers: dict[str, Any]

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        """Does nothing: the registered handlers are the same."""

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: Mapping[str, Any]
    ) -> None:
        """Records the handlers of one service."""
        for name, handler in method_handlers.items():
            self.handlers[f"/{service_name}/{name}"] = handler


@dataclass(frozen=True, slots=True)
class InProcessChannel:
    """The part of `grpc.aio.Channel` that unary calls need."""

    _methods: Mapping[str, Method]
    _deadlines: Deadlines

    def unary_unary(
        self,
        method: str,
        request_serializer: object = None,
        response_deserializer: object = None,
        **_: object,
    ) -> Callable[..., "Call"]:
        """Returns the callable for a method, `/package.Service/Method`.

        It takes the request, `timeout` in seconds and `metadata`; its call raises
        `grpc.aio.AioRpcError` when awaited, UNIMPLEMENTED for an unknown method.
        """
        known = self._methods.get(method, _unimplemented)
        return partial(Call, known, self._deadlines)

    async def close(self, grace: float | None = None) -> None:
        """Does nothing: calls end with the tasks that made them."""


class Call:
    """One call. It runs when it is awaited, once."""

    __slots__ = ("_context", "_deadlines", "_method", "_request", "_timeout")

    def __init__(
        self,
        method: Method,
        deadlines: Deadlines,
        request: Message,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **_: object,
    ) -> None:
        self._method = method
        self._deadlines = deadlines
        self._request = request
        self._timeout = timeout
        self._context = CallContext(metadata or ())

    def __await__(self) -> Generator[Any, None, Message]:
        return self._run().__await__()

    async def trailing_metadata(self) -> grpc.aio.Metadata:
        """Returns the trailing metadata of a call that has been awaited."""
        return grpc.aio.Metadata(*self._context.trailing_metadata())

    async def _run(self) -> Message:
        """Runs the call within its deadline.

        It works like `asyncio.timeout`, at a fraction of the cost.
        """
        if self._timeout is not None and self._timeout <= 0:
            raise error_of(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")
        _check_size(self._request)
        context, response, failure = self._context, None, None
        task = context.task = _running()
        cancelled_before = task.cancelling()
        self._deadlines.begin(context, self._timeout)
        try:
            response = await self._method(self._request, context)
        except asyncio.CancelledError:
            if not context.expired or task.cancelling() > cancelled_before + 1:
                raise  # the caller was cancelled
        except Exception as error:  # `conclude` converts it below
            failure = error
        finally:
            self._deadlines.end(context)
            if context.expired:
                task.uncancel()
        if context.expired and not context.aborted:
            raise error_of(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")
        return context.conclude(response, failure)


def _running() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a call is awaited outside of any task")
    return task
