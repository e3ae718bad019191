"""The values that records already have for a key that is defined, or defined otherwise.

All this runs in the transaction that writes the definition, after the tenant's row is
locked: a record that was checked by the schema before waits, and is then checked again.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.clock import now
from services.errors import ValuesUnfit
from services.kinds.conversions import Convert, converted, form_in
from services.kinds.custom_fields import Json
from services.kinds.own_fields import OwnField
from services.kinds.own_schemas import own_field
from services.kinds.typed_values import columns
from services.postgres.database import Row, Transaction
from services.record_messages import home_of
from services.records.log.actor import acting
from services.records.many.statements import give_values_sql
from services.records.values.typed_statements import (
    conflicts_sql,
    forget_key_sql,
    forget_sql,
    typed_values_sql,
)

# So many records are looked at while a request waits. A job looks at more.
MOST_RECORDS = 10_000
SAMPLE = 10

_THERE = """
SELECT r.id FROM {table} AS r WHERE r.business_id = $1 AND r.id = ANY($2::text[])
  AND r.deleted_at IS NULL{condition} FOR SHARE
"""


class TooManyValues(Exception):
    """More records have a key than a request can look at."""


@dataclass(slots=True)
class Judged:
    """The values of records: those that fit, and those that do not.

    All are by the ids of records: `stored` as they were, `changed` those that are to be
    stored otherwise.
    """

    stored: dict[str, Json] = field(default_factory=dict)
    fitting: dict[str, Json] = field(default_factory=dict)
    changed: dict[str, Json] = field(default_factory=dict)
    unfit: dict[str, Json] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """How many records have the key."""
        return len(self.stored)

    def lose(self, record_id: str) -> None:
        """Counts a value that seemed to fit as unfit."""
        del self.fitting[record_id]
        self.changed.pop(record_id, None)
        self.unfit[record_id] = self.stored[record_id]


async def fit(
    transaction: Transaction,
    business_id: str,
    definition: pb.Field,
    existing: pb.ExistingValues.ValueType = pb.EXISTING_VALUES_UNSPECIFIED,
    most: int = MOST_RECORDS,
) -> None:
    """Stores the values of records as the definition wants them.

    Raises `ValuesUnfit` if records have values that do not fit it, unless `existing`
    says to clear them, and `TooManyValues` if more than `most` have the key.
    """
    ways = ways_of(definition, existing)
    judged = await judge(transaction, business_id, definition, ways, most=most)
    if judged.unfit and existing != pb.EXISTING_VALUES_CLEAR:
        sample = list(judged.unfit)[:SAMPLE]
        raise ValuesUnfit(unfit_message(definition), len(judged.unfit), sample)
    await store(transaction, business_id, definition, judged)


async def refuse_uncomputed(
    transaction: Transaction,
    business_id: str,
    before: pb.Field | None,
    definition: pb.Field,
    existing: pb.ExistingValues.ValueType,
) -> None:
    """Raises `ValuesUnfit` if records have values of a key that is to be computed."""
    if before is not None or existing == pb.EXISTING_VALUES_CLEAR:
        return
    where = transaction, business_id, definition.object
    try:
        rows = await values_of(*where, definition.key)
    except TooManyValues:
        count, sample = MOST_RECORDS + 1, list[str]()
    else:
        count, sample = len(rows), [row[0] for row in rows[:SAMPLE]]
    if count:
        message = f"Records hold values of {definition.key}, which is to be computed."
        raise ValuesUnfit(message, count, sample)


def ways_of(
    definition: pb.Field, existing: pb.ExistingValues.ValueType
) -> tuple[Convert, ...]:
    """What is tried for values that do not fit."""
    if existing == pb.EXISTING_VALUES_CONVERT:
        return (partial(converted, definition.type),)
    return ()


def unfit_message(definition: pb.Field) -> str:
    """What people read about values that do not fit."""
    return f"Records hold values of {definition.key} that do not fit the definition."


async def judge(
    transaction: Transaction,
    business_id: str,
    definition: pb.Field,
    ways: Sequence[Convert] = (),
    held: Container[str] | None = None,
    most: int = MOST_RECORDS,
) -> Judged:
    """Locks the records that have the key, and reads their values by a definition.

    `ways` are tried for values that do not fit. `held` are the options that values may
    have though they are archived; all by default.
    """
    name, own = definition.object, own_field(definition)
    rows = await values_of(transaction, business_id, name, own.key, most)
    judged = await judge_rows(transaction, business_id, definition, rows, ways, held)
    _lose_doubles(own, judged)
    return judged


async def judge_rows(
    transaction: Transaction,
    business_id: str,
    definition: pb.Field,
    rows: Sequence[Any],
    ways: Sequence[Convert] = (),
    held: Container[str] | None = None,
) -> Judged:
    """Reads the values of locked records by a definition.

    Unique values may still be those of other records.
    """
    own = own_field(definition)
    judged = _judge(own, rows, ways, own.rules.options if held is None else held)
    if own.refers_to:
        await _lose_missing(transaction, business_id, own.refers_to, judged)
    return judged


async def lose_taken(
    transaction: Transaction,
    business_id: str,
    definition: pb.Field,
    judged: Judged,
    key: str,
) -> None:
    """Counts unique values as unfit that other live records have.

    `key` is that by which typed values are kept.
    """
    own, name = own_field(definition), definition.object
    if not (own.unique and judged.fitting):
        return
    digests = [own.typed(value).digest for value in judged.fitting.values()]
    given = business_id, key, list(judged.fitting), digests, name
    sql = conflicts_sql(home_of(name).table)
    for record_id, holder, lives in await transaction.rows(sql, *given):
        if not lives:
            await transaction.run(forget_sql("$3"), business_id, holder, name)
        elif record_id in judged.fitting:
            judged.lose(record_id)
    _lose_doubles(own, judged)


async def store(
    transaction: Transaction, business_id: str, definition: pb.Field, judged: Judged
) -> None:
    """Stores values that were judged; those that do not fit are cleared."""
    own, name = own_field(definition), definition.object
    changed = judged.changed | dict.fromkeys(judged.unfit)
    if changed:
        sql = give_values_sql(home_of(name).table)
        given = business_id, own.key, now(), changed, acting()
        await transaction.run(sql, *given)
    if judged.records:
        await transaction.run(forget_key_sql("$3"), business_id, own.key, name)
    if own.is_kept and judged.fitting:
        await keep(transaction, business_id, name, own, judged.fitting)


async def values_of(
    transaction: Transaction,
    business_id: str,
    name: str,
    key: str,
    most: int = MOST_RECORDS,
    value: str | None = None,
) -> list[Row]:
    """Locks the records that have a key, and returns them with their values.

    `name` is their type. With `value`, those that have this option. Raises
    `TooManyValues`, and has locked none then, if there are more than `most`.
    """
    home = home_of(name)
    where = (
        f"FROM {home.table} AS r WHERE r.business_id = $1 AND r.deleted_at IS NULL"
        f"{home.condition} AND r.custom_fields ? $2 AND ($3::text IS NULL"
        " OR r.custom_fields -> $2 ? $3::text)"
    )
    given = business_id, key, value
    found = await transaction.row(
        f"SELECT count(*) FROM (SELECT {where} LIMIT {most + 1}) AS found", *given
    )
    if found is not None and found[0] > most:
        raise TooManyValues
    return await transaction.rows(
        f"SELECT r.id, r.custom_fields -> $2 {where}"
        " ORDER BY r.created_at, r.id FOR UPDATE OF r",
        *given,
    )


def _judge(
    own: OwnField,
    rows: Sequence[Row],
    ways: Sequence[Convert],
    held: Container[str],
) -> Judged:
    judged = Judged({row[0]: row[1] for row in rows})
    for record_id, stored in rows:
        found, fits = form_in(own, ways, held, stored)
        if not fits:
            judged.unfit[record_id] = stored
            continue
        if found is not None:
            judged.fitting[record_id] = found
        if found != stored or type(found) is not type(stored) or found is None:
            judged.changed[record_id] = found
    return judged


def _lose_doubles(own: OwnField, judged: Judged) -> None:
    """Counts unique values as unfit that records before have."""
    if not own.unique:
        return
    taken = set[bytes | None]()
    for record_id, value in list(judged.fitting.items()):
        digest = own.typed(value).digest
        if digest in taken:
            judged.lose(record_id)
        taken.add(digest)


async def _lose_missing(
    transaction: Transaction, business_id: str, name: str, judged: Judged
) -> None:
    """Counts references as unfit that lead to no record, and locks the records."""
    ids = sorted({str(value) for value in judged.fitting.values()})
    home = home_of(name)
    sql = _THERE.format(table=home.table, condition=home.condition)
    rows = await transaction.rows(sql, business_id, ids)
    there = {row[0] for row in rows}
    for record_id, value in list(judged.fitting.items()):
        if value not in there:
            judged.lose(record_id)


async def keep(
    transaction: Transaction,
    business_id: str,
    name: str,
    own: OwnField,
    fitting: dict[str, Any],
) -> None:
    """Stores the typed values of records."""
    values = columns([(own.key, own.typed(each)) for each in fitting.values()])
    ids = list(fitting)
    sql = typed_values_sql(f"'{name}'")
    await transaction.run(sql, business_id, ids, *values)
