"""The callers behind tokens: cached for a moment, and asked once for many requests."""

import asyncio
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import pytest
from prospectconnect.iam.v1 import access_pb2

from edge.callers.caller_cache import CallerCache
from edge.problems import ProblemError
from edge.trace import start_trace
from edge.usage.tallies import Tallies

TOKEN = "pcp_abc"


@dataclass
class Answer:
    """A call that is answered when `gate` opens."""

    gate: asyncio.Event
    reply: access_pb2.Caller

    def __await__(self) -> Generator[Any, None, access_pb2.Caller]:
        yield from self.gate.wait().__await__()
        return self.reply

    async def trailing_metadata(self) -> None:
        return None


@dataclass
class Services:
    """Stands for the services and counts the questions."""

    gate: asyncio.Event
    asked: list[dict[str, str]] = field(default_factory=list)
    expires_in: float | None = None

    def call(self, request: Any, *, timeout: Any = None, metadata: Any = None) -> Any:
        self.asked.append(dict(metadata))
        reply = access_pb2.Caller(token_id="pat_1", business_id="biz_1")
        reply.scope_permissions.append("contact.read")
        if self.expires_in is not None:
            reply.expires_at.FromNanoseconds(
                int((time.time() + self.expires_in) * 1_000_000_000)
            )
        return Answer(self.gate, reply)


def prompt_services(expires_in: float | None = None) -> Services:
    """Services that answer at once."""
    services = Services(asyncio.Event(), expires_in=expires_in)
    services.gate.set()
    return services


async def behind(callers: CallerCache, token: str = TOKEN) -> Any:
    cached = callers.cached(token)
    return cached or await callers.resolve(
        token, start_trace([]), time.monotonic() + 30
    )


def test_a_caller_is_remembered() -> None:
    async def scenario() -> None:
        services = prompt_services()
        callers = CallerCache(services.call, seconds=60, size=10, tally_of=Tallies().of)
        first, second = await behind(callers), await behind(callers)
        assert first is second
        assert first.scope_permissions == {"contact.read"}
        assert len(services.asked) == 1
        assert services.asked[0]["authorization"] == f"Bearer {TOKEN}"

    asyncio.run(scenario())


@pytest.mark.parametrize(("seconds", "expires_in"), [(0, None), (60, -1)])
def test_a_caller_is_forgotten(seconds: float, expires_in: float | None) -> None:
    async def scenario() -> None:
        services = prompt_services(expires_in)
        callers = CallerCache(services.call, seconds, size=10, tally_of=Tallies().of)
        await behind(callers)
        await behind(callers)
        assert len(services.asked) == 2

    asyncio.run(scenario())


def test_memory_is_bounded() -> None:
    async def scenario() -> None:
        services = prompt_services()
        callers = CallerCache(services.call, seconds=60, size=2, tally_of=Tallies().of)
        for token in ("a", "b", "c", "c", "b", "a"):
            await behind(callers, token)
        assert len(services.asked) == 4  # the first to come was the first to go

    asyncio.run(scenario())


def test_requests_at_once_share_a_question() -> None:
    async def scenario() -> None:
        services = Services(asyncio.Event())
        callers = CallerCache(services.call, seconds=60, size=10, tally_of=Tallies().of)
        tasks = [asyncio.create_task(behind(callers)) for _ in range(10)]
        await asyncio.sleep(0)
        tasks[0].cancel()  # the one that asked goes away
        services.gate.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(done[0], asyncio.CancelledError)
        assert all(caller is done[1] for caller in done[1:])
        assert len(services.asked) == 1

    asyncio.run(scenario())


def test_nobody_asks_past_the_deadline() -> None:
    async def scenario() -> None:
        callers = CallerCache(
            prompt_services().call, seconds=60, size=10, tally_of=Tallies().of
        )
        with pytest.raises(ProblemError) as caught:
            await callers.resolve(TOKEN, start_trace([]), time.monotonic() - 1)
        assert caught.value.kind.status == 504

    asyncio.run(scenario())
