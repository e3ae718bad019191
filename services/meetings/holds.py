"""Holds: slots that are kept for somebody who is about to book.

A hold takes the time of its hosts in the table, and under the constraint, that keep
bookings apart. One whose time is over is in nobody's way: what reads the table leaves
its rows out, and what writes there deletes them first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from prospectconnect.scheduling.v1 import meeting_types_pb2 as pb

from services.caller import Caller
from services.clock import SECOND, now, to_timestamp
from services.ids import new_id
from services.postgres.database import Database, Row
from services.records.commands import Command

PREFIX = "hld_"
DEFAULT_SECONDS = 300
# Of one user. Else one program could keep all slots from everybody.
MOST_OF_USER = 200

_COLUMNS = "id, meeting_type_id, host_ids, starts_at, ends_at, created_at, expires_at"

# Values: business, the user, now.
_COUNT = """
SELECT count(*), min(expires_at) FROM holds
WHERE business_id = $1 AND user_id = $2 AND expires_at > $3
"""
# Values: business, the user, the meeting type, the visitor.
_OF_VISITOR = """
SELECT id FROM holds
WHERE business_id = $1 AND user_id = $2 AND meeting_type_id = $3 AND visitor = $4
FOR UPDATE
"""
# Values: business, the user, the hold, now.
_LIVING = f"""
SELECT {_COLUMNS} FROM holds
WHERE business_id = $1 AND user_id = $2 AND id = $3 AND expires_at > $4
"""
_END = """
WITH ended AS (
  DELETE FROM holds WHERE business_id = $1 AND {which} RETURNING id
),
freed AS (
  DELETE FROM host_times AS t USING ended AS e
  WHERE t.business_id = $1 AND t.booking_id = e.id
)
SELECT count(*) FROM ended
"""
_END_ONE = _END.format(which="id = $2")
_END_OF_TYPE = _END.format(which="meeting_type_id = $2")
_SWEEP = _END.format(which="expires_at <= $2")


def clear_sql(hosts: int, begins: int, ends: int, moment: int) -> str:
    """The part of a statement that deletes holds which are over, where a span of hosts'
    time is taken. Its rows must be counted before the statement takes that time.

    The numbers are those of the parameters; the business is the first one.
    """
    return f"""cleared AS (
  DELETE FROM host_times
  WHERE business_id = $1 AND host_id = ANY(${hosts}::text[])
    AND span && tstzrange(${begins}::timestamptz, ${ends}::timestamptz)
    AND expires_at <= ${moment}
  RETURNING 1
)"""


# Values: business, the hold, its meeting type, the user, the visitor, the hosts, from,
# to, now, and when it ends.
_ADD = f"""
WITH {clear_sql(6, 7, 8, 9)},
added AS (
  INSERT INTO holds (business_id, id, meeting_type_id, user_id, visitor, host_ids,
    starts_at, ends_at, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
)
INSERT INTO host_times (business_id, booking_id, host_id, span, buffer_before,
  buffer_after, expires_at)
SELECT $1, $2, h.id, tstzrange($7, $8), t.buffer_before, t.buffer_after, $10
FROM (SELECT count(*) FROM cleared) AS c, meeting_types AS t,
  unnest($6::text[]) AS h (id)
WHERE t.business_id = $1 AND t.id = $3
"""
# The hosts of a hold who may still log in.
_ACTIVE = """
SELECT count(*) FROM users
WHERE business_id = $1 AND id = ANY($2::text[]) AND active AND deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A hold that somebody wants: for which visitor, when, and how long it lasts."""

    meeting_type_id: str
    visitor: bytes
    starts_at: int
    ends_at: int
    seconds: int


def visitor_of(name: str) -> bytes:
    """A visitor as holds know it: a name may tell who somebody is."""
    return sha256(name.encode()).digest()


async def count(database: Database, caller: Caller) -> tuple[int, int]:
    """How many holds the caller has, and in how many seconds the first of them ends."""
    row = await database.row(_COUNT, caller.business_id, caller.user_id, now())
    if row is None or row[1] is None:
        return 0, 0
    return row[0], (row[1] - now()) // SECOND + 1


async def of_visitor(database: Database, caller: Caller, wanted: Wanted) -> str:
    """The id of the hold that a visitor has, over or not; "" if it has none."""
    values = caller.business_id, caller.user_id, wanted.meeting_type_id, wanted.visitor
    row = await database.row(_OF_VISITOR, *values)
    return "" if row is None else str(row[0])


async def living(
    database: Database, caller: Caller, hold_id: str, *, locked: bool = False
) -> pb.Hold | None:
    """A hold of the caller that is not over. Who locks it may end it."""
    sql = f"{_LIVING} FOR UPDATE" if locked else _LIVING
    values = caller.business_id, caller.user_id, hold_id, now()
    row = await database.row(sql, *values)
    return None if row is None else _told(row)


async def add(
    database: Database, caller: Caller, wanted: Wanted, hosts: Sequence[str]
) -> pb.Hold:
    """Adds a hold. An error of the constraint says that its time is not free."""
    moment, hold_id = now(), new_id(PREFIX)
    times = wanted.starts_at, wanted.ends_at
    ends = moment + wanted.seconds * SECOND
    named = wanted.meeting_type_id, caller.user_id, wanted.visitor, list(hosts)
    values = caller.business_id, hold_id, *named, *times, moment, ends
    await database.run(_ADD, *values)
    return _made(hold_id, wanted.meeting_type_id, hosts, (*times, moment, ends))


async def end(database: Database, caller: Caller, hold_id: str) -> bool:
    """Ends a hold, and frees its hosts. False if there is none."""
    row = await database.row(_END_ONE, caller.business_id, hold_id)
    return row is not None and row[0] > 0


async def are_active(database: Database, caller: Caller, hosts: Sequence[str]) -> bool:
    """Whether all hosts may still log in."""
    row = await database.row(_ACTIVE, caller.business_id, list(hosts))
    return row is not None and row[0] == len(hosts)


def end_of_type(business_id: str, type_id: str) -> Command:
    """Ends all holds of a meeting type, which is no longer there."""
    return Command(_END_OF_TYPE, (business_id, type_id))


async def sweep(database: Database, business_id: str) -> None:
    """Deletes holds that are over."""
    await database.run(_SWEEP, business_id, now())


def _told(row: Row) -> pb.Hold:
    times = row["starts_at"], row["ends_at"], row["created_at"], row["expires_at"]
    return _made(row["id"], row["meeting_type_id"], row["host_ids"], times)


def _made(
    hold_id: str, type_id: str, hosts: Sequence[str], times: tuple[int, ...]
) -> pb.Hold:
    hold = pb.Hold(id=hold_id, meeting_type_id=type_id, hosts=hosts)
    names = "starts_at", "ends_at", "created_at", "expires_at"
    for name, each in zip(names, times, strict=True):
        getattr(hold, name).CopyFrom(to_timestamp(each))
    return hold
