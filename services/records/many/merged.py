"""Ids of records that were merged into others: they lead to the survivors.

Nobody looks for one unless a record was not found, so other reads and writes do not
become dearer.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from services.kinds.record_type import Field, RecordType
from services.postgres.database import Database, Row, Transaction

MERGED_IDS = "merged_ids"

# Values: business, ids.
_SURVIVORS = """
SELECT record_id, survivor_id FROM merged_records
WHERE business_id = $1 AND record_id = ANY($2::text[])
"""
# Values: business, ids.
_LED_TO = """
SELECT survivor_id, array_agg(record_id) FROM merged_records
WHERE business_id = $1 AND survivor_id = ANY($2::text[]) GROUP BY survivor_id
"""
# Values: business, an id.
_MERGED = """
SELECT survivor_id, at FROM merged_records WHERE business_id = $1 AND record_id = $2
"""

# That a record `r` was not merged.
NOT_MERGED = (
    "NOT EXISTS (SELECT FROM merged_records AS m WHERE m.business_id = r.business_id"
    " AND m.record_id = r.id)"
)


def can_merge(kind: RecordType) -> bool:
    """Whether records of a kind can be merged: they then say which ids lead to them."""
    item = kind.by_name.get(MERGED_IDS)
    return item is not None and item.policy.set_by_others


async def survivors_of(
    database: Database | Transaction, business_id: str, ids: Iterable[str]
) -> dict[str, str]:
    """The records that stand for merged ones, by the ids of these."""
    rows = await database.rows(_SURVIVORS, business_id, list(ids))
    return dict(map(tuple, rows))


async def led_to(
    database: Database, business_id: str, ids: Iterable[str]
) -> dict[str, list[str]]:
    """The ids of merged records, by the ids of the records that stand for them."""
    rows = await database.rows(_LED_TO, business_id, list(ids))
    return dict(map(tuple, rows))


async def survivor_of(
    database: Database, kind: RecordType, business_id: str, record_id: str
) -> str | None:
    """The id of the record that stands for a merged one. None if it was not merged."""
    if not can_merge(kind):
        return None
    found = await survivors_of(database, business_id, (record_id,))
    return found.get(record_id)


async def merge_of(database: Database, business_id: str, record_id: str) -> Row | None:
    """The survivor of a merged record, and when it was merged."""
    return await database.row(_MERGED, business_id, record_id)


def lead_on(
    record: Any,
    references: Iterable[Field],
    own: Iterable[Any],
    survivors: Mapping[str, str],
) -> None:
    """Puts survivors in the place of merged records that a record refers to.

    `own` are the fields of the tenant's own that refer to records.
    """
    for item in references:
        found = survivors.get(getattr(record, item.name))
        if found is not None:
            setattr(record, item.name, found)
    for field in own:
        value = record.custom_fields.fields.get(field.key)
        found = None if value is None else survivors.get(value.string_value)
        if found is not None:
            record.custom_fields.fields[field.key].string_value = found
