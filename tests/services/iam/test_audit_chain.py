"""The chain of the audit: each change of an entry is found, and the entry is named."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from services.clock import DAY, now
from services.iam import audit, audit_chain
from services.iam.audit import Event
from services.iam.audit_chain import Verified
from services.ids import new_id
from services.postgres.database import Database, Transaction

FIVE = ("one", "two", "three", "four", "five")
HOSTILE = 'details with, 3:commas, \\ and " and \N{SNOWMAN} and \u2028'

# SQL that changes a chain of five, and what is found. $1 is the tenant.
PLANTED = {
    "an event": (
        "UPDATE audit SET event = 'x' WHERE business_id = $1 AND place = 2",
        ["Entry 2 (aud_two, x) was changed."],
    ),
    "an address": (
        "UPDATE audit SET ip = '::1' WHERE business_id = $1 AND place = 2",
        ["Entry 2 (aud_two, two) was changed."],
    ),
    "details": (
        "UPDATE audit SET details = '{}' WHERE business_id = $1 AND place = 5",
        ["Entry 5 (aud_five, five) was changed."],
    ),
    "a time": (
        "UPDATE audit SET at = at + interval '1 microsecond'"
        " WHERE business_id = $1 AND place = 1",
        ["Entry 1 (aud_one, one) was changed."],
    ),
    "a target that moves into the trace": (
        "UPDATE audit SET target = NULL, trace_id = target"
        " WHERE business_id = $1 AND place = 3",
        ["Entry 3 (aud_three, three) was changed."],
    ),
    "the first is missing": (
        "DELETE FROM audit WHERE business_id = $1 AND place = 1",
        ["Entry 1 is missing."],
    ),
    "some are missing": (
        "DELETE FROM audit WHERE business_id = $1 AND place IN (2, 3)",
        ["Entries 2 to 3 are missing."],
    ),
    "the newest is missing": (
        "DELETE FROM audit WHERE business_id = $1 AND place = 5",
        ["Entry 5 is missing. The newest is missing."],
    ),
    "all are missing": (
        "DELETE FROM audit WHERE business_id = $1",
        ["Entries 1 to 5 are missing. The newest is missing."],
    ),
    "the head is set back": (
        "UPDATE audit_heads SET place = 4 WHERE business_id = $1",
        [
            "Entry 5 (aud_five, five) was inserted.",
            "The head has another hash than the newest entry, 4.",
        ],
    ),
    "the head is missing": (
        "DELETE FROM audit_heads WHERE business_id = $1",
        ["The head of the chain is missing."],
    ),
    "a personal part without its erasure": (
        "UPDATE audit SET salt = NULL WHERE business_id = $1 AND place = 3",
        ["Entry 3 (aud_three, three) was changed."],
    ),
}

Work = Callable[[Database, str], Awaitable[None]]


@pytest.fixture
def run(database_url: str) -> Callable[[Work], None]:
    """Runs work with a database and a tenant's id."""

    def runs(work: Work) -> None:
        async def scenario() -> None:
            database = await Database.open(database_url, max_connections=4)
            try:
                await work(database, new_id("biz_"))
            finally:
                await database.close()

        asyncio.run(scenario())

    return runs


async def record(database: Database, tenant: str, names: Sequence[str] = FIVE) -> None:
    """Records events with all kinds of values."""
    for name in names:
        values = name, tenant, "usr_1", "app_1", "192.0.2.7"
        details = {"reason": HOSTILE, "number": 1.5, "ids": ["a", "b"], "email": name}
        event = Event(*values, f"con_{name}", details, f"aud_{name}", "a" * 32)
        await audit.record(database, event)


async def verified(
    database: Database, tenant: str, known: dict[int, bytes] | None = None
) -> Verified:
    """What is found of a tenant."""
    return await audit_chain.verify(database, tenant, known or {})


async def planted(database: Database, tenant: str, sql: str) -> None:
    """Runs SQL past the trigger, as who may write all tables can."""
    async with database.transaction() as transaction:
        await transaction.run("SET LOCAL session_replication_role = replica")
        await transaction.run(sql, tenant)


def test_a_chain_is_whole(run: Callable[[Work], None]) -> None:
    async def work(database: Database, tenant: str) -> None:
        assert (await verified(database, tenant)).entries == 0
        await record(database, tenant)
        await audit.record(database, Event("bare", tenant))
        told = await verified(database, tenant)
        assert (told.found, told.entries, told.head.place) == ([], 6, 6)

    run(work)


@pytest.mark.parametrize("what", PLANTED)
def test_what_was_done_is_found(what: str, run: Callable[[Work], None]) -> None:
    async def work(database: Database, tenant: str) -> None:
        await record(database, tenant)
        sql, found = PLANTED[what]
        await planted(database, tenant, sql)
        assert (await verified(database, tenant)).found == found

    run(work)


def test_entries_that_change_places_are_found(run: Callable[[Work], None]) -> None:
    async def work(database: Database, tenant: str) -> None:
        await record(database, tenant)
        for before, after in ((2, 99), (3, 2), (99, 3)):
            sql = (
                f"UPDATE audit SET place = {after}"
                f" WHERE business_id = $1 AND place = {before}"
            )
            await planted(database, tenant, sql)
        told = await verified(database, tenant)
        assert "Entry 2 (aud_three, three) was changed." in told.found
        follows = "does not follow the entry before it: reordered."
        assert f"Entry 3 (aud_two, two) {follows}" in told.found

    run(work)


def test_an_inserted_entry_is_found(run: Callable[[Work], None]) -> None:
    async def work(database: Database, tenant: str) -> None:
        await record(database, tenant)
        copied = (
            "INSERT INTO audit (business_id, id, at, event, created_at, updated_at,"
            " place, salt, personal_hash, before_hash, hash) SELECT business_id,"
            " 'aud_x', at, 'x', at, at, {}, salt, personal_hash, before_hash, hash"
            " FROM audit WHERE business_id = $1 AND place = 5"
        )
        for place in (0, 6):
            await planted(database, tenant, copied.format(place))
            found = (await verified(database, tenant)).found
            assert f"Entry {place} (aud_x, x) was inserted." in found
            sql = "DELETE FROM audit WHERE business_id = $1 AND id = 'aud_x'"
            await planted(database, tenant, sql)
        assert not (await verified(database, tenant)).found

    run(work)


def test_a_whole_new_chain_is_found_by_what_was_known(
    run: Callable[[Work], None],
) -> None:
    async def work(database: Database, tenant: str) -> None:
        await record(database, tenant)
        head = (await verified(database, tenant)).head
        known = {head.place: head.hash}
        for table in ("audit", "audit_heads"):
            sql = f"DELETE FROM {table} WHERE business_id = $1"
            await planted(database, tenant, sql)
        assert not (await verified(database, tenant)).found
        missing = ["Entry 5 was known and is missing."]
        assert (await verified(database, tenant, known)).found == missing
        await record(database, tenant)
        assert not (await verified(database, tenant)).found
        other = ["Entry 5 (aud_five, five) is not the entry that was known there."]
        assert (await verified(database, tenant, known)).found == other

    run(work)


def test_a_chain_goes_on_after_a_sweep(run: Callable[[Work], None]) -> None:
    async def work(database: Database, tenant: str) -> None:
        await record(database, tenant)
        row = await database.row(
            "SELECT at FROM audit WHERE business_id = $1 AND place = 2", tenant
        )
        assert row is not None
        await audit.sweep(database, tenant, row[0])
        told = await verified(database, tenant, {2: b"swept since"})
        assert (told.found, told.entries, told.head.place) == ([], 3, 5)
        sql = "DELETE FROM audit WHERE business_id = $1 AND place = 3"
        await planted(database, tenant, sql)
        missing = ["Entry 3 is missing."]
        assert (await verified(database, tenant)).found == missing
        await audit.sweep(database, tenant, now() + DAY)
        told = await verified(database, tenant)
        assert (told.found, told.entries, told.head.place) == ([], 0, 5)
        await record(database, tenant, ["six"])
        told = await verified(database, tenant)
        assert (told.found, told.entries, told.head.place) == ([], 1, 6)

    run(work)


def test_what_is_known_of_a_person_goes_and_the_chain_stays(
    run: Callable[[Work], None],
) -> None:
    async def work(database: Database, tenant: str) -> None:
        await record(database, tenant)
        async with database.transaction() as transaction:
            assert await audit.forget(transaction, tenant, ["TWO", "nobody"]) == 1
        told = await verified(database, tenant)
        assert (told.found, told.emptied, told.entries) == ([], 1, 5)
        rows = await audit.read(database, tenant, 0, 10)
        (two,) = [row for row in rows if row["event"] == "two"]
        assert (two["ip"], two["details"], two["target"]) == (None, None, "con_two")

    run(work)


def test_writers_at_the_same_time_make_one_chain(run: Callable[[Work], None]) -> None:
    async def work(database: Database, tenant: str) -> None:
        writers = [
            audit.record(database, Event(f"event {n}", tenant)) for n in range(40)
        ]
        await asyncio.gather(*writers)
        told = await verified(database, tenant)
        assert (told.found, told.entries, told.head.place) == ([], 40, 40)

    run(work)


def test_an_event_that_is_undone_leaves_no_hole(run: Callable[[Work], None]) -> None:
    async def work(database: Database, tenant: str) -> None:
        await record(database, tenant, ["one"])

        async def undone(transaction: Transaction) -> None:
            await audit.record(transaction, Event("undone", tenant))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await database.in_transaction(undone)
        await record(database, tenant, ["two"])
        told = await verified(database, tenant)
        assert (told.found, told.entries) == ([], 2)

    run(work)
