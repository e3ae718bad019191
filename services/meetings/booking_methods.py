"""The methods of bookings that are not standard.

All that a method writes is in one transaction. In it the hosts are locked first, then
the contact, then the booking is written.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from prospectconnect.scheduling.v1 import bookings_pb2 as pb
from prospectconnect.scheduling.v1.meeting_types_pb2 import MeetingType
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, Caller, current_call
from services.clock import SECOND, from_timestamp, to_timestamp
from services.errors import NotFound, ValidationFailed, WrongState
from services.faults import Fault
from services.gates.permissions import check_permission
from services.kinds import masks
from services.meetings import answers, asked, bookings, hosts, links
from services.meetings.choosing import ChangedError, Choice, Choosing
from services.meetings.followers import Followers, as_of_booking
from services.postgres.bound import BoundDatabase
from services.records.engine import Records
from services.records.versions import check_etag
from services.standard import Kept

_MINUTE = 60 * SECOND
_CANCELLED, _DECLINED = pb.BOOKING_STATUS_CANCELLED, pb.BOOKING_STATUS_DECLINED
_NO_SHOW, _CONFIRMED = pb.BOOKING_STATUS_NO_SHOW, pb.BOOKING_STATUS_CONFIRMED


class BookingMethods:
    """Books meetings, moves them, and says what became of them."""

    def __init__(
        self,
        kept: Kept,
        types: Records[Any],
        contacts: Records[Any],
        activities: Records[Any],
    ) -> None:
        database = kept.records.database
        self._bound = BoundDatabase(database)
        self._records: Records[pb.Booking] = kept.records.over(self._bound)
        self._types: Records[MeetingType] = types.over(self._bound)
        self._followers = Followers(self._bound, contacts, activities)
        self._choosing = Choosing(database, self._bound)
        self._free_types: Records[MeetingType] = types
        self.finders = {"CreateBooking": self._find}

    async def CreateBooking(self, request: pb.CreateBookingRequest, _: Any) -> Any:
        call = current_call()
        check_permission(call.caller, "contact.write")
        starts_at = from_timestamp(request.starts_at)

        async def book(choice: Choice) -> pb.Booking:
            meeting = await self._type_of(call, request.meeting_type_id)
            duration = asked.duration_of(meeting, request)
            told, faults = answers.judged(meeting, request.answers)
            if faults:
                raise ValidationFailed(faults)
            choice.ask(meeting, (starts_at, duration))
            chosen = await self._choosing.choose(call.caller, choice)
            booking = _draft(request, meeting, chosen)
            booking.answers.CopyFrom(told)
            _place(booking, starts_at, starts_at + duration * _MINUTE)
            await links.use(self._bound, call.caller, request.link_id, meeting.id)
            booking.contact_id = await self._followers.invite(call, request.invitee)
            fields = answers.mapped(meeting.questions, told)
            await self._followers.fill(call, booking.contact_id, fields)
            booking.activity_id = await self._followers.add(call, booking, meeting.name)
            made = await self._create(call, booking)
            await self._choosing.leave(call.caller, choice)
            return made

        return await self._choosing.until_free(call, book)

    async def UpdateBooking(self, request: pb.UpdateBookingRequest, _: Any) -> Any:
        call, change = current_call(), masks.writer(self._records.kind, request)

        async def update() -> pb.Booking:
            before = await self._records.get(call.caller, request.id)
            await self._followers.lock(call, before.contact_id)
            deal, left = before.deal_id, ""

            def change_both(booking: pb.Booking) -> None:
                nonlocal deal, left
                deal, left = booking.deal_id, ""
                change(booking)
                if deal and not (booking.contact_id or booking.deal_id):
                    left = booking.activity_id  # which nothing would show any more
                    booking.ClearField("activity_id")

            its = request.id, change_both, request.etag
            after = await self._records.update(call, *its)
            await self._followers.remove(call, left)
            if after.deal_id != deal:
                await self._followers.move(call, after)
            return after

        return await self._together(update)

    async def RescheduleBooking(
        self, request: pb.RescheduleBookingRequest, _: Any
    ) -> Any:
        call = current_call()
        starts_at = from_timestamp(request.starts_at)

        async def move(choice: Choice) -> pb.Booking:
            before = await self._records.get(call.caller, request.id)
            check_etag(before, request.etag)
            bookings.check_open(before)
            meeting = await self._held(call, before.meeting_type_id)
            if meeting is None:
                raise WrongState("The meeting type of the booking was deleted.")
            duration = _length(before)
            if request.HasField("duration"):
                duration = asked.duration_of(meeting, request)
            ends_at = starts_at + duration * _MINUTE
            time = from_timestamp(before.starts_at), from_timestamp(before.ends_at)
            chosen = list(before.host_ids)
            if time != (starts_at, ends_at):
                choice.ask(meeting, (starts_at, duration), before)
                chosen = await self._choosing.choose(call.caller, choice)

            def change(booking: pb.Booking) -> None:
                if booking.etag != before.etag:
                    raise ChangedError  # the hosts were chosen for another time
                _place(booking, starts_at, ends_at)
                booking.owner_id = chosen[0]
                booking.host_ids[:] = chosen

            await self._followers.lock(call, before.contact_id)
            its = request.id, change, request.etag
            after = await self._records.update(call, *its)
            await self._followers.move(call, after)
            await self._choosing.leave(call.caller, choice)
            return after

        return await self._choosing.until_free(call, move)

    async def CancelBooking(self, request: pb.CancelBookingRequest, _: Any) -> Any:
        return await self._become(request, _CANCELLED, request.cancel_reason)

    async def ConfirmBooking(self, request: pb.ConfirmBookingRequest, _: Any) -> Any:
        return await self._become(request, _CONFIRMED)

    async def DeclineBooking(self, request: pb.DeclineBookingRequest, _: Any) -> Any:
        return await self._become(request, _DECLINED)

    async def MarkBookingNoShow(
        self, request: pb.MarkBookingNoShowRequest, _: Any
    ) -> Any:
        return await self._become(request, _NO_SHOW)

    async def MarkBookingHeld(self, request: pb.MarkBookingHeldRequest, _: Any) -> Any:
        return await self._become(request, bookings.HELD)

    async def _become(
        self, request: Any, status: pb.BookingStatus.ValueType, reason: str = ""
    ) -> pb.Booking:
        """Lets a booking come to stand so. One that no longer lives has no activity."""
        call = current_call()
        ends = status not in bookings.LIVING

        async def become() -> pb.Booking:
            before = await self._records.get(call.caller, request.id)
            await self._followers.lock(call, before.contact_id)
            left = ""

            def change(booking: pb.Booking) -> None:
                nonlocal left
                bookings.check_move(booking, status)
                booking.status = status
                if reason:
                    booking.cancel_reason = reason
                if ends:
                    left = booking.activity_id
                    booking.ClearField("activity_id")

            its = request.id, change, request.etag
            after = await self._records.update(call, *its)
            await self._followers.remove(call, left)
            return after

        return await self._together(become)

    async def _together(self, work: Callable[[], Awaitable[pb.Booking]]) -> pb.Booking:
        """Does work in one transaction, again after a deadlock."""
        done, _ = await self._bound.within(lambda _: work())
        return done

    async def _held(self, call: Call, meeting_id: str) -> MeetingType | None:
        """A meeting type, which nobody changes or deletes then."""
        if await hosts.hold(self._bound, call.caller.business_id, meeting_id):
            with suppress(NotFound):
                return await self._types.get(call.caller, meeting_id)
        return None

    async def _find(
        self, caller: Caller, request: pb.CreateBookingRequest
    ) -> list[Fault]:
        """The faults of answers, for a request that is refused anyway."""
        if caller.may("booking.write") and caller.may("meeting_type.read"):
            with suppress(NotFound):
                meeting = await self._free_types.get(caller, request.meeting_type_id)
                return answers.judged(meeting, request.answers)[1]
        return []

    async def _type_of(self, call: Call, meeting_id: str) -> MeetingType:
        """The same of one that the caller may see. Raises `ValidationFailed`."""
        if "meeting_type.read" in call.caller.role_permissions:
            meeting = await self._held(call, meeting_id)
            if meeting is not None:
                return meeting
        message = "There is no such meeting type."
        code = FaultCode.FAULT_CODE_NOT_FOUND
        raise ValidationFailed([Fault("meeting_type_id", code, message)])

    async def _create(self, call: Call, given: pb.Booking) -> pb.Booking:
        def settle(booking: pb.Booking) -> None:
            booking.MergeFrom(given)

        try:
            return await self._records.create(call, pb.Booking(), settle)
        except ValidationFailed as error:
            raise as_of_booking(error) from None


def _draft(
    request: pb.CreateBookingRequest, meeting: MeetingType, chosen: list[str]
) -> pb.Booking:
    """A booking without what follows it."""
    waits = meeting.requires_confirmation
    booking = pb.Booking(
        meeting_type_id=meeting.id,
        owner_id=chosen[0],
        host_ids=chosen,
        time_zone=request.invitee.time_zone,
        status=pb.BOOKING_STATUS_PENDING if waits else _CONFIRMED,
    )
    if request.deal_id:
        booking.deal_id = request.deal_id
    place = request if request.HasField("location") else meeting
    if place.HasField("location"):
        booking.location.CopyFrom(place.location)
    return booking


def _place(booking: pb.Booking, starts_at: int, ends_at: int) -> None:
    """Sets when a booking begins and ends, by the moments that are stored."""
    booking.starts_at.CopyFrom(to_timestamp(starts_at))
    booking.ends_at.CopyFrom(to_timestamp(ends_at))


def _length(booking: pb.Booking) -> int:
    """How many minutes a booking lasts."""
    begin, end = from_timestamp(booking.starts_at), from_timestamp(booking.ends_at)
    return (end - begin) // _MINUTE
