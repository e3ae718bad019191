"""Which deletions and restores of the feed are those of merges."""

from collections.abc import Iterable

from services.changes.order import Page
from services.clock import SECOND
from services.postgres.database import Database, Row, Transaction
from services.records.log.changes import DELETED, RESTORED

# Clocks of machines differ by no more, and no transaction that writes takes longer.
MARGIN = 60 * SECOND

# The merges that transactions made or undid. Values: business, the transactions, from
# and to: the moments around them.
_MERGES = """
SELECT xid::text AS xid, undone_xid::text AS undone_xid, survivor_id, merged_ids
FROM merges WHERE business_id = $1 AND deleted_at IS NULL
  AND (at BETWEEN $3 AND $4 AND xid = ANY($2::text[]::xid8[])
    OR undone_at BETWEEN $3 AND $4 AND undone_xid = ANY($2::text[]::xid8[]))
"""


async def merges_of(
    database: Database | Transaction, business_id: str, page: Page
) -> dict[tuple[str, str], str]:
    """The survivors of merged records, by the transaction and the record."""
    rows = page.rows if page.has_merges else ()
    return await survivors(database, business_id, rows)


async def survivors(
    database: Database | Transaction, business_id: str, changes: Iterable[Row]
) -> dict[tuple[str, str], str]:
    """The same of any changes of a tenant that may have merged records."""
    rows = [each for each in changes if each["operation"] in (DELETED, RESTORED)]
    if not rows:
        return {}
    moments = [each["at"] for each in rows]
    around = min(moments) - MARGIN, max(moments) + MARGIN
    xids = list({each["xid"] for each in rows})
    found = {}
    for merge in await database.rows(_MERGES, business_id, xids, *around):
        for record_id in merge["merged_ids"]:
            for xid in (merge["xid"], merge["undone_xid"]):
                found[xid, record_id] = merge["survivor_id"]
    return found
