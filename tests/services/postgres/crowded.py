"""A tenant of 100,000 contacts, and the statements that searches of it send.

One of them, the needle, differs from all others in every field. It is the oldest,
so that a plan which goes through the records in order finds it last.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from google.protobuf.json_format import ParseDict
from prospectconnect.crm.v1.contacts_pb2 import (
    LIFECYCLE_STAGE_LEAD,
    LIFECYCLE_STAGE_OTHER,
    Contact,
    SearchContactsRequest,
    SearchContactsResponse,
)

from deploy.demo.people import people
from services.caller import Call
from services.clock import SECOND
from services.crm import contacts
from services.every_kind import compile_kinds
from services.faults import Faults
from services.iam.tenants import create_user
from services.postgres.database import Database, Row
from services.records.bulk import copy_records
from services.records.engine import Records
from services.sealed.cursors import Cursors
from services.sealed.secret_keys import SecretKey, SecretKeys
from services.search.filters import FilterCompiler
from services.search.reading import REACH, Reach
from services.search.searches import Searches
from services.tenant_setup import create_tenant
from tests.rounds import rounds
from tests.services.callers import caller

MANY = rounds("CROWD")
NOW = 1_790_000_000
OLDEST = 1_500_000_000

NEEDLE: dict[str, Any] = {
    "first_name": "Needle",
    "last_name": "Quixotic",
    "name": "Needle Quixotic",
    "email": "needle@haystack.example",
    "phone": "+999 88 777-666",
    "company_id": "cmp_000000000000000000000001",
    "job_title": "Thimble Keeper",
    "lifecycle_stage": "other",
    "lead_score": 100,
    "source": "haystack",
    "address1": "1 Eye Street",
    "city": "Sewville",
    "state": "ZQ",
    "postal_code": "Q1Q-Q1Q",
    "country": "AQ",
    "time_zone": "Antarctica/Troll",
    "last_contacted_at": "2020-09-13T12:26:40Z",
    "created_at": "2017-07-14T02:40:00Z",
    "updated_at": "2017-07-14T02:40:00Z",
}

_CONTACT = compile_kinds()["contact"]
_KIND = _CONTACT.kind


@dataclass(slots=True)
class Recording:
    """A database that keeps the statements which go through it, and counts guesses."""

    database: Database
    statements: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    guesses: int = 0

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        self.statements.append((sql, values))
        return await self.database.rows(sql, *values)

    async def rows_planned(self, sql: str, *values: Any) -> list[Row]:
        if sql.startswith("EXPLAIN"):
            self.guesses += 1
        else:
            self.statements.append((sql, values))
        return await self.database.rows_planned(sql, *values)


@dataclass(frozen=True, slots=True)
class Plan:
    """How statements were carried out: what each step did.

    `statements` is how many there were, `guesses` how often PostgreSQL was asked for
    its estimate besides.
    """

    steps: list[Mapping[str, Any]]
    statements: int
    guesses: int

    @property
    def kinds(self) -> set[str]:
        return {step["Node Type"] for step in self.steps}

    @property
    def indexes(self) -> set[str]:
        return {step["Index Name"] for step in self.steps if "Index Name" in step}

    @property
    def read(self) -> float:
        """How many records the steps that read a table looked at."""
        removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
        read: float = sum(
            step["Actual Loops"]
            * (step["Actual Rows"] + sum(step.get(each, 0) for each in removed))
            for step in self.steps
            if "Relation Name" in step
        )
        return read


@dataclass(frozen=True, slots=True)
class Crowded:
    """The tenant, its needle, and how to search it."""

    database: Database
    business_id: str
    needle: str
    owner: str

    async def search(self, **query: Any) -> tuple[SearchContactsResponse, Plan]:
        """Searches as the product does; the answer and the plan of its statements."""
        recording = Recording(self.database)
        answer = await self._answer(cast("Database", recording), REACH, query)
        steps: list[Mapping[str, Any]] = []
        for sql, values in recording.statements:
            explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}"
            ((plan,),) = await self.database.rows_planned(explain, *values)
            steps += _steps(json.loads(plan)[0]["Plan"])
        return answer, Plan(steps, len(recording.statements), recording.guesses)

    async def answer(self, reach: Reach, **query: Any) -> SearchContactsResponse:
        """The answer of a search that looks and gathers so far."""
        return await self._answer(self.database, reach, query)

    async def _answer(
        self, database: Database, reach: Reach, query: Mapping[str, Any]
    ) -> SearchContactsResponse:
        key = SecretKey(b"a key of 32 bytes, made for tests", 0)
        cursors = Cursors(SecretKeys(key))
        searches = Searches(Records(database, _CONTACT), cursors, reach)
        call = Call(caller(self.business_id, self.owner))
        request = _request(query)
        if after := query.get("after"):
            request.cursor = cursors.seal(call.caller, request, after)
        faults = Faults()
        compiler = FilterCompiler(_KIND, faults, call.parameters)
        call.conditions = compiler.all(request.filters)
        assert not faults.found
        answer = await searches.search(call, request, SearchContactsResponse)
        assert isinstance(answer, SearchContactsResponse)
        return answer


async def crowd(database: Database) -> Crowded:
    """Makes the tenant, and another one beside it."""
    business_id, users = await _tenant(database, "crowded")
    needle = _needle(owner=users.pop())
    rebuild = await _without_indexes(database)
    everyone = _haystack(MANY - 1, users)
    await copy_records(database, Contact, business_id, everyone, contacts.derive)
    await copy_records(database, Contact, business_id, [needle], contacts.derive)
    other, users = await _tenant(database, "other")
    others = _haystack(1_000, users)
    await copy_records(database, Contact, other, others, contacts.derive)
    await rebuild()
    await database.run("ANALYZE contacts")
    return Crowded(database, business_id, needle.id, needle.owner_id)


async def _tenant(database: Database, name: str) -> tuple[str, list[str]]:
    business_id = await create_tenant(database, name)
    emails = [f"u{number}@{name}.example" for number in range(20)]
    users = [await create_user(database, name, each, "owner") for each in emails]
    return business_id, users


def _haystack(count: int, owners: list[str]) -> Iterator[Contact]:
    for number, person in enumerate(people(count, owners, NOW * SECOND)):
        person.lead_score = min(person.lead_score, 98)
        if person.lifecycle_stage == LIFECYCLE_STAGE_OTHER:
            person.lifecycle_stage = LIFECYCLE_STAGE_LEAD
        person.tags.append(f"batch {number % 400}")
        if number > count * 0.97:
            person.tags.append("late")
        yield person


def _needle(owner: str) -> Contact:
    fields = NEEDLE | {"lifecycle_stage": "LIFECYCLE_STAGE_OTHER"}
    needle = ParseDict(fields, Contact())
    needle.tags.append("Sharp")
    needle.custom_fields.update({"metal": "Steel", "eyes": 1})
    needle.custom_fields["uses"] = ["Sewing", "Darning"]
    needle.owner_id = needle.created_by = owner
    return needle


async def _without_indexes(database: Database) -> Callable[[], Any]:
    """Drops the indexes while much is loaded; what is returned makes them anew."""
    rows = await database.rows(
        "SELECT indexname, indexdef FROM pg_indexes"
        " WHERE tablename = 'contacts' AND indexname <> 'contacts_pkey'"
    )
    for name, _ in rows:
        await database.run(f"DROP INDEX {name}")

    async def rebuild() -> None:
        async with database.transaction() as transaction:
            await transaction.run("SET LOCAL maintenance_work_mem = '256MB'")
            for _, definition in rows:
                await transaction.run(definition)

    return rebuild


def _request(query: Mapping[str, Any]) -> SearchContactsRequest:
    body = {name: value for name, value in query.items() if name != "after"}
    body["filters"] = [
        each | {"operator": f"OPERATOR_{each['operator'].upper()}"}
        for each in query.get("filters", ())
    ]
    if direction := query.get("sort_direction"):
        body["sort_direction"] = f"SORT_DIRECTION_{direction.upper()}"
    return ParseDict(body, SearchContactsRequest())


def _steps(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _steps(inner)
