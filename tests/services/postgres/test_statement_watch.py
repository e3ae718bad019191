"""What is told of statements: slow ones, by their text and never by their values."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from services.errors import ServiceError
from services.postgres.database import Database, Transaction
from services.postgres.statement_watch import StatementWatch
from services.trace import CURRENT_TRACE, Span, Trace, begin_trace, read_trace

TRACE, CALL = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SLOW = "SELECT pg_sleep(0.3),\n  $1::text"
WORDS = "SELECT pg_sleep(0.3), $1::text"


def on(
    url: str, watch: StatementWatch, work: Callable[[Database], Awaitable[object]]
) -> list[dict[str, object]]:
    """What is logged while something is done on a watched database."""

    async def run() -> None:
        database = await Database.open(url, watch=watch)
        try:
            await work(database)
        finally:
            await database.close()

    with capture_logs() as lines:
        asyncio.run(run())
    return [dict(line) for line in lines]


async def ask(database: Database) -> None:
    await database.row("SELECT $1::text", "quick")
    await database.row(SLOW, "secret")


async def fail(database: Database) -> None:
    await database.row("SELECT 1")  # over the connection that the next one takes
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await database.row("SELECT pg_sleep(30), $1::text", "secret")


async def in_transaction(database: Database) -> None:
    await database.in_transaction(nap)


async def nap(transaction: Transaction) -> None:
    await transaction.row(SLOW, "secret")


@pytest.mark.parametrize(
    ("work", "sql"),
    [
        (ask, WORDS),
        (fail, "SELECT pg_sleep(30), $1::text"),
        (in_transaction, f"transaction {__name__}.nap"),
    ],
)
def test_slow_statements_are_logged_without_values(
    postgres_url: str, work: Callable[[Database], Awaitable[object]], sql: str
) -> None:
    lines = on(postgres_url, StatementWatch(slow_seconds=0.2), work)
    # Where the machine is busy, a statement may be slow that is not meant to be.
    assert {each["event"] for each in lines} == {"slow_statement"}
    assert all(200 <= float(str(each["ms"])) < 30_000 for each in lines)
    assert [each["sql"] for each in lines].count(sql) == 1
    assert "secret" not in str(lines)


def test_nothing_is_logged_unless_asked_for(postgres_url: str) -> None:
    assert on(postgres_url, StatementWatch(), ask) == []


@pytest.mark.parametrize(("is_sampled", "spans"), [(True, 3), (False, 0)])
def test_statements_are_spans_of_a_sampled_call(
    postgres_url: str, is_sampled: bool, spans: int
) -> None:
    kept: list[Span] = []

    async def work(database: Database) -> None:
        CURRENT_TRACE.set(Trace(TRACE, CALL, is_sampled))
        await database.rows("SELECT $1::text", "secret")
        await database.in_transaction(nap)

    on(postgres_url, StatementWatch(keep_span=kept.append), work)
    assert len(kept) == spans
    assert {(span.trace_id, span.parent_id) for span in kept} <= {(TRACE, CALL)}
    assert "secret" not in str(kept)
    if is_sampled:
        texts = [span.attributes["db.query.text"] for span in kept]
        assert texts == ["SELECT $1::text", WORDS, f"transaction {__name__}.nap"]
        assert all(span.began <= span.ended for span in kept)


def test_waiting_for_a_connection_is_counted(postgres_url: str) -> None:
    async def crowd() -> tuple[int, float]:
        database = await Database.open(postgres_url, max_connections=1)
        try:
            await asyncio.gather(*(database.row("SELECT pg_sleep(0.1)") for _ in "abc"))
            return database.pool.waits, database.pool.waited_seconds
        finally:
            await database.close()

    waits, seconds = asyncio.run(crowd())
    assert waits == 2
    assert seconds >= 0.25


def test_a_database_that_fails_is_still_what_it_was(postgres_url: str) -> None:
    async def broken(database: Database) -> None:
        with pytest.raises(Exception, match="does not exist") as caught:
            await database.row("SELECT nothing")
        assert not isinstance(caught.value, ServiceError)

    assert on(postgres_url, StatementWatch(slow_seconds=10), broken) == []


@pytest.mark.parametrize(
    ("header", "read"),
    [
        (f"00-{TRACE}-{CALL}-01", Trace(TRACE, CALL, True)),
        (f"00-{TRACE}-{CALL}-00", Trace(TRACE, CALL, False)),
        (f"00-{TRACE}-{CALL}", None),
        (f"00-{TRACE.upper()}-{CALL}-01", None),
        ("", None),
        (b"\xff", None),
    ],
)
def test_a_trace_is_read_where_there_is_one(header: object, read: Trace | None) -> None:
    assert read_trace({"traceparent": header}) == read


def test_a_share_of_the_traces_that_begin_is_sampled() -> None:
    assert not any(begin_trace(0.0).is_sampled for _ in range(100))
    assert all(begin_trace(1.0).is_sampled for _ in range(100))
    half = sum(begin_trace(0.5).is_sampled for _ in range(2_000))
    assert 800 < half < 1_200
