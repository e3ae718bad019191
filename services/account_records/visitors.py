"""The service of the public pages of bookings. Their visitors have no login.

A visitor's booking is made, moved and cancelled by the API's own methods, with their
gates, by a caller that may do no more.
"""

import os
import time
from typing import Any

from prospectconnect.scheduling.v1 import bookings_pb2 as bookings
from prospectconnect.scheduling.v1 import meeting_types_pb2 as meetings
from prospectconnect.scheduling.v1 import visitors_pb2 as pb
from prospectconnect.scheduling.v1 import visitors_pb2_grpc

from services.account_records.booking_pages import BookingPages, Wish, shown
from services.account_records.running import Running
from services.caller import Caller
from services.clock import from_timestamp, now
from services.errors import FormInvalid, NotFound, WrongState
from services.kinds.custom_fields import to_value
from services.meetings import links
from services.meetings.bookings import LIVING, OPEN
from services.meetings.visitors import (
    booking_of,
    change_token,
    check_change,
    secret_of,
    visiting,
    visitor_of,
)
from services.postgres.database import Database
from services.scheduling import icalendar
from services.sealed.forms import Forms

_TYPES = "/prospectconnect.scheduling.v1.MeetingTypeService/"
_BOOKINGS = "/prospectconnect.scheduling.v1.BookingService/"
_FORM = "form to book"
# How old a form is when it is sent, in seconds. People need longer, programs less.
_LEAST_AGE, _MOST_AGE = 3, 86_400

_TYPE = """
SELECT id FROM meeting_types
WHERE business_id = $1 AND slug = $2 AND deleted_at IS NULL
"""


class VisitorService(visitors_pb2_grpc.VisitorServiceServicer):
    """The methods of `VisitorService`, as the proto describes them."""

    def __init__(
        self, database: Database, forms: tuple[Forms, Forms], running: Running
    ) -> None:
        self._database, self._running = database, running
        self._forms, self._addresses = forms
        self._pages = BookingPages(database, running)

    async def ReadBookingPage(
        self, request: pb.ReadBookingPageRequest, _: Any
    ) -> pb.BookingPage:
        caller = await visitor_of(self._database, request.business)
        with visiting(caller, writes=False):
            meeting, link_id, begun = await self._meeting(caller, request)
            its = request.day, request.month, request.time_zone, request.duration
            page = await self._pages.page(meeting, Wish(*its))
            page.once = f"{int(time.time()):08x}{os.urandom(8).hex()}"
            page.form_token = self._forms.token(
                _FORM, caller.business_id, meeting.id, link_id, page.once
            )
            for key, value in begun.items():
                page.answers.fields[key].CopyFrom(to_value(value))
            return page

    async def BookAsVisitor(
        self, request: pb.BookAsVisitorRequest, _: Any
    ) -> pb.VisitorBooking:
        caller = await visitor_of(self._database, request.business)
        with visiting(caller, writes=True):
            meeting, link_id, _begun = await self._meeting(caller, request, used=True)
            its = caller.business_id, meeting.id, link_id, request.once
            self._forms.check(request.form_token, _FORM, *its)
            _check_age(request.once)
            asked = bookings.CreateBookingRequest(
                meeting_type_id=meeting.id,
                starts_at=request.starts_at,
                invitee=request.invitee,
                answers=request.answers,
                link_id=link_id,
            )
            if request.duration:
                asked.duration = request.duration
            if request.place and meeting.location.kind == meetings.MEETING_PLACE_ASK:
                asked.location.kind = meetings.MEETING_PLACE_ASK
                asked.location.value = request.place
            made = await self._book("CreateBooking", asked, f"form:{request.once}")
            return await self._told(caller, made)

    async def ReadVisitorBooking(
        self, request: pb.ReadVisitorBookingRequest, _: Any
    ) -> pb.VisitorBooking:
        caller = await visitor_of(self._database, request.business)
        with visiting(caller, writes=False):
            booking = await self._booking(caller, request.secret)
            told = await self._told(caller, booking)
            if request.moves and told.may_move:
                meeting = await self._type(booking.meeting_type_id)
                length = booking.ends_at.seconds - booking.starts_at.seconds
                zone = request.time_zone or booking.time_zone
                wish = Wish(request.day, request.month, zone, length // 60)
                told.page.CopyFrom(await self._pages.page(meeting, wish))
            return told

    async def MoveVisitorBooking(
        self, request: pb.MoveVisitorBookingRequest, _: Any
    ) -> pb.VisitorBooking:
        return await self._change(
            request,
            "may_move",
            lambda booking: (
                "RescheduleBooking",
                bookings.RescheduleBookingRequest(
                    id=booking.id, starts_at=request.starts_at
                ),
            ),
        )

    async def CancelVisitorBooking(
        self, request: pb.CancelVisitorBookingRequest, _: Any
    ) -> pb.VisitorBooking:
        return await self._change(
            request,
            "may_cancel",
            lambda booking: (
                "CancelBooking",
                bookings.CancelBookingRequest(
                    id=booking.id, cancel_reason=request.reason or None
                ),
            ),
        )

    async def _change(self, request: Any, right: str, ask: Any) -> pb.VisitorBooking:
        """Changes the booking of an address by a method, if it still may be."""
        caller = await visitor_of(self._database, request.business)
        with visiting(caller, writes=True):
            booking = await self._booking(caller, request.secret)
            its = caller.business_id, booking.id
            check_change(self._addresses, request.form_token, *its)
            if not getattr(await self._told(caller, booking), right):
                raise WrongState("The booking can no longer be changed here.")
            return await self._told(caller, await self._book(*ask(booking)))

    async def _meeting(
        self, caller: Caller, request: Any, *, used: bool = False
    ) -> tuple[meetings.MeetingType, str, dict[str, Any]]:
        """The meeting type of a page, its link's id, and the answers that it begins
        with. A form that is sent again finds a link that it has used up."""
        link_id, begun = "", dict[str, Any]()
        row: Any = None
        if request.link:
            row = await links.find(
                self._database, caller.business_id, request.link, used=used
            )
            link_id, meeting_id, begun = row[0], row[1], links.answers_of(row[2])
        else:
            its = caller.business_id, request.name
            row = await self._database.row(_TYPE, *its)
            if row is None:
                raise NotFound
            meeting_id = row[0]
        meeting = await self._type(meeting_id)
        if not meeting.active:
            raise NotFound
        return meeting, link_id, begun

    async def _type(self, meeting_id: str) -> meetings.MeetingType:
        asked = meetings.GetMeetingTypeRequest(id=meeting_id)
        found: Any = await self._running.call(f"{_TYPES}GetMeetingType", asked)
        return found  # type: ignore[no-any-return]  # a meeting type

    async def _booking(self, caller: Caller, secret: str) -> bookings.Booking:
        booking_id = booking_of(self._addresses, caller.business_id, secret)
        asked = bookings.GetBookingRequest(id=booking_id)
        return await self._book("GetBooking", asked)

    async def _book(
        self, name: str, request: Any, key: str | None = None
    ) -> bookings.Booking:
        made: Any = await self._running.call(f"{_BOOKINGS}{name}", request, key=key)
        return made  # type: ignore[no-any-return]  # a booking

    async def _told(
        self, caller: Caller, booking: bookings.Booking
    ) -> pb.VisitorBooking:
        """What the visitor sees of a booking."""
        whose = self._addresses, caller.business_id, booking.id
        told = pb.VisitorBooking(
            business_name=caller.business_name,
            host_names=await self._pages.names(booking.host_ids),
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            time_zone=booking.time_zone,
            status=booking.status,
            secret=secret_of(*whose),
            form_token=change_token(*whose),
        )
        if booking.HasField("location"):
            told.location.CopyFrom(booking.location)
        meeting = await self._still(booking.meeting_type_id)
        if meeting is not None:
            told.meeting.CopyFrom(shown(meeting))
        is_open = booking.status in OPEN and from_timestamp(booking.starts_at) > now()
        told.may_cancel = is_open
        told.may_move = is_open and meeting is not None and meeting.active
        if booking.status in LIVING:
            told.calendar = icalendar.single(_event(caller, booking, told))
        return told

    async def _still(self, meeting_id: str) -> meetings.MeetingType | None:
        """A meeting type, None if it was deleted."""
        try:
            return await self._type(meeting_id) if meeting_id else None
        except NotFound:
            return None


def _check_age(once: str) -> None:
    """Raises `FormInvalid` for a form that was sent too soon or too late."""
    age = time.time() - int(once[:8], 16)
    if age < _LEAST_AGE:
        raise FormInvalid("The form was sent within 3 seconds.")
    if age > _MOST_AGE:
        raise FormInvalid("The form is older than a day.")


def _event(
    caller: Caller, booking: bookings.Booking, told: pb.VisitorBooking
) -> icalendar.Event:
    """The booking as the visitor's calendar has it."""
    name = told.meeting.name or "Meeting"
    return icalendar.Event(
        uid=f"{booking.id}@{caller.business_id}",
        sequence=int(booking.etag) - 1,
        starts_at=from_timestamp(booking.starts_at),
        ends_at=from_timestamp(booking.ends_at),
        changed_at=from_timestamp(booking.updated_at),
        summary=f"{name}: {caller.business_name}",
        is_tentative=booking.status == bookings.BOOKING_STATUS_PENDING,
        location=booking.location.value,
        description=", ".join(told.host_names),
    )
