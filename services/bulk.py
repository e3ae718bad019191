"""Loading many records at once, by COPY, for demonstrations and tests.

Records loaded so are told of by no activity and checked by no rule: what is given
must be right.
"""

from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf.message import Message

from services.clock import now, to_timestamp
from services.database import Database
from services.ids import new_id
from services.record_type import RecordType, record_type
from services.rows import column_value

BATCH = 5_000


async def copy_records(
    database: Database,
    message: type[Message],
    business_id: str,
    records: Iterable[Any],
    derive: Callable[[Any], None] = lambda _: None,
    report: Callable[[int], None] = lambda _: None,
) -> int:
    """Loads records of a tenant and returns how many; `report` hears the count.

    Ids and times that are not set are made up here.
    """
    kind = record_type(message)
    names = ["business_id", *(item.name for item in kind.fields)]
    batch: list[tuple[Any, ...]] = []
    count = 0
    for record in records:
        derive(record)
        batch.append(_row(kind, business_id, record))
        if len(batch) == BATCH:
            await database.copy(kind.table, names, batch)
            count += len(batch)
            report(count)
            batch.clear()
    await database.copy(kind.table, names, batch)
    await database.run(f"ANALYZE {kind.table}")  # or the first searches plan blindly
    return count + len(batch)


def _row(kind: RecordType, business_id: str, record: Any) -> tuple[Any, ...]:
    if not record.HasField("created_at"):
        record.created_at.CopyFrom(to_timestamp(now()))
    if not record.HasField("updated_at"):
        record.updated_at.CopyFrom(record.created_at)
    if not record.id:
        record.id = new_id(kind.policy.id_prefix, record.created_at.seconds)
    return (business_id, *(column_value(item, record) for item in kind.fields))
