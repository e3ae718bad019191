"""Clients that disconnect at a random moment of a write, and the effects of the write.

Each round sends one request with a new key and closes the connection while the request
is in progress, regularly or by a reset. Afterwards one statement counts the effects of
the write, including its key: all must exist, or none.
"""

import asyncio
import json
import random
import socket
import statistics
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

import asyncpg

from tests.client import VERSION, Answer, Client
from tests.harness.errands import Ask, Errand
from tests.harness.wire.raw_http import connected, read_answer, request
from tests.world import Tenant

CLIENTS = 6

_MEASURED = 40  # the first half is the warm-up
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets the connection


@dataclass(slots=True)
class Findings:
    """The results of the rounds. The lists contain keys."""

    done: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    half_done: list[str] = field(default_factory=list)
    answered: int = 0  # before the client disconnected
    wrong_again: list[str] = field(default_factory=list)  # wrong answer to a repetition
    wrong_after: list[str] = field(default_factory=list)  # not done exactly once


@dataclass(slots=True)
class Pace:
    """The longest time until a client disconnects.

    It adapts to the answers, so that about two of five clients get their answer, also
    on a busy machine, and the others disconnect at all moments before.
    """

    seconds: float

    def saw(self, *, answered: bool) -> None:
        """Adapts to a client that was answered, or disconnected before."""
        self.seconds *= 0.93 if answered else 1.05


def sent(address: str, token: str, ask: Ask, share: float = 1.0) -> socket.socket:
    """Sends a request, or a share of its bytes, on a new connection."""
    body = b"" if ask.body is None else json.dumps(ask.body).encode()
    headers = [
        ("host", address),
        ("authorization", f"Bearer {token}"),
        ("version", VERSION),
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
    ]
    if ask.key:
        headers.append(("idempotency-key", ask.key))
    data = request(f"{ask.method} /v1{ask.path} HTTP/1.1", headers, body)
    link = connected(address)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.sendall(data[: int(len(data) * share)])
    return link


def leave(link: socket.socket, *, abruptly: bool) -> None:
    """Closes a connection; `abruptly` by a reset, like a client that has crashed."""
    if abruptly:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    link.close()


def run(
    tenant: Tenant, errand: Errand, rounds: int, seed: int, rest: Callable[[], None]
) -> Findings:
    """Runs the rounds with concurrent clients, and checks the effects of each.

    `rest` returns when no request is under way: on a busy machine, a write may still be
    done long after its client has gone.
    """
    keys = [f"{errand.name}-{number}" for number in range(rounds)]
    with closing(tenant.client()) as client:
        asks = [errand.prepare(client, key) for key in keys]
        pace = Pace(2 * _usual_seconds(tenant, errand, client))
        leave_once = partial(_leave_once, tenant, pace)
        draws = [random.Random(f"{seed} {key}") for key in keys]
        with ThreadPoolExecutor(CLIENTS) as threads:
            answered = sum(threads.map(leave_once, asks, draws))
        rest()
        found = Findings(answered=answered)
        for key, facts in counted(tenant, errand, keys).items():
            _sort_in(found, key, facts)
        for key, ask in zip(keys, asks, strict=True):
            if not _repeats(client, errand, ask, key in found.done):
                found.wrong_again.append(key)
    after = counted(tenant, errand, keys)
    found.wrong_after = [k for k, facts in after.items() if set(facts) != {1}]
    return found


def counted(
    tenant: Tenant, errand: Errand, keys: Sequence[str]
) -> Mapping[str, Sequence[int]]:
    """The counted effects for each key, all at one moment."""

    async def count() -> list[asyncpg.Record]:
        link = await asyncpg.connect(tenant.stack.database_url)
        try:
            return await link.fetch(errand.facts, tenant.business_id, keys)
        finally:
            await link.close()

    return {key: facts for key, *facts in asyncio.run(count())}


def _usual_seconds(tenant: Tenant, errand: Errand, client: Client) -> float:
    """The time until an answer with as many clients, of which none disconnects."""
    asks = [errand.prepare(client, f"measured-{n}") for n in range(_MEASURED)]

    def measure(ask: Ask) -> float:
        began = time.monotonic()
        with sent(tenant.stack.http, tenant.tokens["owner"], ask) as link:
            answer = read_answer(link, ask.method)
        assert answer is not None
        assert answer.status < 300, answer.body
        return time.monotonic() - began

    with ThreadPoolExecutor(CLIENTS) as threads:
        seconds = list(threads.map(measure, asks))
    return statistics.median(seconds[_MEASURED // 2 :])


def _leave_once(tenant: Tenant, pace: Pace, ask: Ask, draws: random.Random) -> bool:
    """Disconnects at a random moment; returns whether there was an answer by then."""
    share = 1.0 if draws.random() < 0.9 else draws.random()
    link = sent(tenant.stack.http, tenant.tokens["owner"], ask, share)
    time.sleep(draws.uniform(0, pace.seconds))  # the moment is the subject of the test
    link.setblocking(False)
    try:
        answered = link.recv(1) != b""
    except BlockingIOError:
        answered = False
    leave(link, abruptly=draws.random() < 0.5)
    if share == 1.0:
        pace.saw(answered=answered)
    return answered


def _sort_in(found: Findings, key: str, facts: Sequence[int]) -> None:
    if set(facts) == {1}:
        found.done.append(key)
    elif set(facts) == {0}:
        found.undone.append(key)
    else:
        found.half_done.append(f"{key}: {facts}")


def _repeats(client: Client, errand: Errand, ask: Ask, was_done: bool) -> bool:
    """Whether a repetition gets the right answer for a request that was done or not."""
    headers = {"idempotency_key": ask.key} if ask.key else {}
    answer: Answer = client.send(ask.method, ask.path, ask.body, **headers)
    replayed = "idempotent-replayed" in answer.headers
    if ask.key and was_done and not replayed:
        return False
    return answer.status == errand.again[was_done]
