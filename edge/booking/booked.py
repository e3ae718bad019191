"""The pages of a booking: what is booked, its file for calendars, to move or cancel it.

Who knows the address may do all that; the visitor alone does.
"""

from google.protobuf.timestamp_pb2 import Timestamp
from prospectconnect.scheduling.v1 import bookings_pb2 as bookings
from prospectconnect.scheduling.v1 import visitors_pb2 as pb
from sanic import HTTPResponse

from edge.booking.addresses import at_of
from edge.booking.moments import clock_of
from edge.booking.picking import pick, second_of
from edge.oauth.authorize import see_other
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.render import SHELTERED, page
from edge.web.upstream import ask
from edge.web.visit import Visit

_STATUSES = {
    bookings.BOOKING_STATUS_PENDING: "pending",
    bookings.BOOKING_STATUS_CONFIRMED: "confirmed",
    bookings.BOOKING_STATUS_CANCELLED: "cancelled",
    bookings.BOOKING_STATUS_DECLINED: "declined",
    bookings.BOOKING_STATUS_NO_SHOW: "no_show",
    bookings.BOOKING_STATUS_HELD: "held",
}
_MOVE, _CANCEL = "/move", "/cancel"


async def show(edge: Edge, visit: Visit) -> HTTPResponse:
    """Shows what is booked."""
    return _page(visit, await _read(edge, visit), "booking/booked")


async def calendar(edge: Edge, visit: Visit) -> HTTPResponse:
    """The booking as a file for the visitor's calendar."""
    booking = await _read(edge, visit)
    if not booking.calendar:
        raise ProblemError("NOT_FOUND", "The meeting does not take place.")
    headers = {
        **SHELTERED,
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="meeting.ics"',
        "X-Robots-Tag": "noindex",
    }
    media_type = "text/calendar; charset=utf-8"
    return HTTPResponse(booking.calendar, 200, headers, media_type)


async def pick_other(edge: Edge, visit: Visit) -> HTTPResponse:
    """Shows the times to which the booking can move."""
    booking = await _read(edge, visit, moves=True)
    if not booking.may_move:
        return _page(visit, booking, "booking/booked", notice="closed")
    starts_at = second_of(visit.parameters.get("at"))
    if starts_at is None:
        here = at_of(visit, _MOVE)
        return pick(visit, here, booking.page, moved=_Told(visit, booking))
    return _page(visit, booking, "booking/move", starts_at=starts_at)


async def move(edge: Edge, visit: Visit) -> HTTPResponse:
    """Moves the booking, and shows it."""
    given = visit.parameters
    asked = pb.MoveVisitorBookingRequest(
        **_named(visit),
        form_token=given.get("form_token"),
        starts_at=Timestamp(seconds=second_of(given.get("at")) or 0),
    )
    try:
        await ask(edge, visit, asked)
    except ProblemError as problem:
        if problem.reason == "WRONG_STATE":
            return _page(visit, await _read(edge, visit), "booking/booked", "closed")
        if problem.reason not in ("SLOT_TAKEN", "VALIDATION_FAILED"):
            raise
        booking = await _read(edge, visit, moves=True)
        if not booking.may_move:
            return _page(visit, booking, "booking/booked", "closed")
        here, told = at_of(visit, _MOVE), _Told(visit, booking)
        return pick(visit, here, booking.page, moved=told, notice="taken")
    return see_other(f"{at_of(visit).path}?done=moved")


async def ask_cancel(edge: Edge, visit: Visit) -> HTTPResponse:
    """Asks whether to cancel the booking."""
    booking = await _read(edge, visit)
    if not booking.may_cancel:
        return _page(visit, booking, "booking/booked", "closed")
    return _page(visit, booking, "booking/cancel")


async def cancel(edge: Edge, visit: Visit) -> HTTPResponse:
    """Cancels the booking, and shows it."""
    given = visit.parameters
    asked = pb.CancelVisitorBookingRequest(
        **_named(visit),
        form_token=given.get("form_token"),
        reason=given.get("reason")[:1000],
    )
    try:
        await ask(edge, visit, asked)
    except ProblemError as problem:
        if problem.reason != "WRONG_STATE":
            raise
    return see_other(at_of(visit).path)


class _Told:
    """A booking as templates tell it."""

    def __init__(self, visit: Visit, booking: pb.VisitorBooking) -> None:
        self.booking = booking
        self.clock = clock_of(visit, booking.time_zone or "UTC")
        self.starts, self.ends = booking.starts_at.seconds, booking.ends_at.seconds
        self.status = _STATUSES.get(booking.status, "confirmed")
        self.path = at_of(visit).path


def _page(
    visit: Visit,
    booking: pb.VisitorBooking,
    template: str,
    notice: str = "",
    starts_at: int = 0,
) -> HTTPResponse:
    told = _Told(visit, booking)
    return page(
        template,
        status=409 if notice else 200,
        told=told,
        notice=notice,
        done=visit.parameters.get("done"),
        starts_at=starts_at,
        ends_at=starts_at + told.ends - told.starts,
    )


async def _read(edge: Edge, visit: Visit, *, moves: bool = False) -> pb.VisitorBooking:
    given = visit.parameters
    asked = pb.ReadVisitorBookingRequest(
        **_named(visit),
        moves=moves,
        day=given.get("day")[:10],
        month=given.get("month")[:7],
        time_zone=given.get("tz")[:64],
    )
    read: pb.VisitorBooking = await ask(edge, visit, asked)
    return read


def _named(visit: Visit) -> dict[str, str]:
    part = visit.path_values
    return {"business": part["business"][:64], "secret": part["secret"][:128]}
