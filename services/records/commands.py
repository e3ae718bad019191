"""Commands: the statement and the values that write a record, ready to be run.

A command commits the record, its timeline and its idempotency key together or not
at all. The values stand in the order that `statements.py` numbers them in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.protobuf.message import Message

from services.caller import Call
from services.clock import from_timestamp
from services.kinds.record_type import RecordType
from services.postgres.database import Database, Transaction
from services.records import timeline
from services.records.idempotency import key_values
from services.records.references import Link
from services.records.statements import Columns, Shape, insert_sql, key_sql, update_sql


@dataclass(frozen=True, slots=True)
class Command:
    """One statement with its values."""

    sql: str
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Around:
    """Statements that run before and after a command, in its transaction.

    What runs after sees all that was committed by the time that what runs before
    has its locks.
    """

    before: Sequence[Command] = ()
    after: Sequence[Command] = ()


@dataclass(frozen=True, slots=True)
class Companions:
    """What is written or checked beside the record itself."""

    links: Sequence[Link]
    events: Sequence[timeline.Event]
    answer: Message


def insert(
    call: Call,
    kind: RecordType,
    record: Any,
    fields: Sequence[Any],
    beside: Companions,
) -> Command:
    """The command that creates `record`, whose columns take `fields`."""
    values = [
        call.caller.business_id,
        *fields,
        *_beside(call, kind, record, beside),
    ]
    return Command(insert_sql(_shape(call, kind, kind.columns, beside)), values)


def update(
    call: Call,
    kind: RecordType,
    record: Any,
    version: int,
    changed: Mapping[tuple[str, str], Any],
    beside: Companions,
) -> Command:
    """The command that writes what has changed of `record`, by column, if its
    version still stands."""
    values = [
        call.caller.business_id,
        record.id,
        version,
        *changed.values(),
        *_beside(call, kind, record, beside),
    ]
    return Command(update_sql(_shape(call, kind, tuple(changed), beside)), values)


async def run(
    database: Database, command: Command, around: Around | None = None
) -> bool:
    """Runs a command; whether it found what it needs and the record was written.

    Alone it is one statement and one round trip; with statements around it they
    share a transaction, of which nothing stays when the command wrote nothing.
    """
    if around is None:
        return await run_in(database, command)
    return await database.in_transaction(partial(_run_amid, command, around))


async def _run_amid(command: Command, around: Around, transaction: Transaction) -> bool:
    for each in around.before:
        await transaction.run(each.sql, *each.values)
    if not await run_in(transaction, command):
        return False
    for each in around.after:
        await transaction.run(each.sql, *each.values)
    return True


async def run_in(database: Database | Transaction, command: Command) -> bool:
    """Runs a command's one statement where it is told to."""
    row = await database.row(command.sql, *command.values)
    return row is not None and row[0] > 0


async def keep_answer(database: Database, call: Call, answer: Message) -> None:
    """Keeps the answer of a keyed call that had nothing to change."""
    if call.key is None:
        return
    values = key_values(call, answer)
    await database.run(key_sql(), call.caller.business_id, *values)


def _shape(call: Call, kind: RecordType, columns: Columns, beside: Companions) -> Shape:
    targets = tuple(link.target for link in beside.links if link.target is not None)
    return Shape(
        table=kind.table,
        columns=columns,
        references=targets,
        events=len(beside.events),
        keyed=call.key is not None,
    )


def _beside(call: Call, kind: RecordType, record: Any, beside: Companions) -> list[Any]:
    values: list[Any] = [link.record_id for link in beside.links]
    if any(link.target and link.target.owner_column for link in beside.links):
        values.append(call.caller.user_id)
    if beside.events:
        moment = from_timestamp(record.updated_at)
        links = timeline.links_of(kind, record)
        values += timeline.values(links, beside.events, moment)
        values.append(call.caller.user_id)
    if call.key is not None:
        values += key_values(call, beside.answer)
    return values
