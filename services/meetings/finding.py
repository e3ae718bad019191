"""Finds slots: has hosts' hours, busy times and bookings read, and leaves the rest to
`services/scheduling`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from google.type.date_pb2 import Date
from prospectconnect.scheduling.v1 import meeting_types_pb2 as pb

from services.caller import Caller
from services.clock import DAY, SECOND, from_timestamp, now, rfc3339
from services.meetings.hours_of_hosts import Asked, hosts_of, moment, second
from services.pauses import Pauses
from services.postgres.database import Database
from services.scheduling import zones
from services.scheduling.slots import (
    Assignment,
    Grid,
    Host,
    Meeting,
    Slot,
    grids,
    slots,
)
from services.scheduling.stored import FIRST_DAY

# The most slots in an answer, which stays below 2 MiB with 20 hosts at each.
MOST_SLOTS = 2_000
# So many are named where one is taken, of so many days.
_NEXT, MOST_DAYS = 3, 62
# So many days are computed at once; then others have their turn.
_AT_ONCE = 7 * zones.DAY
_MINUTE = 60 * SECOND
_UTC = "UTC"


async def find(
    database: Database,
    caller: Caller,
    meeting: pb.MeetingType,
    request: pb.FindSlotsRequest,
    duration: int,
    but: Sequence[str] = (),
) -> pb.FindSlotsResponse:
    """The slots of a meeting type that begin within what is asked for.

    The bookings and holds `but` do not count.
    """
    asked = _asked(meeting, request, duration)
    answer = pb.FindSlotsResponse()
    if not meeting.active or asked.start >= asked.end:
        return answer
    hosts = await hosts_of(database, caller, meeting, asked, but)
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
    but: Sequence[str] = (),
) -> Sequence[str] | None:
    """The hosts who are free at a moment for so many minutes.

    They are those of the slot that begins there; none if something else is there. None
    if there would be no slot even then. The bookings and holds `but` do not count.
    """
    start, duration = time
    asked = _between(meeting, start, start + SECOND, duration)
    if start % SECOND or not meeting.active or asked.start >= asked.end:
        return None
    hosts = await hosts_of(database, caller, meeting, asked, but)
    if not await _slots(asked, [replace(each, taken=(), full=()) for each in hosts]):
        return None
    found = await _slots(asked, hosts)
    return found[0].hosts if found else ()


def why_none(meeting: pb.MeetingType, time: tuple[int, int]) -> str:
    """Why no slot begins at a moment, as far as hosts' hours have no part in it."""
    present, start = now(), time[0]
    earliest = present + meeting.minimum_notice * _MINUTE
    if not meeting.active:
        return "The meeting type is not active, so it has no slots."
    if start < earliest:
        return f"No slot begins so early. Give a moment after {rfc3339(earliest)}."
    latest = present + meeting.window_days * DAY
    if start >= latest:
        return f"No slot begins so late. Give a moment before {rfc3339(latest)}."
    return "No slot begins then. Find slots, and give the starts_at of one."


async def next_free(
    database: Database,
    caller: Caller,
    meeting: pb.MeetingType,
    time: tuple[int, int],
    but: Sequence[str] = (),
) -> list[tuple[int, int]]:
    """The first slots from a moment on, as moments."""
    start, duration = time
    asked = _between(meeting, start, start + MOST_DAYS * DAY, duration)
    if not meeting.active or asked.start >= asked.end:
        return []
    found = await _slots(
        asked, await hosts_of(database, caller, meeting, asked, but), _NEXT
    )
    return [(moment(each.start), moment(each.end)) for each in found]


def _asked(
    meeting: pb.MeetingType, request: pb.FindSlotsRequest, duration: int
) -> Asked:
    start, end = from_timestamp(getattr(request, "from")), from_timestamp(request.to)
    return _between(meeting, start, end, duration)


def _between(meeting: pb.MeetingType, start: int, end: int, duration: int) -> Asked:
    """The slots between two moments that are neither too near nor too far."""
    present = now()
    start = max(start, present + meeting.minimum_notice * _MINUTE)
    end = min(end, present + meeting.window_days * DAY)
    is_for_all = meeting.assignment == pb.MEETING_ASSIGNMENT_COLLECTIVE
    return Asked(
        meeting=Meeting(
            duration=duration,
            interval=meeting.slot_interval or duration,
            buffer_before=meeting.buffer_before,
            buffer_after=meeting.buffer_after,
            assignment=Assignment.ALL if is_for_all else Assignment.ANY,
        ),
        start=second(start),
        end=second(end),
    )


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
            day, shown = its, date.fromordinal(FIRST_DAY + its)
            told = Date(year=shown.year, month=shown.month, day=shown.day)
        yield each, told
