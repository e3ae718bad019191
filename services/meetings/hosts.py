"""The hosts of a meeting, locked while one of them is chosen.

Who books a host's time holds the host's lock until the booking is there. So what is
read of the host's time under it, buffers too, stays true.
"""

from collections.abc import Iterable, Sequence

from prospectconnect.scheduling.v1 import meeting_types_pb2 as pb

from services.caller import Caller
from services.clock import DAY, now
from services.postgres.database import Database

_COUNTED_DAYS = 30

# In the order of ids, so that no two calls wait for each other.
_LOCK = """
INSERT INTO upsert_locks (business_id, key)
SELECT $1, h.key FROM unnest($2::text[]) WITH ORDINALITY AS h (key, place)
ORDER BY h.place
ON CONFLICT (business_id, key) DO UPDATE SET key = excluded.key
"""
_UNLOCK = "DELETE FROM upsert_locks WHERE business_id = $1 AND key = ANY($2::text[])"
_HELD = """
SELECT 1 FROM meeting_types
WHERE business_id = $1 AND id = $2 AND deleted_at IS NULL FOR SHARE
"""
# Values: business, the hosts, the meeting type, since when bookings count.
_IN_TURN = """
SELECT h.id FROM unnest($2::text[]) WITH ORDINALITY AS h (id, place)
ORDER BY (
    SELECT count(*) FROM bookings AS b WHERE b.business_id = $1
      AND b.meeting_type_id = $3 AND b.owner_id = h.id AND b.created_at > $4
      AND b.deleted_at IS NULL
  ), (
    SELECT max(b.created_at) FROM bookings AS b WHERE b.business_id = $1
      AND b.meeting_type_id = $3 AND b.owner_id = h.id AND b.deleted_at IS NULL
  ) NULLS FIRST, h.place
"""


async def hold(database: Database, business_id: str, meeting_id: str) -> bool:
    """Locks a meeting type against deletion. False if there is none."""
    return await database.row(_HELD, business_id, meeting_id) is not None


async def lock(database: Database, business_id: str, hosts: Iterable[str]) -> None:
    """Waits for all who book the time of some hosts, and lets others wait."""
    await database.run(_LOCK, business_id, _keys(hosts))


async def unlock(database: Database, business_id: str, hosts: Iterable[str]) -> None:
    """Leaves no row of a lock. Others still wait until the transaction ends."""
    await database.run(_UNLOCK, business_id, _keys(hosts))


def _keys(hosts: Iterable[str]) -> list[str]:
    return [f"host {each}" for each in sorted(set(hosts))]


async def choose(
    database: Database,
    caller: Caller,
    meeting: pb.MeetingType,
    free: Sequence[str],
    first: Sequence[str] = (),
) -> list[str]:
    """Who of the free hosts hold a meeting; nobody if not all are there who must be.

    Of several who take turns it is one of `first`, else who has the fewest bookings of
    the last 30 days, and of these who waits longest.
    """
    if meeting.assignment == pb.MEETING_ASSIGNMENT_COLLECTIVE:
        ids = [each.user_id for each in meeting.hosts]
        return ids if set(ids) <= set(free) else []
    kept = [each for each in first if each in free]
    if kept or len(free) < 2:
        return [*(kept or free)][:1]
    since = now() - _COUNTED_DAYS * DAY
    values = caller.business_id, list(free), meeting.id, since
    row = await database.row(_IN_TURN, *values)
    return [] if row is None else [row["id"]]
