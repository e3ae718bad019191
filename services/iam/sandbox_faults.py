"""Faults that were planted in sandboxes: each happens exactly as often as asked.

One statement counts a request and says what goes wrong with it, so that it does not
matter how many processes ask.
"""

from typing import NamedTuple

from services.postgres.database import Database

# Whether a fault has not ended.
ALIVE = """(remaining IS NULL OR remaining > 0)
    AND (ends_at IS NULL OR ends_at > now())"""

# Values: business, whether it is a delivery, the operation.
_TAKE = f"""
WITH chosen AS (
  SELECT id FROM sandbox_faults WHERE business_id = $1 AND of_deliveries = $2
    AND (operation IS NULL OR operation = $3) AND {ALIVE}
  ORDER BY planted_at, id LIMIT 1 FOR UPDATE
)
UPDATE sandbox_faults AS f SET seen = f.seen + 1, remaining = f.remaining -
  (floor((f.seen + 1) * f.share) - floor(f.seen * f.share))::int
FROM chosen WHERE f.business_id = $1 AND f.id = chosen.id
RETURNING f.answer, f.done_first,
  floor(f.seen * f.share) > floor((f.seen - 1) * f.share)
"""


class Taken(NamedTuple):
    """What goes wrong, and whether the request is done first."""

    answer: str
    done_first: bool


async def take(
    database: Database, business_id: str, operation: str, *, of_deliveries: bool = False
) -> Taken | None:
    """Takes the fault that the next request, or delivery, of a sandbox is to have."""
    given = business_id, of_deliveries, operation
    row = await database.row(_TAKE, *given)
    return Taken(row[0], row[1]) if row is not None and row[2] else None
