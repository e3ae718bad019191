"""The channel to the services, as the edge uses it, and the methods on it."""

from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
from typing import Any, Protocol

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass


class UpstreamCall(Protocol):
    """A call in progress, such as `grpc.aio.UnaryUnaryCall`."""

    def __await__(self) -> Generator[Any, None, Any]:
        """Waits for the answer; raises `grpc.aio.AioRpcError`."""

    def trailing_metadata(self) -> Awaitable[Any]:
        """The metadata pairs that follow the answer."""


class UpstreamMethod(Protocol):
    """A method that can be called, such as `grpc.aio.UnaryUnaryMultiCallable`."""

    def __call__(
        self, request: Any, *, timeout: float | None = None, metadata: Any = None
    ) -> UpstreamCall:
        """Begins a call; `timeout` in seconds."""


class UpstreamChannel(Protocol):
    """What the edge needs of a channel.

    `grpc.aio.Channel` has it, and so has the channel within one process.
    """

    def unary_unary(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
    ) -> UpstreamMethod:
        """Makes a method callable."""

    async def close(self, grace: float | None = None) -> None:
        """Closes the channel; `grace` in seconds."""


OpenChannel = Callable[[], Awaitable[UpstreamChannel]]

# By the class of the request message, which belongs to one method only.
UpstreamMethods = Mapping[type[Message], UpstreamMethod]


def open_method(
    channel: UpstreamChannel, rpc: str, request: type[Message], response: type[Message]
) -> UpstreamMethod:
    """Makes a method callable. Once for each, at start."""
    return channel.unary_unary(rpc, request.SerializeToString, response.FromString)


def open_methods(
    channel: UpstreamChannel, services: Iterable[ServiceDescriptor]
) -> UpstreamMethods:
    """Makes the methods of some services callable, but for streams. Once, at start.

    Raises:
        ValueError: Two methods take the same request message.
    """
    found: dict[type[Message], UpstreamMethod] = {}
    for service in services:
        for method in service.methods:
            if method.server_streaming:
                continue  # the edge makes its streams of pages
            request = GetMessageClass(method.input_type)
            if request in found:
                name = method.input_type.full_name
                raise ValueError(f"{name} is the request of two methods")
            rpc = f"/{service.full_name}/{method.name}"
            response = GetMessageClass(method.output_type)
            found[request] = open_method(channel, rpc, request, response)
    return found
