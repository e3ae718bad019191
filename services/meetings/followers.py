"""What follows a booking: the contact of the invitee, and the activity of the meeting.

Both are written by the records' own path, in the transaction of the booking.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from prospectconnect.crm.v1 import activities_pb2 as activities
from prospectconnect.crm.v1 import contacts_pb2 as contacts
from prospectconnect.scheduling.v1 import bookings_pb2 as pb

from services.caller import Call
from services.clock import SECOND, from_timestamp
from services.errors import NotFound, Unavailable, ValidationFailed
from services.faults import Fault
from services.kinds.custom_fields import Json
from services.meetings.answers import fill, fitting
from services.postgres.database import Database
from services.records.contended import MOST_ATTEMPTS
from services.records.engine import Records
from services.records.upserts import Upserts

# Contacts are locked before what is linked to them, as everywhere. An activity updates
# its contact, which takes this lock.
_LOCK = """
SELECT 1 FROM contacts
WHERE business_id = $1 AND id = $2 AND deleted_at IS NULL FOR UPDATE
"""

# Of characters, as contacts have them.
_MOST_NAME = 100


class Followers:
    """Writes the contacts and the activities of bookings, in one transaction each."""

    def __init__(
        self, database: Database, contacts_: Records[Any], activities_: Records[Any]
    ) -> None:
        self._database = database
        self._contacts: Records[contacts.Contact] = contacts_.over(database)
        self._upserts = Upserts(self._contacts, contacts.UpsertContactResponse)
        self._activities: Records[activities.Activity] = activities_.over(database)

    async def lock(self, call: Call, contact_id: str) -> None:
        """Locks a contact, if it is still there."""
        await self._database.row(_LOCK, call.caller.business_id, contact_id)

    async def invite(self, call: Call, invitee: pb.Invitee) -> str:
        """Returns the id of the invitee's contact, which is locked then.

        Only a new contact gets the name and the time zone: who books knows an address,
        and may mistake or invent the rest of somebody else.
        """
        first, last = names_of(invitee.name)

        async def settle(given: contacts.Contact) -> Any:
            given.first_name, given.last_name = first, last
            given.time_zone = invitee.time_zone
            return lambda _: None

        request = contacts.UpsertContactRequest(match_on="email")
        request.contact.email = invitee.email
        for _ in range(MOST_ATTEMPTS):
            try:
                answer: Any = await self._upserts.upsert(_within(call), request, settle)
            except ValidationFailed as error:
                raise as_of_booking(error) from None
            contact_id, business_id = str(answer.data.id), call.caller.business_id
            if await self._database.row(_LOCK, business_id, contact_id) is not None:
                return contact_id
        raise Unavailable  # it was deleted or merged each time

    async def fill(
        self, call: Call, contact_id: str, values: Mapping[str, Json]
    ) -> None:
        """Writes values to those fields of a contact that are empty.

        A value that its field does not take is left out: who answers a question does
        not know of the field.
        """
        left = fitting(values)
        while left:

            def change(
                contact: contacts.Contact, its: Mapping[str, Json] = left
            ) -> None:
                fill(contact, its)

            try:
                await self._contacts.update(_within(call), contact_id, change)
            except ValidationFailed as error:
                unfit = {each.field.removeprefix("contact.") for each in error.faults}
                if unfit.isdisjoint(left):
                    raise as_of_booking(error) from None
                left = {
                    name: value for name, value in left.items() if name not in unfit
                }
            else:
                return

    async def add(self, call: Call, booking: pb.Booking, name: str) -> str:
        """Creates the activity of a booking, and returns its id."""
        given = activities.Activity(type=activities.ACTIVITY_TYPE_MEETING, subject=name)
        _settle(given, booking)
        try:
            made = await self._activities.create(_of_system(call), given)
        except ValidationFailed as error:
            raise as_of_booking(error) from None
        return str(made.id)

    async def move(self, call: Call, booking: pb.Booking) -> None:
        """Lets the activity of a booking tell its time and its deal."""
        if not (booking.contact_id or booking.deal_id) or not booking.activity_id:
            return  # without links it was deleted with the last of them

        def change(activity: activities.Activity) -> None:
            _settle(activity, booking)

        with suppress(NotFound):  # it was deleted
            await self._activities.update(_of_system(call), booking.activity_id, change)

    async def remove(self, call: Call, activity_id: str) -> None:
        """Deletes the activity of a meeting that does not take place."""
        if activity_id:
            with suppress(NotFound):  # it was deleted
                await self._activities.delete(_of_system(call), activity_id)


def names_of(name: str) -> tuple[str, str]:
    """First and last name: the first word, and the others on one line.

    What is too long for the first name begins the last name, which is cut.
    """
    first, _, last = " ".join(name.split()).partition(" ")
    if len(first) > _MOST_NAME:
        first, last = first[:_MOST_NAME], f"{first[_MOST_NAME:]} {last}".strip()
    return first, last[:_MOST_NAME]


def _settle(activity: activities.Activity, booking: pb.Booking) -> None:
    begin, end = from_timestamp(booking.starts_at), from_timestamp(booking.ends_at)
    activity.occurred_at.CopyFrom(booking.starts_at)
    activity.duration_seconds = (end - begin) // SECOND
    for name in ("contact_id", "deal_id"):
        if value := getattr(booking, name):
            setattr(activity, name, value)
        else:
            activity.ClearField(name)


def _within(call: Call) -> Call:
    """A call for what another call writes besides; that alone has the key."""
    return Call(
        call.caller,
        is_dry=call.is_dry,
        traceparent=call.traceparent,
        address=call.address,
    )


def _of_system(call: Call) -> Call:
    """The same by the server: who may change a booking moves its activity with it."""
    its = _within(call)
    its.caller = replace(call.caller, own_only=frozenset())
    return its


def as_of_booking(error: ValidationFailed) -> ValidationFailed:
    """The faults of a contact or an activity as those of the request to book."""
    return ValidationFailed([_moved(each) for each in error.faults])


def _moved(fault: Fault) -> Fault:
    resource, _, name = fault.field.partition(".")
    if resource == "contact":
        return replace(fault, field=f"invitee.{name}")
    return replace(fault, field=name or resource)
