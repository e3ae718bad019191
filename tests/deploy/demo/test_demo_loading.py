"""The demonstration data are loaded once, however often a load is begun or ended."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from prospectconnect.crm.v1.activities_pb2 import Activity
from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.crm.v1.deals_pb2 import Deal
from prospectconnect.crm.v1.notes_pb2 import Note
from prospectconnect.crm.v1.tasks_pb2 import Task

from deploy.demo.definitions import fields
from deploy.demo.loading import load_demo
from deploy.demo.tenants import OTHER_TENANT, TENANT
from services.errors import NotFound
from services.every_kind import KINDS
from services.iam.tenants import business_of
from services.kinds.formulas import compute
from services.kinds.own_schemas import compile_schema
from services.postgres.database import Database
from tests.deploy.demo.loaded import PLANTED, Loaded, is_told, loaded

FEW = 700
MANY = 2_100  # contacts, so that they come in several transactions
# What is loaded after the companies, by tables.
OF_STORIES = {
    "contacts": Contact,
    "deals": Deal,
    "tasks": Task,
    "notes": Note,
    "activities": Activity,
}


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    """One event loop for the test's pool of connections."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def database(
    migrated_database: Callable[[str], str], loop: asyncio.Runner
) -> Iterator[Database]:
    """A database without a tenant."""
    url = migrated_database("loading")
    database = loop.run(Database.open(url))
    yield database
    loop.run(database.close())


def test_a_load_that_was_cut_short_goes_on_once(
    database: Database, loop: asyncio.Runner
) -> None:
    loop.run(cut_short(database))
    first = loop.run(loaded(database, TENANT))
    assert 0 < len(first.of(Contact)) < MANY
    check_whole(first)
    loop.run(load_demo(database, MANY))
    then = loop.run(loaded(database, TENANT))
    assert len(then.of(Contact)) == MANY + PLANTED
    check_whole(then)
    for kind in KINDS:
        assert first.records[kind].items() <= then.records[kind].items()
    assert loop.run(loaded(database, OTHER_TENANT)).of(Contact)
    loop.run(load_demo(database, MANY))
    assert loop.run(loaded(database, TENANT)) == then


def test_a_load_that_goes_on_makes_the_records_that_were_missing(
    database: Database, loop: asyncio.Runner
) -> None:
    loop.run(load_demo(database, FEW))
    whole = loop.run(loaded(database, TENANT))
    loop.run(forget_stories(database))
    loop.run(load_demo(database, FEW))
    again = loop.run(loaded(database, TENANT))
    assert len(again.of(Contact)) == FEW
    for kind in OF_STORIES.values():
        assert again.records[kind].keys() <= whole.records[kind].keys()


def test_programs_that_start_together_load_once(
    database: Database, loop: asyncio.Runner
) -> None:
    async def together() -> None:
        await asyncio.gather(*(load_demo(database, FEW) for _ in range(3)))

    loop.run(together())
    there = loop.run(loaded(database, TENANT))
    assert len(there.of(Contact)) == FEW + PLANTED
    check_whole(there)


async def forget_stories(database: Database) -> None:
    """Leaves what a load does before it loads the first contact."""
    for tenant in (TENANT, OTHER_TENANT):
        business_id = await business_of(database, tenant)
        for table in (*OF_STORIES, "unique_values", "changes"):
            sql = f"DELETE FROM {table} WHERE business_id = $1"
            await database.run(sql, business_id)


async def cut_short(database: Database) -> None:
    """Begins a load and ends it once its first contacts are there."""
    loading = asyncio.create_task(load_demo(database, MANY))
    while not await has_contacts(database):
        assert not loading.done()
    loading.cancel()
    await asyncio.gather(loading, return_exceptions=True)


async def has_contacts(database: Database) -> bool:
    try:
        business_id = await business_of(database, TENANT)
    except NotFound:
        return False
    sql = "SELECT FROM contacts WHERE business_id = $1 LIMIT 1"
    return await database.row(sql, business_id) is not None


def check_whole(there: Loaded) -> None:
    """Expects each contact with its company and with what happened to it.

    Companies hold what their formulas give.
    """
    own = compile_schema(fields(""), 1).of("companies")
    for company in there.of(Company):
        stored = dict(company.custom_fields)
        compute(company, own)
        assert dict(company.custom_fields) == stored
    told = {each.contact_id for each in there.of(Activity) if is_told(each)}
    for contact in there.of(Contact):
        assert contact.id in told
        assert not contact.company_id or contact.company_id in there.records[Company]
