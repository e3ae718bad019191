"""Finds slots: reads hours, busy times and bookings of hosts, and leaves the rest to
`services/scheduling`.

What hosts have elsewhere is read for every caller, and nothing of it is told but that
a host is free.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from google.type.date_pb2 import Date
from prospectconnect.scheduling.v1 import meeting_types_pb2 as pb

from services.caller import Caller
from services.clock import DAY, EPOCH_SECONDS, SECOND, from_timestamp, now
from services.pauses import Pauses
from services.postgres.database import Database, Row
from services.scheduling import zones
from services.scheduling.hours import Hours, Interval, minutes
from services.scheduling.slots import (
    Assignment,
    Grid,
    Host,
    Meeting,
    Slot,
    Taken,
    grids,
    slots,
)
from services.scheduling.spans import joined

# The most slots in an answer, which stays below 2 MiB with 20 hosts at each.
MOST_SLOTS = 2_000
# So many are named where one is taken, of so many days.
_NEXT, MOST_DAYS = 3, 62
# So many days are computed at once; then others have their turn.
_AT_ONCE = 7 * zones.DAY
_MINUTE = 60 * SECOND
_FIRST_DAY = date(1970, 1, 1).toordinal()
_UTC = "UTC"

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
# What else hosts have: bookings, with their buffers. One booking may not count.
_BOOKED = """
SELECT t.host_id, lower(t.span), upper(t.span), t.buffer_before, t.buffer_after
FROM host_times AS t
WHERE t.business_id = $1 AND t.host_id = ANY($2::text[])
  AND t.span && tstzrange($3::timestamptz, $4::timestamptz) AND t.booking_id <> $5
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


async def find(
    database: Database,
    caller: Caller,
    meeting: pb.MeetingType,
    request: pb.FindSlotsRequest,
    duration: int,
) -> pb.FindSlotsResponse:
    """The slots of a meeting type that begin within what is asked for."""
    asked = _asked(meeting, request, duration)
    answer = pb.FindSlotsResponse()
    if not meeting.active or asked.start >= asked.end:
        return answer
    hosts = await _hosts(database, caller, meeting, asked)
    found = await _slots(asked, hosts)
    if len(found) > MOST_SLOTS:
        answer.next_from.FromSeconds(found[MOST_SLOTS].start)
    zone = request.time_zone or _UTC
    for each, day in _with_days(found[:MOST_SLOTS], zone):
        told = answer.data.add(hosts=each.hosts, date=day)
        told.starts_at.seconds, told.ends_at.seconds = each.start, each.end
    return answer


async def free_at(
    database: Database,
    caller: Caller,
    meeting: pb.MeetingType,
    time: tuple[int, int],
    but: str = "",
) -> Sequence[str] | None:
    """The hosts who are free at a moment for so many minutes.

    They are those of the slot that begins there; none if something else is there. None
    if there would be no slot even then. The booking `but` does not count.
    """
    start, duration = time
    asked = _between(meeting, start, start + SECOND, duration)
    if start % SECOND or not meeting.active or asked.start >= asked.end:
        return None
    hosts = await _hosts(database, caller, meeting, asked, but)
    if not await _slots(asked, [replace(each, taken=()) for each in hosts]):
        return None
    found = await _slots(asked, hosts)
    return found[0].hosts if found else ()


async def next_free(
    database: Database,
    caller: Caller,
    meeting: pb.MeetingType,
    time: tuple[int, int],
    but: str = "",
) -> list[tuple[int, int]]:
    """The first slots from a moment on, as moments."""
    start, duration = time
    asked = _between(meeting, start, start + MOST_DAYS * DAY, duration)
    if not meeting.active or asked.start >= asked.end:
        return []
    found = await _slots(
        asked, await _hosts(database, caller, meeting, asked, but), _NEXT
    )
    return [(_moment(each.start), _moment(each.end)) for each in found]


def _asked(
    meeting: pb.MeetingType, request: pb.FindSlotsRequest, duration: int
) -> Asked:
    start, end = from_timestamp(getattr(request, "from")), from_timestamp(request.to)
    return _between(meeting, start, end, duration)


def _between(meeting: pb.MeetingType, start: int, end: int, duration: int) -> Asked:
    """The slots between two moments that are neither too near nor too far."""
    moment = now()
    start = max(start, moment + meeting.minimum_notice * _MINUTE)
    end = min(end, moment + meeting.window_days * DAY)
    is_for_all = meeting.assignment == pb.MEETING_ASSIGNMENT_COLLECTIVE
    return Asked(
        meeting=Meeting(
            duration=duration,
            interval=meeting.slot_interval or duration,
            buffer_before=meeting.buffer_before,
            buffer_after=meeting.buffer_after,
            assignment=Assignment.ALL if is_for_all else Assignment.ANY,
        ),
        start=_second(start),
        end=_second(end),
    )


def _second(moment: int) -> int:
    """The first whole second from a moment on, since 1970."""
    return -(-moment // SECOND) + EPOCH_SECONDS


async def _slots(
    asked: Asked, hosts: Sequence[Host], most_slots: int = MOST_SLOTS + 1
) -> list[Slot]:
    """The first slots, by default one more than are told."""
    if not hosts:
        return []
    found, pauses, start = list[Slot](), Pauses(), asked.start
    made: list[Grid] = []
    for each in grids(asked.meeting, hosts, asked.start, asked.end):
        made.append(each)
        await pauses.now()
    while start < asked.end and len(found) < most_slots:
        end = min(start + _AT_ONCE, asked.end)
        most = most_slots - len(found)
        found += slots(asked.meeting, made, start, end, most)
        start = end
        await pauses.now()
    return found


async def _hosts(
    database: Database,
    caller: Caller,
    meeting: pb.MeetingType,
    asked: Asked,
    but: str = "",
) -> list[Host]:
    """The hosts who have hours. None of them if all are needed and one has none."""
    ids = [each.user_id for each in meeting.hosts]
    named = [each.schedule_id for each in meeting.hosts]
    rows = await database.rows(_SCHEDULES, caller.business_id, ids, named)
    hours = {row["user_id"]: _hours(row) for row in rows}
    is_for_all = asked.meeting.assignment is Assignment.ALL
    if is_for_all and len(hours) < len(ids):
        return []
    around = _moment(asked.start) - DAY, _moment(asked.end) + 2 * DAY
    busy = await database.rows(_BUSY, caller.business_id, ids, *around)
    taken: dict[str, list[Taken]] = {each: [] for each in ids}
    for user, begin, end in busy:
        before = begin // SECOND + EPOCH_SECONDS
        taken[user].append(Taken(before, _second(end)))
    booked = await database.rows(_BOOKED, caller.business_id, ids, *around, but)
    for user, begin, end, *buffers in booked:
        taken[user].append(Taken(_second(begin), _second(end), *buffers))
    return [Host(each, hours[each], taken[each]) for each in ids if each in hours]


def _moment(second: int) -> int:
    return (second - EPOCH_SECONDS) * SECOND


def _hours(row: Row) -> Hours:
    week: dict[int, list[Interval]] = {}
    for each in row["intervals"]:
        week.setdefault(each.get("weekday", 0), []).append(_interval(each))
    # A day may have many intervals that meet: each is looked at for each day.
    days = {weekday: joined(intervals) for weekday, intervals in week.items()}
    overrides = {
        _day(each["date"]): joined(map(_interval, each.get("intervals", ())))
        for each in row["overrides"]
    }
    return Hours(row["time_zone"], days, overrides)


def _interval(told: Mapping[str, str]) -> Interval:
    return minutes(told["from"]), minutes(told["to"])


def _day(told: Mapping[str, int]) -> int:
    day = date(told["year"], told["month"], told["day"])
    return day.toordinal() - _FIRST_DAY


def _with_days(found: Sequence[Slot], zone: str) -> Iterator[tuple[Slot, Date]]:
    """Slots with the days on which they begin, by the clocks of a zone."""
    if not found:
        return
    spans = zones.stretches(zone, found[0].start, found[-1].start + 1)
    span, day, told = next(spans), None, Date()
    for each in found:
        while each.start >= span.end:
            span = next(spans)
        its = (each.start + span.offset) // zones.DAY
        if its != day:
            day, shown = its, date.fromordinal(_FIRST_DAY + its)
            told = Date(year=shown.year, month=shown.month, day=shown.day)
        yield each, told
