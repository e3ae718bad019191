"""Calendars: addresses at which calendar programs read a user's meetings.

The secret of an address is a row among the tokens, of a kind of its own. So it ends as
tokens end: with the token that made it, with the app's access, with the user.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.iam.v1.access_pb2 import (
    TOKEN_KIND_CALENDAR,
    TOKEN_KIND_OAUTH,
    TOKEN_KIND_SESSION,
)
from prospectconnect.scheduling.v1 import bookings_pb2 as bookings
from prospectconnect.scheduling.v1 import calendars_pb2 as pb

from services.answers.finding import rows_of
from services.caller import Call, Caller, current_call
from services.clock import DAY, from_timestamp, now, real_now, to_timestamp
from services.errors import NotFound
from services.gates.permissions import check_permission
from services.iam import audit
from services.iam.bearer import CALENDAR, hash_of, new_secret
from services.iam.descent import holds, makers_of
from services.ids import new_id
from services.meetings.bookings import LIVING
from services.pauses import Pauses
from services.postgres.database import Database, Row, Transaction
from services.records.engine import Records
from services.scheduling import icalendar

# What a calendar shows, as far as the token that makes it may read it.
_BOOKINGS = "booking.read"
_SHOWN = (_BOOKINGS, "contact.read", "meeting_type.read")
# Meetings that ended so long ago are left out, and so many are told, the first ones.
_PAST_DAYS, MOST_MEETINGS = 30, 1_000

# Two new addresses at once would otherwise both stand.
_LOCK = """
SELECT FROM users WHERE business_id = $1 AND id = $2 FOR NO KEY UPDATE
"""
_END = f"""
UPDATE tokens SET revoked_at = $3
WHERE business_id = $1 AND user_id = $2 AND kind = {TOKEN_KIND_CALENDAR}
  AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
  AND {holds("tokens")}
RETURNING id
"""
_GET = f"""
SELECT created_at, expires_at FROM tokens
WHERE business_id = $1 AND user_id = $2 AND kind = {TOKEN_KIND_CALENDAR}
  AND (expires_at IS NULL OR expires_at > $3) AND {holds("tokens")}
"""
# An app's address hangs on the app's authorization, as the app's tokens do.
_ADD = f"""
INSERT INTO tokens (business_id, hash, id, user_id, kind, client_id, scopes,
  limit_requests, limit_seconds, created_at, expires_at, makers, authorization_id)
VALUES ($1, $2, $3, $4, {TOKEN_KIND_CALENDAR}, $5, $6, $7, $8, $9, $10, $11, (
  SELECT m.authorization_id FROM tokens AS m WHERE m.business_id = $1 AND m.id = $12
))
"""
# Values: business, the user, the statuses of meetings that take place, since when.
_MEETINGS = """
SELECT {columns}, r.version FROM bookings AS r
WHERE r.business_id = $1 AND r.host_ids @> ARRAY[$2::text] AND r.deleted_at IS NULL
  AND r.status = ANY($3::smallint[]) AND r.ends_at > $4
ORDER BY r.starts_at, r.id LIMIT {most}
"""


class CalendarMethods:
    """The methods of `CalendarService`, as the proto describes them."""

    def __init__(self, database: Database, every: Mapping[str, Records[Any]]) -> None:
        self._database = database
        self._bookings = every["booking"]
        self._named = every["meeting_type"], every["contact"]
        columns = self._bookings.codec.columns
        self._meetings = _MEETINGS.format(columns=columns, most=MOST_MEETINGS)

    async def GetCalendar(self, _: pb.GetCalendarRequest, __: Any) -> pb.Calendar:
        caller = current_call().caller
        whose = caller.business_id, caller.user_id
        row = await self._database.row(_GET, *whose, real_now())
        if row is None:
            raise NotFound
        return _told(*row)

    async def ReplaceCalendar(
        self, _: pb.ReplaceCalendarRequest, __: Any
    ) -> pb.Calendar:
        call = current_call()
        caller, moment = call.caller, real_now()
        secret, ends_at = new_secret(caller.business_id, CALENDAR), _end_of(caller)

        async def replace(transaction: Transaction) -> None:
            await transaction.run(_LOCK, caller.business_id, caller.user_id)
            await _end(transaction, call)
            token_id = new_id("cal_")
            values = _values(caller, hash_of(secret), token_id, moment, ends_at)
            await transaction.run(_ADD, *values)
            event = audit.by_caller(call, "calendar_created", token_id)
            await audit.record(transaction, event)

        await self._database.in_transaction(replace)
        made = _told(moment, ends_at)
        made.url = f"/calendars/{secret}.ics"
        return made

    async def DeleteCalendar(self, _: pb.DeleteCalendarRequest, __: Any) -> Empty:
        call = current_call()

        async def end(transaction: Transaction) -> bool:
            return await _end(transaction, call)

        if not await self._database.in_transaction(end):
            raise NotFound
        return Empty()

    async def ReadCalendar(self, _: pb.ReadCalendarRequest, __: Any) -> pb.CalendarText:
        caller = current_call().caller
        check_permission(caller, _BOOKINGS)  # its user's role may have changed
        since, living = now() - _PAST_DAYS * DAY, sorted(LIVING)
        values = caller.business_id, caller.user_id, living, since
        rows = await self._database.rows(self._meetings, *values)
        read = self._bookings.codec.read
        found = [read(row, caller.business_id) for row in rows]
        types, contacts = self._named
        names = await _names(types, caller, [e.meeting_type_id for e in found])
        people = await _names(contacts, caller, [e.contact_id for e in found])
        parts = [icalendar.begin(f"{caller.business_name}: meetings")]
        pauses = Pauses()
        for row, booking in zip(rows, found, strict=True):
            meeting = names.get(booking.meeting_type_id)
            contact = people.get(booking.contact_id)
            its = caller.business_id, row["version"]
            parts.append(icalendar.event(_event(booking, its, meeting, contact)))
            await pauses.between()
        return pb.CalendarText(text=b"".join((*parts, icalendar.end())))


async def _end(transaction: Transaction, call: Call) -> bool:
    """Ends the caller's address. False if there is none."""
    caller = call.caller
    whose = caller.business_id, caller.user_id
    rows = await transaction.rows(_END, *whose, real_now())
    for row in rows:
        event = audit.by_caller(call, "calendar_deleted", row[0])
        await audit.record(transaction, event)
    return bool(rows)


def _values(
    caller: Caller, hashed: bytes, token_id: str, moment: int, ends_at: int | None
) -> Iterator[Any]:
    """The values of `_ADD`."""
    scopes = [each for each in _SHOWN if caller.may(each)]
    is_app = caller.token_kind == TOKEN_KIND_OAUTH
    makers = () if is_app else makers_of(caller, scopes)
    yield from (caller.business_id, hashed, token_id, caller.user_id, caller.client_id)
    yield from (scopes, *caller.token_limit, moment, ends_at, list(makers))
    yield caller.token_id if is_app else ""


def _end_of(caller: Caller) -> int | None:
    """When an address ends: with the token. An app has new tokens all the time."""
    outlives = caller.token_kind in (TOKEN_KIND_OAUTH, TOKEN_KIND_SESSION)
    return None if outlives else caller.expires_at


async def _names(
    records: Records[Any], caller: Caller, ids: Sequence[str]
) -> dict[str, Any]:
    """The records with some ids that the caller may read and sees, by their ids."""
    resource = records.kind.resource
    if not caller.may(f"{resource}.read"):
        return {}
    known = {each for each in ids if each}
    rows: list[Row] = await rows_of(records, records.codec.columns, caller, known)
    read = [records.codec.read(row, caller.business_id) for row in rows]
    return {each.id: each for each in read}


def _event(
    booking: bookings.Booking, its: tuple[str, int], meeting: Any, contact: Any
) -> icalendar.Event:
    """A booking as an event; `its` are its tenant and its version."""
    business_id, version = its
    name = "Meeting" if meeting is None else meeting.name
    person = "" if contact is None else _name(contact)
    lines = (person, "" if contact is None else contact.email, _zone(booking))
    return icalendar.Event(
        uid=f"{booking.id}@{business_id}",
        sequence=version - 1,
        starts_at=from_timestamp(booking.starts_at),
        ends_at=from_timestamp(booking.ends_at),
        changed_at=from_timestamp(booking.updated_at),
        summary=f"{name}: {person}" if person else name,
        is_tentative=booking.status == bookings.BOOKING_STATUS_PENDING,
        location=booking.location.value,
        description="\n".join(filter(None, lines)),
    )


def _name(contact: Any) -> str:
    return f"{contact.first_name} {contact.last_name}".strip() or str(contact.email)


def _zone(booking: bookings.Booking) -> str:
    return f"Their time zone: {booking.time_zone}" if booking.time_zone else ""


def _told(created_at: int, ends_at: int | None) -> pb.Calendar:
    calendar = pb.Calendar(created_at=to_timestamp(created_at))
    if ends_at is not None:
        calendar.expires_at.CopyFrom(to_timestamp(ends_at))
    return calendar
