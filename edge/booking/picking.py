"""The page of a meeting type: a day is picked, then a time, then the form is filled."""

from datetime import date
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from prospectconnect.scheduling.v1 import visitors_pb2 as pb
from sanic import HTTPResponse

from edge.booking.addresses import At, at_of
from edge.booking.fields import read_answers, typed
from edge.booking.moments import (
    clock_of,
    day_name,
    next_month,
    weeks_of,
    zones,
)
from edge.oauth.authorize import see_other
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.parameters import Parameters
from edge.web.render import page
from edge.web.upstream import ask
from edge.web.visit import Visit, budget_of, too_many

_SCRIPT = "booking.js"
_MOST_MOMENT = 253_402_300_799
# Why a form is shown again, and the status of that page.
_AGAIN = {
    "VALIDATION_FAILED": ("faults", 422),
    "SLOT_TAKEN": ("taken", 409),
    "FORM_INVALID": ("again", 403),
    "IDEMPOTENCY_KEY_REUSED": ("reused", 409),
    "IDEMPOTENCY_KEY_BUSY": ("busy", 503),
    "UNAVAILABLE": ("busy", 503),
    "DEADLINE_EXCEEDED": ("busy", 503),
}
# A field that people do not see; programs fill it.
_TRAP = "website"


async def show(edge: Edge, visit: Visit) -> HTTPResponse:
    """Shows days and times, or the form once a time is picked."""
    given = visit.parameters
    at, read = at_of(visit), await _read(edge, visit)
    starts_at = second_of(given.get("at"))
    if starts_at is None:
        return pick(visit, at, read)
    return _form(visit, at, read, starts_at)


async def book(edge: Edge, visit: Visit) -> HTTPResponse:
    """Books, and leads to the page of the booking; or shows the form again."""
    given, at = visit.parameters, at_of(visit)
    starts_at = second_of(given.get("at")) or 0
    try:
        if given.get(_TRAP):
            raise ProblemError("FORM_INVALID", "The form was filled by a program.")
        read = await _read(edge, visit)
        made = await _book(edge, visit, read, starts_at)
    except ProblemError as problem:
        if problem.reason not in _AGAIN:
            raise
        read = await _read(edge, visit)
        return _form(visit, at, read, starts_at, problem)
    return see_other(f"/book/{visit.path_values['business']}/b/{made.secret}?done=yes")


def pick(
    visit: Visit, at: At, read: pb.BookingPage, *, moved: Any = None, notice: str = ""
) -> HTTPResponse:
    """The page on which a day and a time are picked; also to move a booking."""
    clock = clock_of(visit, read.time_zone)
    month = date.fromisoformat(f"{read.month}-01")
    slots = [each.starts_at.seconds for each in read.slots]
    return page(
        "booking/pick",
        status=409 if notice else 200,
        script=_SCRIPT,
        here=at,
        read=read,
        clock=clock,
        month=f"{month:%B %Y}",
        weeks=weeks_of(month, read.days),
        day=day_name(date.fromisoformat(read.day)) if read.day else "",
        times=clock.times(slots),
        earlier=next_month(month, -1) if read.has_earlier else "",
        later=next_month(month, 1) if read.has_later else "",
        zones=zones(),
        moved=moved,
        notice=notice,
    )


async def _read(edge: Edge, visit: Visit) -> pb.BookingPage:
    part, given = visit.path_values, visit.parameters
    minutes = given.get("minutes")
    asked = pb.ReadBookingPageRequest(
        business=part["business"][:64],
        name=part.get("name", "")[:64],
        link=part.get("link", "")[:128],
        duration=int(minutes) if minutes.isdecimal() and len(minutes) < 5 else 0,
        day=given.get("day")[:10],
        month=given.get("month")[:7],
        time_zone=given.get("tz")[:64],
    )
    read: pb.BookingPage = await ask(edge, visit, asked)
    return read


async def _book(
    edge: Edge, visit: Visit, read: pb.BookingPage, starts_at: int
) -> pb.VisitorBooking:
    """Books, and takes from the budget of the address and of the page."""
    part, given = visit.path_values, visit.parameters
    asked = pb.BookAsVisitorRequest(
        business=part["business"][:64],
        name=part.get("name", "")[:64],
        link=part.get("link", "")[:128],
        once=given.get("once"),
        form_token=given.get("form_token"),
        starts_at=Timestamp(seconds=starts_at),
        duration=read.duration,
        answers=read_answers(read.meeting.questions, given),
        place=given.get("place"),
    )
    asked.invitee.email = given.get("email")
    asked.invitee.name = given.get("name")
    asked.invitee.time_zone = read.time_zone
    limits = edge.settings.address_limits
    its_page = f"page {part['business'][:64]}/{read.meeting.slug}"
    for budget, limit in (
        (budget_of("bookings", visit.address), limits.bookings),
        (its_page, limits.bookings_of_page),
    ):
        if seconds := await edge.limiter.pace(budget, limit):
            raise too_many(edge, seconds)
    made: pb.VisitorBooking = await ask(edge, visit, asked)
    return made


def _form(
    visit: Visit,
    at: At,
    read: pb.BookingPage,
    starts_at: int,
    problem: ProblemError | None = None,
) -> HTTPResponse:
    """The page with the form. It keeps what was typed."""
    given, clock = visit.parameters, clock_of(visit, read.time_zone)
    notice, status = _AGAIN[problem.reason] if problem else ("", 200)
    faults = faults_of(problem)
    if "starts_at" in faults:
        notice = "gone"
    answer = page(
        "booking/form",
        status=status,
        script=_SCRIPT,
        here=at,
        read=read,
        clock=clock,
        at_second=starts_at,
        ends=starts_at + 60 * read.duration,
        notice=notice,
        faults=faults,
        free=free_of(problem),
        email=_kept(given, "email", 254),
        name=_kept(given, "name", 200),
        place=_kept(given, "place", 500),
        shown=typed(read.meeting.questions, read.answers, given),
        trap=_TRAP,
    )
    if problem is not None:
        answer.headers.update(problem.headers)
    return answer


def _kept(given: Parameters, name: str, most: int) -> str:
    return given.get(name)[:most]


def second_of(text: str) -> int | None:
    """The second that a text names, as pages write it; None for any other text."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        return None
    return min(int(text), _MOST_MOMENT)


def faults_of(problem: ProblemError | None) -> dict[str, str]:
    """What is wrong with the fields of a form, by the names of these."""
    told = problem.members.get("errors", ()) if problem else ()
    found: dict[str, str] = {}
    for each in told:
        name = each.field.removeprefix("invitee.")
        if name.startswith("answers."):
            name = "answer." + name.removeprefix("answers.").partition("[")[0]
        found.setdefault(name, each.message)
    return found


def free_of(problem: ProblemError | None) -> list[int]:
    """The next slots, where one was taken, as seconds."""
    told = problem.members.get("next", ()) if problem else ()
    found = []
    for each in told:
        stamp = Timestamp()
        stamp.FromJsonString(each["starts_at"])
        found.append(stamp.seconds)
    return found
