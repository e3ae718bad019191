"""What a deletion, or its undoing, does to other records: by type, how many of them.

The types are those of paths, `notes`; the records of all custom objects are `records`.
"""

from collections import Counter
from collections.abc import Mapping

from services.postgres.database import Database
from services.records.log.changes import DELETED
from services.records.log.statements import logs

# The metadata of an answer that tells it.
AFFECTED = "affected"

# What became of the others: they went with the deleted record, or lost their links to
# it; they came back with it, or got these links again.
GONE, UNLINKED, BACK, LINKED = "deleted", "unlinked", "restored", "linked"

_OF_OBJECTS = "records"

# Values: business, the deleted record. Only what the running transaction changed.
_DELETION_SQL = f"""
SELECT c.object, c.operation = {DELETED} AS is_gone, count(DISTINCT c.record_id)
FROM changes AS c
WHERE c.business_id = $1 AND c.xid = pg_current_xact_id() AND c.record_id <> $2
  AND (c.operation = {DELETED} OR EXISTS (
    SELECT FROM jsonb_each_text(c.was) AS w WHERE w.value = $2))
GROUP BY c.object, is_gone
"""


def effect(name: str, became: str) -> str:
    """What an extent counts: records of a type, by its table, and their fate."""
    return f"{name if logs(name) else _OF_OBJECTS}.{became}"


async def extent_of_deletion(
    database: Database, business_id: str, record_id: str
) -> Counter[str]:
    """What a deletion in the running transaction has done besides."""
    found = Counter[str]()
    for name, is_gone, count in await database.rows(
        _DELETION_SQL, business_id, record_id
    ):
        found[effect(name, GONE if is_gone else UNLINKED)] += count
    return found


def written(extent: Mapping[str, int]) -> str:
    """An extent as a dictionary of RFC 9651: `notes.deleted=2, tasks.unlinked=1`."""
    return ", ".join(f"{name}={count}" for name, count in sorted(extent.items()))
