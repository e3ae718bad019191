"""Bearer tokens, permissions, and the callers that are remembered for a moment."""

import asyncio
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import pytest
from prospectconnect.iam.v1 import access_pb2

from edge.gates.access import Callers, bearer_token, challenge, check_role, check_scope
from edge.problems import ProblemError, permission_denied
from edge.trace import start_trace
from edge.usage.counts import Tallies
from tests.edge.callers import a_caller

TOKEN = "pcp_abc"


@pytest.mark.parametrize(
    "header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER   {TOKEN} "]
)
def test_a_bearer_token(header: str) -> None:
    assert bearer_token([header]) == TOKEN


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([], "TOKEN_MISSING"),
        (["Basic YTpi"], "TOKEN_MISSING"),
        (["Bearer"], "TOKEN_MISSING"),
        (["Bearer "], "TOKEN_INVALID"),
        (["Bearer a b"], "TOKEN_INVALID"),
        (["Bearer é"], "TOKEN_INVALID"),
        (["Bearer a, Bearer b"], "TOKEN_INVALID"),
        (["Bearer a", "Bearer a"], "TOKEN_INVALID"),
        (["Bearer " + "a" * 2049], "TOKEN_INVALID"),
    ],
)
def test_other_headers_are_refused(headers: list[str], reason: str) -> None:
    with pytest.raises(ProblemError) as caught:
        bearer_token(headers)
    assert caught.value.reason == reason
    assert caught.value.kind.status == 401


def test_scope_and_role_each_refuse_what_they_lack() -> None:
    caller = a_caller()
    for check, lacking, reason in (
        (check_scope, "contact.write", "SCOPE_DENIED"),
        (check_role, "deal.write", "ROLE_DENIED"),
    ):
        check(caller, "contact.read")
        check(caller, None)
        with pytest.raises(ProblemError) as caught:
            check(caller, lacking)
        assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("error", "attributes"),
    [
        (ProblemError("TOKEN_MISSING", ""), ""),
        (ProblemError("TOKEN_INVALID", ""), ', error="invalid_token"'),
        (
            permission_denied("SCOPE_DENIED", "deal.write"),
            ', error="insufficient_scope", scope="deal.write"',
        ),
    ],
)
def test_the_challenge(error: ProblemError, attributes: str) -> None:
    expected = f'Bearer realm="ProspectConnect"{attributes}'
    assert challenge(error, None) == {"WWW-Authenticate": expected}
    expected += ', resource_metadata="https://a/b"'
    assert challenge(error, "https://a/b") == {"WWW-Authenticate": expected}


def test_a_role_is_no_matter_of_tokens() -> None:
    assert challenge(permission_denied("ROLE_DENIED", "deal.write"), None) == {}


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
class Channel:
    """Stands for the services and counts what they are asked."""

    gate: asyncio.Event
    asked: list[dict[str, str]] = field(default_factory=list)
    expires_in: float | None = None

    def unary_unary(self, method: str, *codecs: Any) -> Any:
        return self.call

    def call(self, request: Any, *, timeout: Any = None, metadata: Any = None) -> Any:
        self.asked.append(dict(metadata))
        reply = access_pb2.Caller(token_id="pat_1", business_id="biz_1")
        reply.scope_permissions.append("contact.read")
        if self.expires_in is not None:
            reply.expires_at.FromNanoseconds(
                int((time.time() + self.expires_in) * 1_000_000_000)
            )
        return Answer(self.gate, reply)

    async def close(self, grace: float | None = None) -> None:
        return None


def open_channel(expires_in: float | None = None) -> Channel:
    channel = Channel(asyncio.Event(), expires_in=expires_in)
    channel.gate.set()
    return channel


async def behind(callers: Callers, token: str = TOKEN) -> Any:
    known = callers.known(token)
    return known or await callers.behind(token, start_trace([]), time.monotonic() + 30)


def test_a_caller_is_remembered() -> None:
    async def scenario() -> None:
        channel = open_channel()
        callers = Callers(channel, seconds=60, size=10, tally_of=Tallies().of)
        first, second = await behind(callers), await behind(callers)
        assert first is second
        assert first.scope_permissions == {"contact.read"}
        assert len(channel.asked) == 1
        assert channel.asked[0]["authorization"] == f"Bearer {TOKEN}"

    asyncio.run(scenario())


@pytest.mark.parametrize(("seconds", "expires_in"), [(0, None), (60, -1)])
def test_a_caller_is_forgotten(seconds: float, expires_in: float | None) -> None:
    async def scenario() -> None:
        channel = open_channel(expires_in)
        callers = Callers(channel, seconds, size=10, tally_of=Tallies().of)
        await behind(callers)
        await behind(callers)
        assert len(channel.asked) == 2

    asyncio.run(scenario())


def test_memory_is_bounded() -> None:
    async def scenario() -> None:
        channel = open_channel()
        callers = Callers(channel, seconds=60, size=2, tally_of=Tallies().of)
        for token in ("a", "b", "c", "c", "b", "a"):
            await behind(callers, token)
        assert len(channel.asked) == 4  # the first to come was the first to go

    asyncio.run(scenario())


def test_requests_at_once_share_a_question() -> None:
    async def scenario() -> None:
        channel = Channel(asyncio.Event())
        callers = Callers(channel, seconds=60, size=10, tally_of=Tallies().of)
        tasks = [asyncio.create_task(behind(callers)) for _ in range(10)]
        await asyncio.sleep(0)
        tasks[0].cancel()  # the one that asked goes away
        channel.gate.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(done[0], asyncio.CancelledError)
        assert all(caller is done[1] for caller in done[1:])
        assert len(channel.asked) == 1

    asyncio.run(scenario())


def test_nobody_asks_past_the_deadline() -> None:
    async def scenario() -> None:
        callers = Callers(open_channel(), seconds=60, size=10, tally_of=Tallies().of)
        with pytest.raises(ProblemError) as caught:
            await callers.behind(TOKEN, start_trace([]), time.monotonic() - 1)
        assert caught.value.kind.status == 504

    asyncio.run(scenario())
