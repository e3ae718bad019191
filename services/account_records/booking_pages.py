"""What the page of a meeting type shows: a month's days with slots, and one day's."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp
from prospectconnect.options.v1.options_pb2 import Format
from prospectconnect.scheduling.v1 import meeting_types_pb2 as meetings
from prospectconnect.scheduling.v1 import visitors_pb2 as pb

from services.account_records.running import Running
from services.caller import current_call
from services.clock import DAY, EPOCH_SECONDS, SECOND, now
from services.kinds.formats import FORMATS, day
from services.meetings.finding import MOST_DAYS
from services.postgres.database import Database

_FIND = "/prospectconnect.scheduling.v1.MeetingTypeService/FindSlots"
# A month of the shortest slots comes in so many answers at most.
_MOST_ANSWERS = 6
_UTC = "UTC"
# The first month and the last one that a page can show.
_FIRST, _LAST = date(2000, 1, 1), date(9000, 1, 1)

# Values: business, the users.
_NAMES = """
SELECT u.id, u.name FROM users AS u
WHERE u.business_id = $1 AND u.id = ANY($2::text[]) AND u.deleted_at IS NULL
"""
_ZONE = """
SELECT s.time_zone FROM schedules AS s
WHERE s.business_id = $1 AND s.user_id = $2 AND s.deleted_at IS NULL
ORDER BY s.id = $3 DESC, s.is_default DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor asks to see; texts are as they were sent."""

    day: str
    month: str
    time_zone: str
    duration: int


class BookingPages:
    """Makes pages, for the visitor who is the caller."""

    def __init__(self, database: Database, running: Running) -> None:
        self._database, self._running = database, running

    async def page(self, meeting: meetings.MeetingType, wish: Wish) -> pb.BookingPage:
        """The page of a meeting type, without a form."""
        zone = await self._zone(meeting, wish.time_zone)
        duration = wish.duration
        if duration not in meeting.durations:
            duration = meeting.durations[0]
        page = pb.BookingPage(
            business_name=current_call().caller.business_name,
            meeting=shown(meeting),
            host_names=await self._hosts(meeting),
            time_zone=zone,
            duration=duration,
        )
        today = _day_at(now() // SECOND + EPOCH_SECONDS, zone)
        last = _day_at(
            (now() + meeting.window_days * DAY) // SECOND + EPOCH_SECONDS, zone
        )
        page.today = today.isoformat()
        month = _month(wish.month or wish.day, today)
        chosen = day(wish.day)
        if month is None:
            month = await self._first_month(meeting, page) or today.replace(day=1)
        await self._show(page, meeting.id, month, chosen)
        page.has_earlier = month > today.replace(day=1)
        page.has_later = _next(month) <= last
        return page

    async def names(self, users: Any) -> list[str]:
        """The names of users, in their order."""
        ids = list(users)
        business_id = current_call().caller.business_id
        rows = await self._database.rows(_NAMES, business_id, ids)
        names = {row[0]: row[1] for row in rows}
        return [names[each] for each in ids if each in names]

    async def _hosts(self, meeting: meetings.MeetingType) -> list[str]:
        """Who surely holds the meeting; nobody where hosts take turns."""
        turns = meeting.assignment == meetings.MEETING_ASSIGNMENT_ROUND_ROBIN
        if turns and len(meeting.hosts) > 1:
            return []
        return await self.names(each.user_id for each in meeting.hosts)

    async def _zone(self, meeting: meetings.MeetingType, wished: str) -> str:
        if wished and FORMATS[Format.FORMAT_TIME_ZONE].matches(wished):
            return wished
        if not meeting.hosts:
            return _UTC
        host, business_id = meeting.hosts[0], current_call().caller.business_id
        its = business_id, host.user_id, host.schedule_id
        row = await self._database.row(_ZONE, *its)
        return str(row[0]) if row is not None else _UTC

    async def _first_month(
        self, meeting: meetings.MeetingType, page: pb.BookingPage
    ) -> date | None:
        """The month of the first slot there is."""
        begin, size = now() // SECOND + EPOCH_SECONDS, MOST_DAYS * 86_400
        for part in range(meeting.window_days // MOST_DAYS + 1):
            start = begin + part * size
            found = await self._find(meeting.id, page, start, start + size)
            if found.data:
                first = found.data[0].date
                return date(first.year, first.month, 1)
        return None

    async def _show(
        self, page: pb.BookingPage, meeting_id: str, month: date, chosen: date | None
    ) -> None:
        """Adds the days of a month, and the slots of the chosen one or of the first."""
        page.month = f"{month:%Y-%m}"
        found = [e async for e in self._of_month(meeting_id, page, month)]
        by_day: dict[str, list[meetings.MeetingSlot]] = {}
        for each in found:
            its = date(each.date.year, each.date.month, each.date.day)
            by_day.setdefault(its.isoformat(), []).append(each)
        page.days.extend(by_day)
        day_shown = chosen.isoformat() if chosen is not None else ""
        if day_shown not in by_day:
            day_shown = next(iter(by_day), "")
        page.day = day_shown
        for each in by_day.get(day_shown, ()):
            each.ClearField("hosts")
            page.slots.append(each)

    async def _of_month(
        self, meeting_id: str, page: pb.BookingPage, month: date
    ) -> Any:
        start, end = (
            _second(month, page.time_zone),
            _second(_next(month), page.time_zone),
        )
        for _ in range(_MOST_ANSWERS):
            found = await self._find(meeting_id, page, start, end)
            for each in found.data:
                yield each
            if not found.HasField("next_from"):
                return
            start = found.next_from.seconds

    async def _find(
        self, meeting_id: str, page: pb.BookingPage, start: int, end: int
    ) -> Any:
        asked = meetings.FindSlotsRequest(
            id=meeting_id, time_zone=page.time_zone, duration=page.duration
        )
        getattr(asked, "from").CopyFrom(Timestamp(seconds=start))
        asked.to.seconds = end
        return await self._running.call(_FIND, asked)


def shown(meeting: meetings.MeetingType) -> pb.VisitedMeeting:
    """What visitors see of a meeting type."""
    told = pb.VisitedMeeting(
        name=meeting.name,
        slug=meeting.slug,
        durations=meeting.durations,
        questions=meeting.questions,
        requires_confirmation=meeting.requires_confirmation,
        description=meeting.description,
    )
    for each in told.questions:
        each.ClearField("maps_to")
    if meeting.HasField("location"):
        told.location.CopyFrom(meeting.location)
        if told.location.kind != meetings.MEETING_PLACE_ADDRESS:
            told.location.ClearField("value")  # for those who have booked
    return told


def _month(text: str, today: date) -> date | None:
    """The first day of the month that a text names; None if it names none."""
    found = day(f"{text[:7]}-01") if text else None
    if found is None or not _FIRST <= found < _LAST:
        return None
    return max(found, today.replace(day=1))


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _second(midnight: date, zone: str) -> int:
    """The second in which a day begins by the clocks of a zone."""
    at = datetime(midnight.year, midnight.month, midnight.day, tzinfo=ZoneInfo(zone))
    return int(at.timestamp())


def _day_at(second: int, zone: str) -> date:
    return datetime.fromtimestamp(second, UTC).astimezone(ZoneInfo(zone)).date()
