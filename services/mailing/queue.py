"""The queue of mail: puts mail in, claims it, and writes what came of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from services.clock import AHEAD, DAY, EPOCH, now
from services.ids import new_id
from services.mailing import statements as sql
from services.mailing.kinds import End, Mail
from services.postgres.database import Database, Row, Transaction

ID_PREFIX = "mal_"
KEEP = 30 * DAY


class Runs(Protocol):
    """A database or a transaction, which can run statements."""

    async def run(self, sql: str, *values: Any) -> str:
        """Runs a statement."""


class LeaseLostError(Exception):
    """Somebody else has the mail, or it has ended."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that a process has by a lease."""

    mail: Mail
    lease: str

    @property
    def key(self) -> tuple[str, str, str]:
        """The values by which statements find it and check the lease."""
        return self.mail.business_id, self.mail.id, self.lease


def addition(
    business_id: str,
    sender_id: str,
    kind: int,
    record_id: str,
    due_at: int | None,
    topic_id: str = "",
) -> tuple[str, tuple[Any, ...]]:
    """The statement that puts a mail into the queue, with its values.

    It is for `Around` of the record that the mail is about. `due_at` is a moment in the
    time of the tenant; None: now. `topic_id` is what it is about, if anything.
    """
    given = business_id, new_id(ID_PREFIX), sender_id, kind, record_id, due_at
    return sql.ADD, (*given, AHEAD.get(), topic_id or None)


async def add(
    runs: Runs,
    business_id: str,
    sender_id: str,
    kind: int,
    record_id: str,
    due_at: int | None = None,
) -> None:
    """Puts a mail into the queue, in the transaction of what it is about."""
    statement, values = addition(business_id, sender_id, kind, record_id, due_at)
    await runs.run(statement, *values)


async def withdraw(transaction: Transaction, business_id: str, record_id: str) -> bool:
    """Ends the mail of a record that does not go yet. Returns whether there was any.

    Its kind is not told: who withdraws it knows.
    """
    found = await transaction.rows(sql.WITHDRAW, business_id, record_id, now())
    return bool(found)


async def find(database: Database) -> list[tuple[str, str, int]]:
    """Senders with mail that is due: tenant, id, and how the tenant's clock is."""
    return [(row[0], row[1], row[2]) for row in await database.rows(sql.FIND)]


async def claim(
    database: Database, business_id: str, sender_id: str, lease: str, most: int
) -> list[Claimed]:
    """Takes mail of a sender that is due."""
    given = business_id, sender_id, lease, most, AHEAD.get()
    rows = await database.rows(sql.CLAIM, *given)
    return [Claimed(_mail(business_id, sender_id, row), lease) for row in rows]


def _mail(business_id: str, sender_id: str, row: Row) -> Mail:
    return Mail(
        business_id=business_id,
        id=row["id"],
        sender_id=sender_id,
        kind=row["kind"],
        record_id=row["record_id"],
        attempts=row["attempts"],
        begun_at=row["begun_at"],
        created_at=row["created_at"],
    )


async def lost(
    transaction: Transaction, business_id: str, sender_id: str
) -> list[Claimed]:
    """Mail whose process has died after its last byte, locked."""
    rows = await transaction.rows(sql.LOST, business_id, sender_id, AHEAD.get())
    return [
        Claimed(
            Mail(
                *(business_id, row["id"], sender_id, row["kind"], row["record_id"]),
                *(0, None, 0),
            ),
            row["lease"],
        )
        for row in rows
    ]


async def sender(database: Database, business_id: str, sender_id: str) -> Row | None:
    """A sender with its secrets, its hours and its day, as of one moment."""
    return await database.row(sql.SENDER, business_id, sender_id)


async def rest(database: Database, mail: Mail, until: int) -> None:
    """Lets the queue of a sender rest."""
    await database.run(sql.REST, mail.business_id, mail.sender_id, until)


async def wait(
    runs: Runs,
    claimed: Claimed,
    due_at: int,
    begun_at: int | None,
    reason: str = "",
    code: int = 0,
) -> None:
    """Gives a mail back; with `begun_at` an attempt was made."""
    made = 0 if begun_at is None else 1
    told = code or None, reason or None
    await runs.run(sql.WAIT, *claimed.key, due_at, begun_at, made, *told)


async def end(transaction: Transaction, claimed: Claimed, end: End, made: int) -> None:
    """Ends a mail. Raises `LeaseLostError`."""
    told = end.state, end.code or None, end.reason or None, now(), made
    done = await transaction.run(sql.END, *claimed.key, *told)
    if not done.endswith(" 1"):
        raise LeaseLostError


def day_of(moment: int) -> date:
    """The day of a moment in UTC."""
    return (EPOCH + timedelta(microseconds=moment)).date()


async def waiting(database: Database) -> tuple[int, float]:
    """How many mails of all tenants are due, and for how long the oldest is."""
    row = await database.row(sql.WAITING)
    return (row[0], float(row[1])) if row else (0, 0.0)


async def sweep(database: Database, business_id: str) -> None:
    """Deletes mail that has ended long ago."""
    await database.run(sql.SWEEP, business_id, now() - KEEP)
