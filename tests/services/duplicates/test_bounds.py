"""A page of groups ends in time, and begins again where it ended."""

import asyncio
from typing import Any

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact

from services.duplicates.groups import Group, group_of, near
from services.duplicates.looking import Looking, found_sql
from services.duplicates.methods import DEFAULT_SCORE, KINDS
from services.every_kind import compile_kinds
from services.postgres.database import LONGEST_KEPT, Database
from services.records.bulk import copy_records
from services.records.visibility import visible
from services.tenant_setup import create_tenant
from tests.services.callers import caller
from tests.services.duplicates.finding import looking_at

# So many have the same address as another one each.
PAIRS = 45


async def groups(
    looking: Looking, business_id: str, is_late: bool
) -> list[list[Group]]:
    """All groups, as they are told from one end of a page to the next."""
    who, last, told, goes_on = caller(business_id, ""), "", list[list[Group]](), True
    while goes_on:
        subjects, end, goes_on = await looking.after(who, last, 200)
        found, done = await near(looking, who, subjects, DEFAULT_SCORE, lambda: is_late)
        its = (group_of(each, found) for each in subjects[:done])
        told.append([each for each in its if each is not None])
        last = end if done == len(subjects) else subjects[done - 1].id
        goes_on = goes_on or last != end
    return told


def test_a_late_page_tells_of_few_and_nothing_is_lost(database_url: str) -> None:
    async def find() -> None:
        database = await Database.open(database_url, max_connections=1)
        try:
            business_id = await create_tenant(database, "late")
            made = (Contact(email=f"a{n % PAIRS}@x.example") for n in range(2 * PAIRS))
            await copy_records(database, Contact, business_id, made)
            looking = looking_at(database, "contact")
            (all_at_once,) = await groups(looking, business_id, is_late=False)
            parts = await groups(looking, business_id, is_late=True)
        finally:
            await database.close()
        assert len(all_at_once) == PAIRS
        assert len(parts) == 2 * PAIRS / 10
        assert [each for part in parts for each in part] == all_at_once

    asyncio.run(find())


@pytest.mark.parametrize("name", KINDS)
def test_the_statement_is_kept_for_those_too_who_see_few(name: str) -> None:
    compiled: Any = compile_kinds()[name]
    seen = visible(compiled.kind, caller(role="member"), compiled.kinds)
    assert seen
    comparing = KINDS[name]
    sql = found_sql(compiled.kind.table, comparing)
    sql = sql.format(columns=comparing.columns, seen=f" AND {seen}")
    assert len(sql) < LONGEST_KEPT
