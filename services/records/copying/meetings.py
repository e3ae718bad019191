"""Copies meeting types and the hours of their hosts into a sandbox.

They keep their ids, as definitions do. Names of schedules, days away and the values of
places say something of people: copied schedules have the default name, and the others
stay empty.
"""

from collections.abc import Mapping

from services.kinds.record_type import RecordType
from services.postgres.database import Database, Transaction
from services.records.copying.definitions import copy_sql

# So many of each are copied at most, the newest first.
MOST = 1_000
# What reading them takes.
NEEDED = ("meeting_type.read", "schedule.read")

_IS_THERE = """
SELECT 1 FROM meeting_types WHERE business_id = $1 AND deleted_at IS NULL LIMIT 1
"""
_OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "schedule": {"name": "'Working hours'", "overrides": "'[]'::jsonb"},
    "meeting_type": {"location": "(s.location - 'value')", "external_ids": "NULL"},
}
# Values: the sandbox.
_SLUGS = """
INSERT INTO unique_values (business_id, object, key, value, record_id)
SELECT $1, 'meeting_types', 'slug', s.slug, s.id FROM meeting_types AS s
WHERE s.business_id = $1
ON CONFLICT DO NOTHING
"""


async def are_there(database: Database | Transaction, business_id: str) -> bool:
    """Whether a tenant has meeting types."""
    return await database.row(_IS_THERE, business_id) is not None


async def copy_meetings(
    transaction: Transaction,
    tenants: tuple[str, str],
    kinds: Mapping[str, RecordType],
) -> None:
    """Copies meeting types, and schedules; none where there are no meeting types."""
    if not await are_there(transaction, tenants[0]):
        return
    for each, otherwise in _OTHERWISE.items():
        await transaction.run(copy_sql(kinds[each], otherwise, MOST), *tenants)
    await transaction.run(_SLUGS, tenants[1])
