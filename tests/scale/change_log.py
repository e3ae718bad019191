"""What the log of changes costs, in the layout that it has and in others.

`python -m tests.scale.change_log [CHANGES]` creates contacts and changes them without a
log, with the log, with one that holds the whole record after each change, and with one
that holds differences alone. It prints as a Markdown table the processor time of a
create and of a change (the engine's and PostgreSQL's, without the edge), the bytes of a
change on disk, and the processor time of reading a record with so many changes as it
was.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from prospectconnect.crm.v1.contacts_pb2 import Contact, ReadContactAsOfRequest

from deploy.embedded import postgres
from services.caller import Call
from services.clock import from_timestamp, now, to_timestamp
from services.every_kind import compile_kinds
from services.history import past
from services.history.past import Past
from services.iam.tenants import create_user
from services.kinds.record_type import RecordType
from services.postgres.database import Database
from services.postgres.schema import migrate
from services.records.engine import Records
from services.records.log.changes import Change, Changes
from services.tenant_setup import create_tenant
from tests.bench.cpu import cpu_seconds
from tests.services.callers import caller

CONTACT = compile_kinds()["contact"]
AT_ONCE, ROUNDS, READS = 50, 15, 200


class WholeChanges(Changes):
    """Keeps the whole record after each change."""

    def updated(
        self, differences: Any, values: Sequence[Any], version: int, moment: int
    ) -> Change:
        change = super().updated(differences, values, version, moment)
        return replace(change, image=self.created(values, moment).image, now=None)


class BareChanges(Changes):
    """Keeps differences alone."""

    def updated(
        self, differences: Any, values: Sequence[Any], version: int, moment: int
    ) -> Change:
        change = super().updated(differences, values, version, moment)
        return replace(change, image=None)


LAYOUTS: dict[str, Callable[[RecordType], Changes] | None] = {
    "no log": None,
    "differences, an image of each 32nd version": Changes,
    "the whole record after each change": WholeChanges,
    "differences alone": BareChanges,
}


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("changes", nargs="?", type=int, default=10_000)
    changes = parser.parse_args().changes
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        asyncio.run(_compare(url, changes))


@dataclass(slots=True)
class Subject:
    """A layout with a tenant of its own, and what was measured of it."""

    name: str
    layout: Callable[[RecordType], Changes] | None
    database: Database
    records: Records[Contact]
    call: Call
    backend: int
    contacts: list[Contact] = field(default_factory=list)
    creates: list[float] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)

    async def create(self) -> None:
        for given in _people(AT_ONCE):
            self.contacts.append(await self.records.create(self.call, given))

    async def change(self) -> None:
        for number, each in enumerate(self.contacts[-AT_ONCE:]):
            await self.records.update(self.call, each.id, _changing(number))

    async def measure(self) -> None:
        """One round: the layouts take turns, so that all meet the same disturbances."""
        self.creates.append(await _cost(self.backend, self.create))
        self.changes.append(await _cost(self.backend, self.change))


async def _compare(url: str, changes: int) -> None:
    subjects = [await _subject(url, name, layout) for name, layout in LAYOUTS.items()]
    for _ in range(ROUNDS):
        for each in subjects:
            await each.measure()
    names = ("create, µs", "change, µs", "bytes a change", "as of, ms")
    print(f"| layout | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for each in subjects:
        costs = (statistics.median(times) for times in (each.creates, each.changes))
        told = [f"{cost / AT_ONCE * 1e6:.0f}" for cost in costs]
        if each.layout is not None:
            told += await _kept(each, changes)
        print(f"| {each.name} | {' | '.join(told)} |", flush=True)
        await each.database.close()


async def _subject(
    url: str, name: str, layout: Callable[[RecordType], Changes] | None
) -> Subject:
    database = await Database.open(url, max_connections=1)
    business_id = await create_tenant(database, name)
    user = await create_user(database, name, "one@x.example", "owner")
    made = None if layout is None else layout(CONTACT.kind)
    records = Records(database, replace(CONTACT, changes=made))
    call = Call(caller(business_id, user), traceparent=f"00-{'ab' * 16}-{'cd' * 8}-01")
    (backend,) = await database.row("SELECT pg_backend_pid()") or (0,)
    subject = Subject(name, layout, database, records, call, backend)
    await subject.create()  # what is done for the first time costs more
    await subject.change()
    return subject


async def _kept(subject: Subject, changes: int) -> list[str]:
    """The bytes of a change, and how long it takes to read what was."""
    size = "SELECT pg_total_relation_size('changes'), count(*) FROM changes"
    before = await subject.database.row(size) or (0, 0)
    one = subject.contacts[0]
    for number in range(changes):
        one = await subject.records.update(subject.call, one.id, _changing(number))
    after = await subject.database.row(size) or (0, 0)
    grown = (after[0] - before[0]) / (after[1] - before[1])
    return [f"{grown:.0f}", f"{await _read(subject, one) * 1e3:.1f}"]


async def _cost(backend: int, work: Callable[[], Any]) -> float:
    """The processor seconds of this program and of its connection."""
    began, there = time.process_time(), cpu_seconds(backend)[backend]
    await work()
    return time.process_time() - began + cpu_seconds(backend)[backend] - there


async def _read(subject: Subject, one: Contact) -> float:
    """The processor seconds that it takes to read a record as it once was."""
    bounded = past._FOLLOWING
    if subject.layout is BareChanges:
        past._FOLLOWING = bounded.partition("LIMIT")[0]
    began = from_timestamp(one.created_at)

    async def read() -> None:
        for _ in range(READS):
            request = ReadContactAsOfRequest(id=one.id)
            request.at.CopyFrom(to_timestamp(random.randrange(began, now())))
            await Past(subject.records, 365).as_of(subject.call, request)

    try:
        return await _cost(subject.backend, read) / READS
    finally:
        past._FOLLOWING = bounded


def _people(count: int) -> Iterator[Contact]:
    for number in range(count):
        given = Contact(
            first_name="Ada",
            last_name=f"Lovelace {number}",
            email=f"ada{number}@engine.example",
            phone="+44 20 7946 0958",
            job_title="Analyst",
            city="London",
            country="GB",
            tags=["VIP", "webinar"],
            lead_score=50,
        )
        given.custom_fields.update({"plan": "gold", "seats": 12, "region": "EMEA"})
        yield given


def _changing(number: int) -> Callable[[Contact], None]:
    def change(contact: Contact) -> None:
        contact.job_title = f"Analyst {number % 7} {time.time_ns()}"
        contact.custom_fields["seats"] = number % 90

    return change


if __name__ == "__main__":
    main()
