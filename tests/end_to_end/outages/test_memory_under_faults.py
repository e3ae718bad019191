"""Whatever fails leaves nothing behind: memory, descriptors, connections, tasks.

`MEMORY_BATCHES=200` in the environment makes the proof longer.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import pytest

from tests import stacks
from tests.client import Client
from tests.harness.database.own_postgres import OwnPostgres, migrated_postgres
from tests.harness.database.row_lock import held, until
from tests.harness.errands import Ask
from tests.harness.hostile import troubles
from tests.harness.programs import census_program
from tests.harness.programs.census_program import NO_FAULT, Census
from tests.harness.wire.scrape import scrape
from tests.rounds import rounds
from tests.stacks import Process, Stack
from tests.world import Tenant, new_tenant

BATCHES = rounds("MEMORY_BATCHES")
ROUNDS, CLIENTS = 3, 4  # in each batch: how often all kinds come, from how many at once
DEADLINE_SECONDS = 0.5
CONNECTIONS = 4
SETTINGS = {
    "PROSPECTCONNECT_MAX_CONNECTIONS": str(CONNECTIONS),
    "PROSPECTCONNECT_REQUEST_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
    "PROSPECTCONNECT_METRICS_PORT": "0",
    "PROSPECTCONNECT_LOG_REQUESTS": "false",
    **stacks.UNLIMITED,
}

MOST_MIB = 4.0
MOST_OBJECTS = 500
SLACK = 2  # of what comes and goes, less than there are batches in a half
_PATIENCE_SECONDS = 180.0
_HOLD = "UPDATE contacts SET city = 'x' WHERE business_id = $1"


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgres]:
    """A PostgreSQL of these tests' own, migrated."""
    with migrated_postgres() as server:
        yield server


@dataclass(frozen=True, slots=True)
class Subject:
    """The process that is watched, its database, and a tenant with a contact."""

    process: Process
    server: OwnPostgres
    file: Path
    tenant: Tenant
    contact: str
    limited: str  # a token that has no request left

    def suffer(self, batch: int) -> int:
        """Has everything fail that can; how many kinds of requests were sent."""
        count = self.send_troubles(batch)
        self.wait_too_long()
        with self.server.frozen():
            self.ask_in_vain()
        asyncio.run(_cut(self.server.url))
        return count

    def send_troubles(self, batch: int) -> int:
        """Requests that fail while the database is well."""

        def send(number: int) -> int:
            seed = f"{batch} {number}"
            return troubles.send(self.tenant, self.limited, ROUNDS, seed)

        with ThreadPoolExecutor(CLIENTS) as threads:
            return sum(threads.map(send, range(CLIENTS)))

    def wait_too_long(self) -> None:
        """Requests whose deadline passes while the database works for them."""
        with held(self.server.url, _HOLD, self.tenant.business_id):
            self.ask_in_vain()

    def ask_in_vain(self) -> None:
        """More clients than connections, none of whom is served in time."""

        def ask(_: int) -> None:
            with closing(self.tenant.client()) as client:
                change = {"city": secrets.token_hex(8)}
                answer = client.patch(f"/contacts/{self.contact}", change)
                assert answer.status in (503, 504), answer

        with ThreadPoolExecutor(2 * CONNECTIONS) as threads:
            list(threads.map(ask, range(2 * CONNECTIONS)))

    def census(self) -> Census:
        """What the process holds once it has come to rest."""
        with closing(self.tenant.client()) as client:
            search = Ask("POST", "/contacts/search", {})
            until(lambda: answers(client, search), _PATIENCE_SECONDS)
        until(self.is_at_rest, _PATIENCE_SECONDS)
        return census_program.take(self.process.handle.pid, self.file)

    def is_at_rest(self) -> bool:
        """Whether all of its connections to the database are idle."""
        found = scrape(self.process.metrics)
        opened = found.value("prospectconnect_pool_open")
        return 0 < opened == found.value("prospectconnect_pool_idle") <= CONNECTIONS


def answers(client: Client, ask: Ask) -> bool:
    return client.send(ask.method, ask.path, ask.body).status == 200


async def _cut(url: str) -> None:
    """Ends all connections to the database but this one."""
    link = await asyncpg.connect(url)
    await link.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await link.close()


@contextmanager
def watched(
    server: OwnPostgres, folder: Path, fault: str = NO_FAULT
) -> Iterator[Subject]:
    """Runs the program that can be counted, in one process."""
    ports = ("--http-port", "0", "--grpc-port", "0")
    place = ("--database-url", server.url, "--data-dir", str(folder))
    file, log = folder / "census.json", folder / "log"
    program = census_program.program(file, fault)
    with log.open("w") as text:
        process = stacks.start(
            *("serve", "--no-demo", *ports, *place),
            env=SETTINGS,
            program=program,
            log=text,
        )
    try:
        stack = Stack("together", process.http, process.grpc, server.url)
        tenant = new_tenant(stack)
        limited = tenant.token(rate_limit=(1, 86_400))
        subject = Subject(process, server, file, tenant, "", limited)
        with closing(tenant.client()) as client:
            made = client.create("/contacts", {"email": "a@b.example"})
            spent = {"authorization": f"Bearer {limited}"}
            until(lambda: client.get("/me", **spent).status == 429, _PATIENCE_SECONDS)
        yield replace(subject, contact=made["id"])
    finally:
        assert process.stop() == 0


def suffered(subject: Subject, batches: int) -> Sequence[Census]:
    """What is held after each batch, of which the first ones warm up."""
    found, requests = list[Census](), 0
    troubles.fill(subject.tenant)
    for batch in range(batches):
        requests += subject.suffer(batch)
        found.append(subject.census())
        print(f"after {requests} troubles: {told(found[-1])}")
    return found


def told(census: Census) -> str:
    return (
        f"{census.resident:.1f} MiB, {census.total} objects, {census.tasks} tasks,"
        f" {census.descriptors} descriptors"
    )


def left_behind(before: Census, after: Census) -> dict[str, float]:
    """What there is more of than may have come meanwhile."""
    grown = {
        "MiB": (after.resident - before.resident, MOST_MIB),
        "objects": (after.total - before.total, MOST_OBJECTS),
        "tasks": (after.tasks - before.tasks, SLACK),
        "descriptors": (after.descriptors - before.descriptors, SLACK),
    }
    return {what: more for what, (more, most) in grown.items() if more > most}


def test_what_fails_leaves_nothing_behind(server: OwnPostgres, tmp_path: Path) -> None:
    with watched(server, tmp_path) as subject:
        found = suffered(subject, BATCHES)
    middle, last = found[len(found) // 2 - 1], found[-1]
    kinds = Counter(last.objects)
    kinds.subtract(middle.objects)
    assert left_behind(middle, last) == {}, kinds.most_common(12)


@pytest.mark.canary
def test_what_keeps_its_exchanges_is_found_out(
    server: OwnPostgres, tmp_path: Path
) -> None:
    with watched(server, tmp_path, "exchanges_kept") as subject:
        subject.send_troubles(0)
        before = subject.census()
        subject.send_troubles(1)
        after = subject.census()
    assert left_behind(before, after).keys() >= {"MiB", "objects", "tasks"}


def test_more_of_anything_is_told() -> None:
    before = Census({"dict": 1_000}, tasks=5, descriptors=20, resident=90.0)
    more = Census({"dict": 1_600}, tasks=9, descriptors=30, resident=99.0)
    assert left_behind(before, before) == {}
    assert left_behind(before, more).keys() == {
        *("MiB", "objects", "tasks", "descriptors")
    }
