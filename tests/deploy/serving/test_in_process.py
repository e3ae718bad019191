"""The in-process channel answers as a real gRPC server does, call by call."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio

from deploy.serving import in_process

Behavior = Callable[[StringValue, Any], Awaitable[StringValue | None]]
SERVICE = "test.v1.EchoService"
METHOD = f"/{SERVICE}/Echo"
TOO_LARGE = "x" * (in_process.MAX_REQUEST_BYTES + 1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a caller sees of a call."""

    code: grpc.StatusCode
    text: str | None
    trailing: tuple[tuple[str, str | bytes], ...]


@dataclass(frozen=True, slots=True)
class Echo:
    """A servicer with one method, added the way that generated code does it."""

    behavior: Behavior

    def add_to(self, server: Any) -> None:
        handlers = {
            "Echo": grpc.unary_unary_rpc_method_handler(
                self.behavior,
                request_deserializer=StringValue.FromString,
                response_serializer=StringValue.SerializeToString,
            )
        }
        generic = grpc.method_handlers_generic_handler(SERVICE, handlers)
        server.add_generic_rpc_handlers((generic,))
        server.add_registered_method_handlers(SERVICE, handlers)
        health_pb2_grpc.add_HealthServicer_to_server(
            health_aio.HealthServicer(), server
        )


class Marked(grpc.aio.ServerInterceptor):
    """Puts its name around what the method says; built as the services' own are."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = await continuation(details)
        if handler is None or not details.method.startswith(f"/{SERVICE}/"):
            return handler

        async def marked(request: StringValue, context: Any) -> StringValue:
            answer = await handler.unary_unary(request, context)
            return StringValue(value=f"{self.name}({answer.value})")

        return grpc.unary_unary_rpc_method_handler(
            marked, handler.request_deserializer, handler.response_serializer
        )


@asynccontextmanager
async def over_socket(
    behavior: Behavior, *interceptors: grpc.aio.ServerInterceptor
) -> AsyncIterator[Any]:
    server = grpc.aio.server(interceptors=interceptors)
    Echo(behavior).add_to(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        options = (("grpc.max_receive_message_length", -1),)
        async with grpc.aio.insecure_channel(
            f"127.0.0.1:{port}", options=options
        ) as channel:
            yield channel
    finally:
        await server.stop(None)


@asynccontextmanager
async def in_this_process(
    behavior: Behavior, *interceptors: grpc.aio.ServerInterceptor
) -> AsyncIterator[Any]:
    channel = await in_process.open_channel(Echo(behavior).add_to, interceptors)
    yield channel
    await channel.close()


@pytest.fixture(params=[over_socket, in_this_process], ids=["socket", "in-process"])
def channel(request: pytest.FixtureRequest) -> Any:
    return request.param


def outcome(
    channel: Any,
    behavior: Behavior,
    *interceptors: grpc.aio.ServerInterceptor,
    **call: Any,
) -> Outcome:
    """Serves the behaviour, makes one call and returns how it ended."""

    async def scenario() -> Outcome:
        async with channel(behavior, *interceptors) as opened:
            return await outcome_of_call(opened, **call)

    return asyncio.run(scenario())


async def outcome_of_call(
    channel: Any,
    text: str = "hello",
    *,
    method: str = METHOD,
    seconds: float | None = 5.0,
    metadata: tuple[tuple[str, str], ...] = (),
) -> Outcome:
    call = channel.unary_unary(
        method,
        request_serializer=StringValue.SerializeToString,
        response_deserializer=StringValue.FromString,
    )(StringValue(value=text), timeout=seconds, metadata=metadata)
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        trailing = tuple(error.trailing_metadata() or ())
        return Outcome(error.code(), error.details(), trailing)
    trailing = tuple(await call.trailing_metadata())
    return Outcome(grpc.StatusCode.OK, answer.value, trailing)


async def echo(request: StringValue, context: Any) -> StringValue:
    return StringValue(value=request.value)


def test_answers_with_trailing_metadata(channel: Any) -> None:
    async def behavior(request: StringValue, context: Any) -> StringValue:
        sent = dict(context.invocation_metadata())
        context.set_trailing_metadata((("etag", sent["key"]),))
        return request

    assert outcome(channel, behavior, metadata=(("key", "7"),)) == Outcome(
        grpc.StatusCode.OK, "hello", (("etag", "7"),)
    )


def test_abort_carries_code_details_and_metadata(channel: Any) -> None:
    status = (("grpc-status-details-bin", b"\x08\x05"),)

    async def behavior(request: StringValue, context: Any) -> Any:
        await context.abort(grpc.StatusCode.NOT_FOUND, "No such thing.", status)

    expected = Outcome(grpc.StatusCode.NOT_FOUND, "No such thing.", status)
    assert outcome(channel, behavior) == expected


def test_abort_wins_when_the_method_swallows_it(channel: Any) -> None:
    async def behavior(request: StringValue, context: Any) -> StringValue:
        try:
            await context.abort(grpc.StatusCode.ABORTED, "First.")
        except grpc.aio.AbortError:
            context.set_code(grpc.StatusCode.OK)
            context.set_details("Second.")
        with suppress(grpc.aio.UsageError):
            await context.abort(grpc.StatusCode.INTERNAL, "Third.")
        return request

    assert outcome(channel, behavior) == Outcome(grpc.StatusCode.ABORTED, "First.", ())


def test_code_set_by_the_method_discards_its_answer(channel: Any) -> None:
    async def behavior(request: StringValue, context: Any) -> StringValue:
        context.set_code(grpc.StatusCode.FAILED_PRECONDITION)
        context.set_details("Not now.")
        return request

    expected = Outcome(grpc.StatusCode.FAILED_PRECONDITION, "Not now.", ())
    assert outcome(channel, behavior) == expected


@pytest.mark.parametrize("answer", ["raises", "nothing"])
def test_failing_method_is_unknown(channel: Any, answer: str) -> None:
    async def behavior(request: StringValue, context: Any) -> StringValue | None:
        if answer == "raises":
            raise ValueError("a secret")
        return None

    result = outcome(channel, behavior)
    assert result.code == grpc.StatusCode.UNKNOWN
    assert channel is over_socket or "secret" not in str(result.text)


def test_deadline_cancels_the_method(channel: Any) -> None:
    ended: list[bool] = []

    async def behavior(request: StringValue, context: Any) -> StringValue:
        assert 0 < context.time_remaining() < 2  # gRPC rounds upwards
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        return request

    started = time.monotonic()
    result = outcome(channel, behavior, seconds=1.0)
    assert result.code == grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - started < 60  # a busy machine is late
    assert ended


def test_deadline_counts_when_the_method_swallows_it(channel: Any) -> None:
    async def behavior(request: StringValue, context: Any) -> StringValue:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            context.set_details("late")
        return request

    result = outcome(channel, behavior, seconds=0.05)
    assert result.code == grpc.StatusCode.DEADLINE_EXCEEDED


def test_deadline_in_the_past(channel: Any) -> None:
    assert outcome(channel, echo, seconds=-1).code == grpc.StatusCode.DEADLINE_EXCEEDED


def test_no_deadline(channel: Any) -> None:
    async def behavior(request: StringValue, context: Any) -> StringValue:
        return StringValue(value=str(context.time_remaining()))

    assert outcome(channel, behavior, seconds=None).text == "None"


def test_cancelling_the_caller_cancels_the_method(channel: Any) -> None:
    async def scenario() -> None:
        running, ended = asyncio.Event(), asyncio.Event()

        async def behavior(request: StringValue, context: Any) -> StringValue:
            running.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            return request

        async with channel(behavior) as opened:
            caller = asyncio.create_task(outcome_of_call(opened))
            await running.wait()
            caller.cancel()
            with pytest.raises(asyncio.CancelledError):
                await caller
            await asyncio.wait_for(ended.wait(), 60)

    asyncio.run(scenario())


def test_a_request_over_the_limit(channel: Any) -> None:
    result = outcome(channel, echo, text=TOO_LARGE)
    assert result.code == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_an_answer_may_be_large(channel: Any) -> None:
    async def behavior(request: StringValue, context: Any) -> StringValue:
        return StringValue(value=TOO_LARGE)

    assert outcome(channel, behavior).code == grpc.StatusCode.OK


def test_unknown_method(channel: Any) -> None:
    expected = Outcome(grpc.StatusCode.UNIMPLEMENTED, "Method not found!", ())
    assert outcome(channel, echo, Marked("a"), method=f"/{SERVICE}/Nothing") == expected


def test_first_interceptor_is_the_outermost(channel: Any) -> None:
    assert outcome(channel, echo, Marked("a"), Marked("b")).text == "a(b(hello))"


def test_answers_health_checks(channel: Any) -> None:
    async def scenario() -> health_pb2.HealthCheckResponse:
        async with channel(echo, Marked("a")) as opened:
            check = opened.unary_unary(
                "/grpc.health.v1.Health/Check",
                health_pb2.HealthCheckRequest.SerializeToString,
                health_pb2.HealthCheckResponse.FromString,
            )
            return await check(health_pb2.HealthCheckRequest(), timeout=60)

    assert asyncio.run(scenario()).status == health_pb2.HealthCheckResponse.SERVING
