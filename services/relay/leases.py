"""Where the relays stand: for each tenant a position, and the relay that has it.

A relay has a tenant for a while, and says so again before that ends. One that died
loses its tenants to others. Relays count each other, so that each has its share.
"""

from services.changes.order import Position
from services.postgres.database import Database

LEASE_SECONDS = 30
# A relay that said nothing for so long is not counted.
SEEN_SECONDS = 15

_FREE = (
    "SELECT t.business_id, p.business_id IS NULL FROM tenants AS t"
    " LEFT JOIN relay_positions AS p ON p.business_id = t.business_id"
    " WHERE p.held_until IS NULL OR p.held_until <= now()"
)
_HAS_RUN = "SELECT EXISTS (SELECT FROM relay_positions)"
_CLAIM = f"""
INSERT INTO relay_positions (business_id, position, holder, held_until)
SELECT $1, $3, $2, now() + interval '{LEASE_SECONDS} seconds'
ON CONFLICT (business_id) DO UPDATE
  SET holder = excluded.holder, held_until = excluded.held_until
  WHERE relay_positions.held_until IS NULL OR relay_positions.held_until <= now()
RETURNING position
"""
_SAVE = f"""
UPDATE relay_positions SET position = $3,
  held_until = now() + interval '{LEASE_SECONDS} seconds'
WHERE business_id = $1 AND holder = $2 AND held_until > now()
"""
_RELEASE = """
UPDATE relay_positions SET held_until = NULL WHERE business_id = $1 AND holder = $2
"""
_SEEN = """
INSERT INTO relays (id, seen_at) VALUES ($1, now())
ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
"""
_SWEEP = f"""
DELETE FROM relays WHERE seen_at <= now() - interval '{SEEN_SECONDS} seconds'
"""
_COUNT = "SELECT count(*), (SELECT count(*) FROM tenants) FROM relays"
_GONE = "DELETE FROM relays WHERE id = $1"


class Leases:
    """The tenants of one relay, which has an id."""

    def __init__(self, database: Database, holder: str) -> None:
        self._database, self._holder = database, holder

    async def has_run(self) -> bool:
        """Whether a relay has ever had a tenant."""
        row = await self._database.row(_HAS_RUN)
        return row is not None and bool(row[0])

    async def free(self) -> list[tuple[str, bool]]:
        """The tenants that no relay has, and whether none ever had them."""
        return [(row[0], row[1]) for row in await self._database.rows(_FREE)]

    async def share(self) -> int:
        """Says that the relay lives. Returns how many tenants it may have."""
        await self._database.run(_SEEN, self._holder)
        await self._database.run(_SWEEP)
        row = await self._database.row(_COUNT)
        relays, tenants = (1, 0) if row is None else (max(1, row[0]), row[1])
        return int(-(-tenants // relays))

    async def claim(self, business_id: str, start: Position | None) -> Position | None:
        """Takes a tenant. Returns its position, `start` if it had none.

        None if another relay has it.
        """
        text = "" if start is None else start.text
        row = await self._database.row(_CLAIM, business_id, self._holder, text)
        return Position.read(row[0]) if row is not None and row[0] else None

    async def save(self, business_id: str, position: Position) -> bool:
        """Keeps a position, and the tenant for longer. False if the tenant is lost."""
        where = business_id, self._holder
        done = await self._database.run(_SAVE, *where, position.text)
        return not done.endswith(" 0")

    async def release(self, business_id: str) -> None:
        """Leaves a tenant to the others."""
        await self._database.run(_RELEASE, business_id, self._holder)

    async def end(self) -> None:
        """Says that the relay ends."""
        await self._database.run(_GONE, self._holder)
