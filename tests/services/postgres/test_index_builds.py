"""Indexes that a load sets aside come back, however the load ends."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact

from deploy.demo.people import people
from services.every_kind import KINDS
from services.kinds.descriptors import record_type
from services.postgres.database import Database
from services.postgres.index_builds import build_missing, set_aside
from services.postgres.schema import migrate
from services.records.bulk import copy_records
from services.tenant_setup import create_tenant

TABLES = [record_type(kind).table for kind in KINDS]
NOW = 1_790_000_000_000_000


@pytest.fixture
def url(migrated_database: Callable[[str], str]) -> str:
    """The URL of a migrated database of this test's own."""
    return migrated_database("builds")


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    """One event loop for the test's connections."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def database(url: str, loop: asyncio.Runner) -> Iterator[Database]:
    database = loop.run(Database.open(url))
    yield database
    loop.run(database.close())


async def indexes(database: Database) -> dict[str, str]:
    """Every index with its definition."""
    rows = await database.rows("SELECT indexname, indexdef FROM pg_indexes")
    return dict(map(tuple, rows))


def test_what_is_set_aside_is_built_as_it_was(
    database: Database, loop: asyncio.Runner
) -> None:
    async def work() -> None:
        before = await indexes(database)
        await set_aside(database, TABLES)
        left = await indexes(database)
        assert "contacts_pkey" in left
        assert "users_email" in left  # a unique one
        assert not any(name.startswith("contacts_order") for name in left)
        await asyncio.gather(build_missing(database), build_missing(database))
        assert await indexes(database) == before
        assert not await database.rows("SELECT FROM missing_indexes")

    loop.run(work())


def test_a_load_that_was_killed_is_mended_by_the_next_start(
    url: str, database: Database, loop: asyncio.Runner
) -> None:
    async def work() -> None:
        before = await indexes(database)
        await set_aside(database, TABLES)
        business_id = await create_tenant(database, "acme")
        await copy_records(database, Contact, business_id, people(10, [], NOW))
        # A second start sets nothing aside: its tables are no longer empty.
        await migrate(url, lambda _: None)
        assert await indexes(database) == before

    loop.run(work())


def test_tables_that_are_in_use_keep_their_indexes(
    database: Database, loop: asyncio.Runner
) -> None:
    async def work() -> None:
        before = await indexes(database)
        business_id = await create_tenant(database, "acme")
        await copy_records(database, Contact, business_id, people(10, [], NOW))
        await set_aside(database, TABLES)
        assert await indexes(database) == before

    loop.run(work())
