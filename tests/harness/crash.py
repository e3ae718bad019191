"""Crashes: kills the program and its PostgreSQL under load, again and again.

In each round, clients create contacts with idempotency keys until all processes are
killed at the same time. In the next round each client first repeats its unacknowledged
request, with the same key. At the end, the database shows the result of every request.
"""

import asyncio
import http.client
import random
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg

from deploy.embedded import postgres
from tests.client import Answer, Client
from tests.harness.database.own_postgres import kill
from tests.harness.database.ready_made import ready_made
from tests.stacks import PROGRAM, Process, Stack, start
from tests.world import Tenant, new_tenant

CLIENTS = 8

_MOST_ACKNOWLEDGED = 40  # in a round, before everything is killed
_PATIENCE_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Request:
    """A create: its key, and the e-mail address by which it is found again."""

    key: str
    email: str


@dataclass(slots=True)
class Sender:
    """One client: its acknowledged requests, and the request without an answer."""

    number: int
    send: "Send"
    acknowledged: dict[Request, bytes] = field(default_factory=dict)
    open: Request | None = None
    sent: int = 0
    repeated: int = 0
    contradicted: list[Request] = field(default_factory=list)

    def work(
        self, client: Client, stop: threading.Event, acks: threading.Semaphore
    ) -> None:
        """Sends one request after the other until it is stopped or disconnected."""
        with closing(client), suppress(OSError, http.client.HTTPException):
            if self.acknowledged and not self._repeat_newest(client):
                return
            while self.open is not None or not stop.is_set():
                if self.open is None:
                    self.sent += 1
                    name = f"{self.number}-{self.sent}"
                    self.open = Request(name, f"c{name}@crash.example")
                else:
                    self.repeated += 1
                answer = self.send(client, self.open)
                if answer.status >= 500:  # the database died before the program
                    return
                assert answer.status in (200, 201), answer.body
                self.acknowledged[self.open] = answer.body
                self.open = None
                acks.release()

    def _repeat_newest(self, client: Client) -> bool:
        """Repeats the last acknowledged request: it must get the same answer."""
        request, body = next(reversed(self.acknowledged.items()))
        answer = self.send(client, request)
        if answer.status >= 500:
            return False
        if answer.body != body or "idempotent-replayed" not in answer.headers:
            self.contradicted.append(request)
        return True


def send(client: Client, request: Request) -> Answer:
    """Sends a create under its key."""
    body = {"email": request.email, "tags": ["crash"]}
    return client.post("/contacts", body, idempotency_key=request.key)


def send_batch(client: Client, request: Request) -> Answer:
    """Sends the create in a batch, with that of the contact's company."""
    company = {"name": request.key}
    contact = {"email": request.email, "tags": ["crash"], "company_id": "@company"}
    made = {"companies": company, "contacts": contact}
    operations = [
        {"method": "create", "resource": name, "body": body, "ref": ref}
        for (name, body), ref in zip(made.items(), ("company", None), strict=True)
    ]
    body = {"operations": operations}
    return client.post("/batch", body, idempotency_key=request.key)


Send = Callable[[Client, Request], Answer]


@dataclass(frozen=True, slots=True)
class Findings:
    """The result of all rounds. The lists contain e-mail addresses."""

    acknowledged: int
    repeated: int  # requests that were sent again because they got no answer
    lost: Sequence[str]  # acknowledged, but missing
    doubled: Sequence[str]  # present more than once
    torn: Sequence[str]  # present without exactly one key and one timeline entry
    contradicted: Sequence[str]  # with a different answer the second time
    recoveries: Sequence[float]  # seconds from each start after a crash to ready


def run(
    data_dir: Path,
    rounds: int,
    program: Sequence[str] = PROGRAM,
    send: Send = send,
) -> Findings:
    """Kills all processes `rounds` times, and compares the data with the promises."""
    ready_made(data_dir)
    with postgres.running(data_dir, lambda _: None) as url:
        tenant = new_tenant(Stack("together", "", "", url))
    senders = [Sender(number, send) for number in range(CLIENTS)]
    recoveries: list[float] = []
    process = _serve(data_dir, program)
    for _ in range(rounds):
        _load(process, tenant, senders, partial(kill, data_dir, process.handle.pid))
        _collect(process)
        crashed = time.monotonic()
        process = _serve(data_dir, program)
        recoveries.append(time.monotonic() - crashed)
    _load(process, tenant, senders, lambda: None)
    assert process.stop() == 0
    with postgres.running(data_dir, lambda _: None) as url:
        there = asyncio.run(_contacts(url, tenant.business_id))
    return judge(senders, list(map(dict, there)), recoveries)


def _serve(data_dir: Path, program: Sequence[str]) -> Process:
    ports = ("--http-port", "0", "--grpc-port", "0")
    arguments = ("serve", "--no-demo", "--data-dir", str(data_dir), *ports)
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false"}
    return start(*arguments, env=env, program=program)


def _load(
    process: Process, tenant: Tenant, senders: Sequence[Sender], end: Callable[[], None]
) -> None:
    """Runs the senders, and calls `end` at a random moment."""
    stop, acks = threading.Event(), threading.Semaphore(0)
    with ThreadPoolExecutor(len(senders)) as threads:
        clients = [Client(process.http, tenant.tokens["owner"]) for _ in senders]
        under_way = [
            threads.submit(sender.work, client, stop, acks)
            for sender, client in zip(senders, clients, strict=True)
        ]
        for _ in range(random.randint(CLIENTS, _MOST_ACKNOWLEDGED)):
            assert acks.acquire(timeout=_PATIENCE_SECONDS)
        end()
        stop.set()
    for each in under_way:
        each.result()


def _collect(process: Process) -> None:
    with process.handle:
        assert process.handle.wait(_PATIENCE_SECONDS) == -signal.SIGKILL


async def _contacts(url: str, business_id: str) -> list[asyncpg.Record]:
    """Reads each contact: e-mail address, id, its timeline entries, its keys."""
    link = await asyncpg.connect(url)
    try:
        return await link.fetch(
            "SELECT email, id, (SELECT count(*) FROM activities AS a"
            " WHERE a.business_id = $1 AND a.contact_id = c.id) AS told,"
            " (SELECT count(*) FROM idempotency_keys AS k WHERE k.business_id = $1"
            " AND 'c' || k.key || '@crash.example' = c.email) AS keys"
            " FROM contacts AS c WHERE business_id = $1",
            business_id,
        )
    finally:
        await link.close()


def judge(
    senders: Sequence[Sender],
    there: Sequence[Mapping[str, Any]],
    recoveries: Sequence[float],
) -> Findings:
    """Compares the acknowledged requests with the existing contacts."""
    ids: dict[str, set[str]] = {}
    for row in there:
        ids.setdefault(row["email"], set()).add(row["id"])
    promised = {r.email: body for s in senders for r, body in s.acknowledged.items()}
    return Findings(
        acknowledged=len(promised),
        repeated=sum(sender.repeated for sender in senders),
        lost=[
            email
            for email, body in promised.items()
            if not any(each.encode() in body for each in ids.get(email, ()))
        ],
        doubled=[email for email, found in ids.items() if len(found) > 1],
        torn=[r["email"] for r in there if r["told"] != 1 or r["keys"] != 1],
        contradicted=[r.email for s in senders for r in s.contradicted],
        recoveries=recoveries,
    )
