"""Commands: the SQL statement and the values that write a record.

A command commits the record, its timeline and its idempotency key together or not
at all. The values have the order of the parameter numbers in `statements.py`.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from google.protobuf.message import Message

from services.caller import Call
from services.clock import from_timestamp
from services.kinds.record_type import RecordType
from services.postgres.database import Database, Transaction
from services.records import idempotency, timeline
from services.records.idempotency import key_values
from services.records.log.actor import acting, actor_of
from services.records.log.changes import DELETED, Change, deleted, is_logged
from services.records.own_values import OwnValues
from services.records.references import Reference
from services.records.statements import (
    Columns,
    Own,
    Shape,
    answer_again_sql,
    insert_sql,
    key_beside_sql,
    key_sql,
    unchanged_sql,
    update_sql,
)
from services.records.values.newest import Newest
from services.records.values.unique_values import NONE, Changes, parameters


@dataclass(frozen=True, slots=True)
class Command:
    """One statement with its values."""

    sql: str
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Around:
    """Statements that run before and after a command, in its transaction.

    The statements before take locks. The statements after see everything that was
    committed before these locks were granted. `then` runs after them, for what depends
    on what it reads; an error that it raises undoes the command.
    """

    before: Sequence[Command] = ()
    after: Sequence[Command] = ()
    then: Callable[[Transaction], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Companions:
    """What a command's statement checks and writes besides the record itself."""

    references: Sequence[Reference]
    events: Sequence[timeline.Event]
    answer: Message
    unique: Changes = NONE
    own: OwnValues | None = None
    change: Change | None = None
    newest: Newest | None = None


def insert(
    call: Call,
    kind: RecordType,
    record: Any,
    fields: Sequence[Any],
    companions: Companions,
) -> Command:
    """Returns the command that creates `record`; `fields` are its column values."""
    values = [
        call.caller.business_id,
        *fields,
        *_companion_values(call, kind, record, companions),
    ]
    return Command(insert_sql(_shape(call, kind, kind.columns, companions)), values)


def update(
    call: Call,
    kind: RecordType,
    record: Any,
    version: int,
    changed: Mapping[tuple[str, str], Any],
    companions: Companions,
) -> Command:
    """Returns the command that writes the `changed` columns of `record`.

    The command writes nothing if the record no longer has `version`.
    """
    values = _update_values(call, kind, record, version, changed, companions)
    return Command(update_sql(_shape(call, kind, tuple(changed), companions)), values)


def restore(
    call: Call,
    kind: RecordType,
    record: Any,
    version: int,
    changed: Mapping[tuple[str, str], Any],
    companions: Companions,
) -> Command:
    """Returns the command that shows a deleted record again, with `changed` columns.

    It writes nothing if the record no longer has `version`.
    """
    columns = {**changed, ("deleted_at", "timestamptz"): None}
    if kind.ends:  # no longer marked as ended with a record of it
        columns["external", "jsonb"] = None
    values = _update_values(call, kind, record, version, columns, companions)
    shape = replace(_shape(call, kind, tuple(columns), companions), revives=True)
    return Command(update_sql(shape), values)


def delete(
    call: Call,
    kind: RecordType,
    record: Any,
    moment: int,
    unique: Changes,
    own: OwnValues | None,
) -> Command:
    """Returns the command that hides a record and frees its unique values."""
    columns = (("deleted_at", "timestamptz"), ("updated_at", "timestamptz"))
    part: Own = "" if own is None else own.part
    shape = Shape(
        kind.table,
        columns,
        own=part,
        frees=unique.freed != (),
        object_column=kind.object_field,
        operation=DELETED if is_logged(kind) else 0,
    )
    version = int(record.etag)
    values = [call.caller.business_id, record.id, version, moment, moment]
    values += () if own is None else own.parameters
    values += parameters(unique)
    if shape.operation:
        values += (*deleted(version + 1, moment).parameters, *actor_of(call))
    return Command(update_sql(shape), values)


# Runs a command and the statements around it, as `run` does.
Run = Callable[[Database, Command, Around | None], Awaitable[bool | None]]


async def run(
    database: Database, command: Command, around: Around | None = None
) -> bool:
    """Runs a command and returns whether it wrote the record.

    It writes nothing if a reference or the expected version is missing. A command alone
    is one round trip. With statements around it, all of them share a transaction.
    """
    if around is None:
        return await run_in(database, command)
    return await database.in_transaction(partial(run_amid, command, around))


async def run_amid(
    command: Command, around: Around | None, transaction: Transaction
) -> bool:
    """Runs a command in a transaction, with the statements around it."""
    if around is None:
        return await run_in(transaction, command)
    await run_all(transaction, around.before)
    if not await run_in(transaction, command):
        return False
    await run_all(transaction, around.after)
    if around.then is not None:
        await around.then(transaction)
    return True


async def run_all(transaction: Transaction, statements: Iterable[Command]) -> None:
    """Runs statements in a transaction, one after the other."""
    for each in statements:
        await transaction.run(each.sql, *each.values)


async def run_in(database: Database | Transaction, command: Command) -> bool:
    """Runs a command's statement in a database or in a transaction."""
    row = await database.row(command.sql, *command.values)
    return row is not None and row[0] > 0


async def answer_again(transaction: Transaction, call: Call, answer: Message) -> None:
    """Replaces the answer that a command has kept, for what is known only after it."""
    if call.key is None:
        return
    user, client, key, _, outcome, *_ = key_values(call, answer)
    values = call.caller.business_id, user, client, key, outcome
    await transaction.run(answer_again_sql(), *values)


async def keep_answer(
    database: Database | Transaction, call: Call, answer: Message
) -> None:
    """Stores the answer of a call with an idempotency key that changes nothing."""
    if call.key is None:
        return
    values = key_values(call, idempotency.of_no_change(answer))
    await database.run(key_sql(), call.caller.business_id, *values)


def _update_values(
    call: Call,
    kind: RecordType,
    record: Any,
    version: int,
    changed: Mapping[tuple[str, str], Any],
    companions: Companions,
) -> list[Any]:
    return [
        call.caller.business_id,
        record.id,
        version,
        *changed.values(),
        *_companion_values(call, kind, record, companions),
    ]


async def keep_unchanged(
    database: Database, call: Call, kind: RecordType, record: Any, answer: Message
) -> bool:
    """The same for a record that a change leaves as it is.

    Returns False if another call has changed the record since it was read.
    """
    here = call.caller.business_id, record.id, int(record.etag)
    if call.key is None:
        if not call.is_stored:
            return True
        return await run_in(database, Command(unchanged_sql(kind.table), here))
    values = key_values(call, idempotency.of_no_change(answer))
    return await run_in(database, Command(key_beside_sql(kind.table), [*here, *values]))


def _shape(
    call: Call, kind: RecordType, columns: Columns, companions: Companions
) -> Shape:
    targets = tuple(
        each.target for each in companions.references if each.target is not None
    )
    return Shape(
        table=kind.table,
        columns=columns,
        references=targets,
        events=len(companions.events),
        keyed=call.key is not None,
        own="" if companions.own is None else companions.own.part,
        takes=companions.unique.taken != (),
        frees=companions.unique.freed != (),
        object_column=kind.object_field,
        operation=0 if companions.change is None else companions.change.operation,
        newest=companions.newest,
    )


def _companion_values(
    call: Call, kind: RecordType, record: Any, companions: Companions
) -> list[Any]:
    references = companions.references
    values: list[Any] = [each.record_id for each in references]
    values += [each.object for each in references if each.object]
    if any(each.target and each.target.owner_column for each in references):
        values.append(call.caller.user_id)
    if companions.own is not None:
        values += companions.own.parameters
    if companions.unique is not NONE:
        values += parameters(companions.unique)
    if companions.change is not None:
        values += (*companions.change.parameters, *actor_of(call))
    if companions.events:
        # A new record may be older than its row: an import says since when it is there.
        stamp = record.updated_at if int(record.etag) > 1 else record.created_at
        moment = from_timestamp(stamp)
        links = timeline.links_of(kind, record)
        values += timeline.values(links, companions.events, moment)
        values.append(call.caller.user_id)
    if companions.newest is not None:
        values += (from_timestamp(record.updated_at), acting(call.caller))
    if call.key is not None:
        values += key_values(call, companions.answer)
    return values
