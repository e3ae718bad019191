"""The in-process channel: what `grpc.aio.Channel` is to a caller, without a socket.

A call runs the same interceptors and the same method as on the server, in the task
of its caller. Codes, details, trailing metadata, deadlines and size limits come out
as over a socket; messages are passed on as they are, never serialised.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn, Protocol

import grpc
from google.protobuf.message import Message

MAX_REQUEST_BYTES = 4 * 1024 * 1024  # what a gRPC server accepts unless told otherwise

Metadata = Sequence[tuple[str, str | bytes]]
Method = Callable[[Message, "CallContext"], Awaitable[Message]]

_log = logging.getLogger(__name__)


class Server(Protocol):
    """What the generated `add_..._to_server` functions ask of a server."""

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        """Takes handlers that are looked up by a call's details."""

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: Mapping[str, Any]
    ) -> None:
        """Takes the handlers of one service by the names of their methods."""


async def open_channel(
    add_to: Callable[[Server], None],
    interceptors: Sequence[grpc.aio.ServerInterceptor],
) -> "InProcessChannel":
    """Opens a channel to the servicers that `add_to` adds to the server it is given.

    The interceptors wrap each method once, here: they may look at the name of a
    method when they choose what to wrap, not at the metadata of a call.
    """
    recorder = _Recorder({})
    add_to(recorder)
    methods = {}
    for name, handler in recorder.handlers.items():
        wrapped = await _intercept(interceptors, handler, _Details(name, ()))
        if wrapped is not None and wrapped.unary_unary is not None:
            methods[name] = wrapped.unary_unary
    return InProcessChannel(methods)


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


def _error(
    code: grpc.StatusCode, details: str, trailing: Metadata = ()
) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(
        code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailing), details
    )


def _check_size(request: Message) -> None:
    """Refuses a request that a gRPC server would not have let through."""
    size = request.ByteSize()
    if size > MAX_REQUEST_BYTES:
        raise _error(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"Received message larger than max ({size} vs. {MAX_REQUEST_BYTES})",
        )


async def _unimplemented(_request: Message, context: "CallContext") -> Message:
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")


@dataclass(frozen=True, slots=True)
class _Details:
    """What an interceptor is told about a call: `grpc.HandlerCallDetails`."""

    method: str
    invocation_metadata: Metadata


@dataclass(frozen=True, slots=True)
class _Recorder:
    """A server that only remembers what it was given."""

    handlers: dict[str, Any]

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        """Takes nothing: the registered handlers are the same ones."""

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: Mapping[str, Any]
    ) -> None:
        """Remembers the handlers of one service."""
        for name, handler in method_handlers.items():
            self.handlers[f"/{service_name}/{name}"] = handler


@dataclass(frozen=True, slots=True)
class InProcessChannel:
    """The part of `grpc.aio.Channel` that unary calls need."""

    _methods: Mapping[str, Method]

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
        return partial(Call, self._methods.get(method, _unimplemented))

    async def close(self, grace: float | None = None) -> None:
        """Does nothing: calls end with the tasks that made them."""


class Call:
    """One call. It runs when it is awaited, once."""

    __slots__ = ("_context", "_method", "_request", "_timeout")

    def __init__(
        self,
        method: Method,
        request: Message,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **_: object,
    ) -> None:
        self._method = method
        self._request = request
        self._timeout = timeout
        self._context = CallContext(metadata or (), asyncio.timeout(timeout))

    def __await__(self) -> Generator[Any, None, Message]:
        return self._run().__await__()

    async def trailing_metadata(self) -> grpc.aio.Metadata:
        """Returns the trailing metadata of a call that has been awaited."""
        return grpc.aio.Metadata(*self._context.trailing_metadata())

    async def _run(self) -> Message:
        if self._timeout is not None and self._timeout <= 0:
            raise _error(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")
        _check_size(self._request)
        context, response, failure = self._context, None, None
        try:
            async with context.deadline:
                response = await self._method(self._request, context)
        except Exception as error:  # the outcome below says what it means
            failure = error
        if context.deadline.expired() and not context.aborted:
            raise _error(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")
        return context.conclude(response, failure)


class CallContext:
    """The part of `grpc.aio.ServicerContext` that unary methods need."""

    __slots__ = ("_code", "_details", "_metadata", "_trailing", "aborted", "deadline")

    def __init__(self, metadata: Metadata, deadline: asyncio.Timeout) -> None:
        self._metadata = tuple(metadata)
        self.deadline = deadline
        self._code = grpc.StatusCode.OK
        self._details = ""
        self._trailing: Metadata = ()
        self.aborted = False

    async def abort(
        self,
        code: grpc.StatusCode,
        details: str = "",
        trailing_metadata: Metadata = (),
    ) -> NoReturn:
        """Ends the call with an error. Nothing that the method does later counts.

        Raises `grpc.aio.UsageError` when the call has been aborted before.
        """
        if self.aborted:
            raise grpc.aio.UsageError("Abort already called!")
        self.aborted = not self.deadline.expired()
        self._code = code
        self._details = details or self._details
        self._trailing = trailing_metadata or self._trailing
        raise grpc.aio.AbortError("Locally aborted.")

    async def abort_with_status(self, status: grpc.Status) -> NoReturn:
        """Ends the call with a status."""
        await self.abort(status.code, status.details, status.trailing_metadata or ())

    def conclude(self, response: Message | None, failure: Exception | None) -> Message:
        """Turns what a method returned or raised into what its caller gets."""
        if failure is not None and not self.aborted:
            _log.error("A method failed", exc_info=failure)
            if self._code is grpc.StatusCode.OK:
                self._code = grpc.StatusCode.UNKNOWN
            self._details = "The method failed."  # never the exception's own text
        if self._code is not grpc.StatusCode.OK:
            raise _error(self._code, self._details, self._trailing)
        if response is None:
            raise _error(grpc.StatusCode.UNKNOWN, "The method gave no answer.")
        return response

    def invocation_metadata(self) -> Metadata:
        """Returns the metadata that the caller sent."""
        return self._metadata

    def set_trailing_metadata(self, trailing_metadata: Metadata) -> None:
        """Sets the metadata that follow the answer."""
        if not self.aborted:
            self._trailing = trailing_metadata

    def trailing_metadata(self) -> Metadata:
        """Returns the trailing metadata set so far."""
        return self._trailing

    def set_code(self, code: grpc.StatusCode) -> None:
        """Sets the code; one other than OK discards the method's response."""
        if not self.aborted:
            self._code = code

    def code(self) -> grpc.StatusCode:
        """Returns the code set so far."""
        return self._code

    def set_details(self, details: str) -> None:
        """Sets the text that goes with the code."""
        if not self.aborted:
            self._details = details

    def details(self) -> str:
        """Returns the text set so far."""
        return self._details

    def time_remaining(self) -> float | None:
        """Returns the seconds until the deadline, or None where there is none."""
        when = self.deadline.when()
        return None if when is None else when - asyncio.get_running_loop().time()

    def peer(self) -> str:
        """Names where the call came from."""
        return "inprocess"
