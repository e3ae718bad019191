"""A copied tenant is like one that the program made, and of its own."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from services.clock import SECOND
from services.iam import audit_chain
from services.iam.bearer import hash_of
from services.postgres.database import Database
from tests.harness.people.copied import (
    Original,
    People,
    copy,
    read_original,
    tenant_tables,
)
from tests.world import administer, make_people, new_name

# What no two tenants share: ids, names, moments, hashes.
_OWN = re.compile(
    r"(?:[a-z]{3}_[0-9a-f]{24}|\bt[0-9a-f]{12})\b"
    r"|\d{4}-\d\d-\d\dT[0-9:.]+\+00:00|\\\\x[0-9a-f]+"
)
_ID = re.compile(r"[a-z]{3}_[0-9a-f]{24}\b")


async def _rows(database: Database, people: People) -> Mapping[str, list[str]]:
    """The rows of a tenant as JSON, by table."""
    found = dict[str, list[str]]()
    for table in [*await tenant_tables(database), "audit_heads"]:
        rows = await database.rows(
            f"SELECT to_json(c)::text FROM {table} AS c WHERE c.business_id = $1"
            " ORDER BY c.ctid",
            people.business_id,
        )
        found[table] = [row[0] for row in rows]
    return found


def _shape(rows: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
    return {table: sorted(_OWN.sub("*", row) for row in rows[table]) for table in rows}


@pytest.fixture
def run(database_url: str) -> Callable[[Callable[[Database], Awaitable[Any]]], Any]:
    """Runs a piece of work on the tests' database."""
    return lambda work: administer(database_url, work)


async def _made_and_copied(database: Database) -> tuple[Original, People]:
    original = await read_original(database, await make_people(database, new_name()))
    return original, await copy(database, original, new_name())


def test_a_copy_has_the_rows_that_the_program_writes(run: Any) -> None:
    async def work(database: Database) -> None:
        _, copied = await _made_and_copied(database)
        other = await make_people(database, new_name())
        made, rows = await _rows(database, other), await _rows(database, copied)
        assert _shape(rows) == _shape(made)
        assert sum(map(len, made.values())) > len(made["users"])

    run(work)


def test_a_copy_refers_to_its_own_records_alone(run: Any) -> None:
    async def work(database: Database) -> None:
        original, copied = await _made_and_copied(database)
        before = str(await _rows(database, original.people))
        after = str(await _rows(database, copied))
        assert not {*_ID.findall(before)} & {*_ID.findall(after)}
        assert original.people.name not in after
        assert copied.business_id in after
        assert {*copied.users.values()} <= {*_ID.findall(after)}
        stored = await database.rows(
            "SELECT t.hash FROM tokens AS t WHERE t.business_id = $1",
            copied.business_id,
        )
        assert {*map(hash_of, copied.tokens.values())} == {row[0] for row in stored}

    run(work)


def test_the_audit_of_a_copy_is_a_chain(run: Any) -> None:
    async def work(database: Database) -> None:
        original, copied = await _made_and_copied(database)
        told = await audit_chain.verify(database, copied.business_id, {})
        assert told.found == []
        same = await audit_chain.verify(database, original.people.business_id, {})
        assert told.entries == same.entries > 0

    run(work)


def test_a_copy_is_as_new_as_its_ids(run: Any) -> None:
    async def work(database: Database) -> None:
        made, _ = await _made_and_copied(database)
        old = replace(made, read_at=made.read_at - 3_600)
        ages = await _ages(database, made.people)
        copied = await _ages(database, await copy(database, old, new_name()))
        for (before, in_id), (after, in_new_id) in zip(ages, copied, strict=True):
            later = in_new_id - in_id
            assert after == before + later * SECOND
            assert later >= 3_600

    run(work)


async def _ages(database: Database, people: People) -> list[tuple[int, int]]:
    """Of each user, when it was made, and the second that its id begins with."""
    rows = await database.rows(
        "SELECT u.created_at, u.id FROM users AS u WHERE u.business_id = $1"
        " ORDER BY u.created_at",
        people.business_id,
    )
    return [(moment, int(user_id[4:12], 16)) for moment, user_id in rows]
