"""The values that records already have for a key that is defined, or made stricter.

All this runs in the transaction that writes the definition, after the tenant's row is
locked: a record that was checked by the schema before waits, and is then checked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.struct_pb2 import Value
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.clock import now
from services.errors import ValuesUnfit
from services.faults import Faults
from services.kinds.custom_fields import Json
from services.kinds.own_fields import OwnField, own_field, to_value
from services.kinds.own_types import Reading, read
from services.kinds.typed_values import Typed, typed
from services.postgres.database import Row, Transaction
from services.records.statements import give_values_sql
from services.records.typed_statements import drop_digests_sql, typed_values_sql

# So many records are looked at while a request waits.
MOST_RECORDS = 10_000
SAMPLE = 10

_THERE = """
SELECT id FROM {table} WHERE business_id = $1 AND id = ANY($2::text[])
  AND deleted_at IS NULL FOR SHARE
"""


@dataclass(slots=True)
class _Judged:
    """The values of records: those that fit, and the ids of the others.

    `changed` are those that are stored otherwise than they were, by record.
    """

    fitting: list[tuple[str, Json]] = field(default_factory=list)
    changed: dict[str, Json] = field(default_factory=dict)
    unfit: list[str] = field(default_factory=list)


async def fit(
    transaction: Transaction,
    business_id: str,
    definition: pb.Field,
    most: int = MOST_RECORDS,
) -> None:
    """Stores the values of records as the definition wants them.

    Raises `ValuesUnfit` if records have values that do not fit it, or if more than
    `most` have the key.
    """
    own, table = own_field(definition), definition.object
    rows = await _values(transaction, business_id, table, own.key, most)
    judged = _judge(own, rows)
    if own.refers_to:
        await _lose_missing(transaction, business_id, own.refers_to, judged)
    if judged.unfit:
        message = f"Records hold values of {own.key} that do not fit the definition."
        count, sample = len(judged.unfit), judged.unfit[:SAMPLE]
        raise ValuesUnfit(message, count, sample)
    if judged.changed:
        sql = give_values_sql(table)
        await transaction.run(sql, business_id, own.key, now(), judged.changed)
    if own.is_typed and judged.fitting:
        await _store(transaction, business_id, table, own, judged.fitting)


async def share_values(
    transaction: Transaction, business_id: str, definition: pb.Field
) -> None:
    """Lets records have equal values of a field that is no longer unique."""
    sql = drop_digests_sql(definition.object)
    await transaction.run(sql, business_id, definition.key)


async def _values(
    transaction: Transaction, business_id: str, table: str, key: str, most: int
) -> list[Row]:
    """The records that have a key, with their values."""
    where = (
        f"FROM {table} AS r WHERE r.business_id = $1 AND r.deleted_at IS NULL"
        " AND r.custom_fields ? $2"
    )
    rows = await transaction.rows(
        f"SELECT r.id, r.custom_fields -> $2 {where}"
        f" ORDER BY r.created_at, r.id LIMIT {most + 1} FOR UPDATE OF r",
        business_id,
        key,
    )
    if len(rows) > most:
        row = await transaction.row(f"SELECT count(*) {where}", business_id, key)
        count, sample = row[0] if row else 0, [row[0] for row in rows[:SAMPLE]]
        message = f"{count} records use {key}; a request can check {most} at most."
        raise ValuesUnfit(message, count, sample)
    return rows


def _judge(own: OwnField, rows: Sequence[Row]) -> _Judged:
    judged, taken = _Judged(), set[bytes]()
    for record_id, stored in rows:
        faults = Faults()
        value = Value() if stored is None else to_value(stored)
        found = read(Reading(own.rules, value, "", faults, own.rules.options))
        if faults.found or (found is not None and _is_taken(own, found, taken)):
            judged.unfit.append(record_id)
            continue
        if found is not None:
            judged.fitting.append((record_id, found))
        if found != stored or type(found) is not type(stored) or found is None:
            judged.changed[record_id] = found
    return judged


def _is_taken(own: OwnField, value: Json, taken: set[bytes]) -> bool:
    """Whether a record before has the value of a unique field."""
    if not own.unique:
        return False
    digest = typed(own.rules.type, value, True).digest
    if digest is None or digest in taken:
        return True
    taken.add(digest)
    return False


async def _lose_missing(
    transaction: Transaction, business_id: str, table: str, judged: _Judged
) -> None:
    """Counts references as unfit that lead to no record, and locks the records."""
    ids = sorted({str(value) for _, value in judged.fitting})
    rows = await transaction.rows(_THERE.format(table=table), business_id, ids)
    there = {row[0] for row in rows}
    judged.unfit += [each for each, value in judged.fitting if value not in there]


async def _store(
    transaction: Transaction,
    business_id: str,
    table: str,
    own: OwnField,
    fitting: Sequence[tuple[str, Any]],
) -> None:
    """Stores the typed values of records."""
    kind, unique = own.rules.type, own.unique
    values: list[Typed] = [typed(kind, value, unique) for _, value in fitting]
    await transaction.run(
        typed_values_sql(table),
        business_id,
        [record_id for record_id, _ in fitting],
        [own.key] * len(values),
        [each.number for each in values],
        [each.moment for each in values],
        [each.text for each in values],
        [each.digest for each in values],
    )
