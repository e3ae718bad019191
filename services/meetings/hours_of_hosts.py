"""What hosts of a meeting have at some time: hours, busy times, and bookings.

It is read for every caller, and nothing of it is told but that a host is free.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prospectconnect.scheduling.v1 import bookings_pb2 as bookings
from prospectconnect.scheduling.v1 import meeting_types_pb2 as pb

from services.caller import Caller
from services.clock import DAY, EPOCH_SECONDS, SECOND, now
from services.pauses import Pauses
from services.postgres.database import Database
from services.scheduling import days
from services.scheduling.hours import Hours
from services.scheduling.slots import Assignment, Host, Meeting, Taken
from services.scheduling.spans import Span
from services.scheduling.stored import hours_of

# Such bookings count for the days of a host.
COUNTED = (
    bookings.BOOKING_STATUS_PENDING,
    bookings.BOOKING_STATUS_CONFIRMED,
    bookings.BOOKING_STATUS_HELD,
    bookings.BOOKING_STATUS_NO_SHOW,
)

# The schedule of each host who may log in: the named one, else the default one.
_SCHEDULES = """
SELECT DISTINCT ON (h.user_id) h.user_id, s.time_zone, s.intervals, s.overrides
FROM unnest($2::text[], $3::text[]) AS h (user_id, schedule_id)
JOIN users AS u ON u.business_id = $1 AND u.id = h.user_id AND u.active
  AND u.deleted_at IS NULL
JOIN schedules AS s ON s.business_id = $1 AND s.user_id = h.user_id
  AND s.deleted_at IS NULL AND (h.schedule_id = '' OR s.id = h.schedule_id)
ORDER BY h.user_id, s.is_default DESC, s.created_at, s.id
"""
# What else hosts have: bookings and holds, with their buffers. Some may not count.
_BOOKED = """
SELECT t.host_id, lower(t.span), upper(t.span), t.buffer_before, t.buffer_after
FROM host_times AS t
WHERE t.business_id = $1 AND t.host_id = ANY($2::text[])
  AND t.span && tstzrange($3::timestamptz, $4::timestamptz)
  AND NOT t.booking_id = ANY($5::text[])
  AND (t.expires_at IS NULL OR t.expires_at > $6)
"""
# When bookings and holds of a meeting type begin that count for its days. Some may not
# count.
_COUNTED = """
SELECT h.id, b.starts_at
FROM bookings AS b, unnest(b.host_ids) AS h (id)
WHERE b.business_id = $1 AND b.meeting_type_id = $2 AND h.id = ANY($3::text[])
  AND b.starts_at > $4 AND b.starts_at < $5 AND b.status = ANY($6::smallint[])
  AND b.deleted_at IS NULL AND NOT b.id = ANY($7::text[])
UNION ALL
SELECT h.id, k.starts_at
FROM holds AS k, unnest(k.host_ids) AS h (id)
WHERE k.business_id = $1 AND k.meeting_type_id = $2 AND h.id = ANY($3::text[])
  AND k.starts_at > $4 AND k.starts_at < $5 AND k.expires_at > $8
  AND NOT k.id = ANY($7::text[])
"""
# The busy times of hosts, those that overlap or meet as one.
_BUSY = """
SELECT b.user_id, lower(b.span), upper(b.span) FROM (
  SELECT user_id, unnest(range_agg(tstzrange(starts_at, ends_at))) AS span
  FROM busy_times
  WHERE business_id = $1 AND user_id = ANY($2::text[]) AND deleted_at IS NULL
    AND ends_at > $3 AND starts_at < $4
  GROUP BY user_id
) AS b
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What slots are asked for, between two moments in seconds since 1970."""

    meeting: Meeting
    start: int
    end: int


def moment(second: int) -> int:
    """The moment of a second since 1970."""
    return (second - EPOCH_SECONDS) * SECOND


def second(moment: int) -> int:
    """The first whole second from a moment on, since 1970."""
    return -(-moment // SECOND) + EPOCH_SECONDS


async def hosts_of(
    database: Database,
    caller: Caller,
    meeting: pb.MeetingType,
    asked: Asked,
    but: Sequence[str] = (),
) -> list[Host]:
    """The hosts who have hours. None of them if all are needed and one has none.

    The bookings and holds `but` do not count.
    """
    ids = [each.user_id for each in meeting.hosts]
    named = [each.schedule_id for each in meeting.hosts]
    rows = await database.rows(_SCHEDULES, caller.business_id, ids, named)
    hours = {row["user_id"]: hours_of(row) for row in rows}
    is_for_all = asked.meeting.assignment is Assignment.ALL
    if is_for_all and len(hours) < len(ids):
        return []
    around = moment(asked.start) - DAY, moment(asked.end) + 2 * DAY
    busy = await database.rows(_BUSY, caller.business_id, ids, *around)
    taken: dict[str, list[Taken]] = {each: [] for each in ids}
    for user, begin, end in busy:
        before = begin // SECOND + EPOCH_SECONDS
        taken[user].append(Taken(before, second(end)))
    which = caller.business_id, ids, *around, list(but), now()
    booked = await database.rows(_BOOKED, *which)
    for user, begin, end, *buffers in booked:
        taken[user].append(Taken(second(begin), second(end), *buffers))
    full = await _full(database, caller, meeting, asked, but, hours)
    return [
        Host(each, hours[each], taken[each], full.get(each, ()))
        for each in ids
        if each in hours
    ]


async def _full(
    database: Database,
    caller: Caller,
    meeting: pb.MeetingType,
    asked: Asked,
    but: Sequence[str],
    hours: Mapping[str, Hours],
) -> dict[str, list[Span]]:
    """The days of hosts that are full, by their clocks. Without a limit none are."""
    if not meeting.max_per_day:
        return {}
    begins: dict[str, list[int]] = {each: [] for each in hours}
    longest = days.LONGEST * SECOND
    around = moment(asked.start) - longest, moment(asked.end) + longest
    its = caller.business_id, meeting.id, list(begins)
    which = *its, *around, COUNTED, list(but), now()
    for host, at in await database.rows(_COUNTED, *which):
        begins[host].append(second(at))
    found, pauses = dict[str, list[Span]](), Pauses()
    for host, its_hours in hours.items():
        its_begins, most = begins[host], meeting.max_per_day
        time = asked.start, asked.end
        found[host] = days.full(its_hours.zone, its_begins, most, *time)
        await pauses.between()
    return found
