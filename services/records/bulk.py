"""Loads many records by COPY, for demonstrations and tests.

The load writes no timeline and checks no rules. The records must be valid.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from google.protobuf.message import Message

from services.clock import now, to_timestamp
from services.ids import new_id
from services.kinds.descriptors import record_type
from services.kinds.record_type import RecordType
from services.postgres.database import Database, Transaction
from services.postgres.sql_parts import column_of
from services.records.rows import RowCodec
from services.records.values.unique_values import UniqueValues

BATCH = 5_000

_codec = lru_cache(maxsize=64)(RowCodec)


@lru_cache(maxsize=64)
def _unique(kind: RecordType) -> UniqueValues:
    return UniqueValues(kind, {})


# A record's row, and the rows of its unique values.
Loaded = tuple[tuple[Any, ...], list[tuple[str, ...]]]
Rows = Mapping[RecordType, Sequence[Loaded]]

UNIQUE_COLUMNS = ("business_id", "object", "key", "value", "record_id")


async def copy_records(
    database: Database,
    message: type[Message],
    business_id: str,
    records: Iterable[Any],
    derive: Callable[[Any], None] = lambda _: None,
    report: Callable[[int], None] = lambda _: None,
) -> int:
    """Loads records of a tenant and returns their number; `report` gets the count.

    Ids and times that are not set are set here.
    """
    kind = record_type(message)
    batch: list[tuple[Any, ...]] = []
    unique: list[tuple[str, ...]] = []
    count = 0
    for record in records:
        derive(record)
        batch.append(_row(kind, business_id, record))
        unique += _unique_rows(kind, business_id, record)
        if len(batch) == BATCH:
            await _copy(database, kind, batch, unique)
            count += len(batch)
            report(count)
            batch.clear()
            unique.clear()
    await _copy(database, kind, batch, unique)
    await analyze(database, [message])
    return count + len(batch)


async def _copy(
    database: Database | Transaction,
    kind: RecordType,
    rows: Sequence[tuple[Any, ...]],
    unique: Sequence[tuple[str, ...]],
) -> None:
    """Loads records, and the rows of their unique values."""
    await database.copy(kind.table, _columns(kind), rows)
    if unique:
        await database.copy("unique_values", UNIQUE_COLUMNS, unique)


def rows_of(business_id: str, records: Iterable[Message]) -> Rows:
    """Converts a tenant's records of any kinds to rows for `copy_together`."""
    kinds: dict[type[Message], RecordType] = {}
    rows: dict[RecordType, list[Loaded]] = defaultdict(list)
    for record in records:
        kind = kinds.get(type(record))
        if kind is None:
            kind = kinds[type(record)] = record_type(type(record))
        row = _row(kind, business_id, record)
        rows[kind].append((row, _unique_rows(kind, business_id, record)))
    return rows


async def copy_together(database: Database, rows: Rows) -> None:
    """Loads rows of several kinds in one transaction."""
    async with database.transaction() as transaction:
        await copy_in(transaction, rows)


async def copy_in(transaction: Transaction, rows: Rows) -> None:
    """Loads rows of several kinds in a transaction that does more."""
    for kind, its in rows.items():
        unique = [row for _, more in its for row in more]
        await _copy(transaction, kind, [row for row, _ in its], unique)


async def analyze(database: Database, messages: Iterable[type[Message]]) -> None:
    """Updates PostgreSQL's statistics, without which the first searches plan badly."""
    for message in messages:
        await database.run(f"ANALYZE {record_type(message).table}")


def _columns(kind: RecordType) -> list[str]:
    return ["business_id", *(column_of(item.name) for item in kind.fields)]


def _unique_rows(
    kind: RecordType, business_id: str, record: Any
) -> list[tuple[str, ...]]:
    values = _unique(kind).of(record).items()
    its = kind.object_of(record)
    return [(business_id, its, key, value, record.id) for key, value in values]


def _row(kind: RecordType, business_id: str, record: Any) -> tuple[Any, ...]:
    if not record.HasField("created_at"):
        record.created_at.CopyFrom(to_timestamp(now()))
    if not record.HasField("updated_at"):
        record.updated_at.CopyFrom(record.created_at)
    if not record.id:
        record.id = new_id(kind.policy.id_prefix, record.created_at.seconds)
    return (business_id, *_codec(kind).values(record))
