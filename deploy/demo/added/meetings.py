"""Schedules, a busy time and meeting types of the demonstration data."""

from collections.abc import Iterator, Sequence
from typing import Any

from prospectconnect.scheduling.v1 import meeting_types_pb2 as meetings
from prospectconnect.scheduling.v1.busy_times_pb2 import BusyTime
from prospectconnect.scheduling.v1.schedules_pb2 import Schedule, WeeklyInterval

from services.clock import DAY, HOUR, now, to_timestamp
from services.ids import new_id
from services.postgres.database import Database
from services.records.bulk import copy_together, rows_of

_IS_THERE = "SELECT 1 FROM meeting_types WHERE business_id = $1 LIMIT 1"
_ABOUT = {
    "first-call": "Half an hour to get to know each other and to see if we can help.",
    "demo": "An hour in which we show the program with your own questions.",
}
_ZONES = ("Europe/Berlin", "America/New_York", "Europe/Lisbon", "Asia/Kolkata")


async def add_meetings(
    database: Database, business_id: str, users: Sequence[str]
) -> None:
    """Adds hours of users, and meetings that they hold, unless there are any."""
    if await database.row(_IS_THERE, business_id) is not None:
        return
    for records in (
        [_schedule(user, n) for n, user in enumerate(users)],
        [_busy(users[0])],
        list(_meeting_types(users)),
    ):
        await copy_together(database, rows_of(business_id, records))


def _made(user: str) -> dict[str, Any]:
    moment = to_timestamp(now())
    times = {"created_at": moment, "updated_at": moment}
    return {**times, "created_by": user, "etag": "1"}


def _interval(weekday: int, begin: str, end: str) -> WeeklyInterval:
    interval = WeeklyInterval(weekday=weekday, to=end)
    setattr(interval, "from", begin)
    return interval


def _schedule(user: str, number: int) -> Schedule:
    parts = (("09:00", "12:30"), ("13:30", "17:00"))
    week = [
        _interval(weekday, begin, end) for weekday in range(5) for begin, end in parts
    ]
    return Schedule(
        id=new_id("sch_"),
        user_id=user,
        name="Working hours",
        time_zone=_ZONES[number % len(_ZONES)],
        intervals=week,
        is_default=True,
        **_made(user),
    )


def _busy(user: str) -> BusyTime:
    start = now() // DAY * DAY + 2 * DAY + 9 * HOUR
    return BusyTime(
        id=new_id("bsy_"),
        user_id=user,
        starts_at=to_timestamp(start),
        ends_at=to_timestamp(start + HOUR),
        source="calendar",
        **_made(user),
    )


def _meeting_types(users: Sequence[str]) -> Iterator[meetings.MeetingType]:
    ways = (
        ("First call", "first-call", meetings.MEETING_ASSIGNMENT_ROUND_ROBIN, 30),
        ("Demonstration", "demo", meetings.MEETING_ASSIGNMENT_COLLECTIVE, 60),
    )
    for name, slug, assignment, minutes in ways:
        yield meetings.MeetingType(
            id=new_id("mty_"),
            name=name,
            slug=slug,
            durations=[minutes],
            hosts=[meetings.MeetingHost(user_id=each) for each in users[:2]],
            assignment=assignment,
            location=meetings.MeetingLocation(kind=meetings.MEETING_PLACE_VIDEO),
            buffer_after=10,
            minimum_notice=120,
            window_days=60,
            max_per_day=6,
            active=True,
            description=_ABOUT[slug],
            questions=_questions(),
            **_made(users[0]),
        )


def _questions() -> Iterator[meetings.MeetingQuestion]:
    yield meetings.MeetingQuestion(
        key="topic",
        label="What shall we talk about?",
        type=meetings.MEETING_QUESTION_TYPE_LONG_TEXT,
        required=True,
    )
    sizes = (("small", "1 to 10"), ("medium", "11 to 100"), ("large", "More than 100"))
    yield meetings.MeetingQuestion(
        key="size",
        label="How many people work with you?",
        type=meetings.MEETING_QUESTION_TYPE_SELECT,
        options=[
            meetings.MeetingQuestionOption(value=value, label=label)
            for value, label in sizes
        ],
    )
    yield meetings.MeetingQuestion(
        key="role",
        label="Your role",
        type=meetings.MEETING_QUESTION_TYPE_TEXT,
        maps_to="job_title",
    )
