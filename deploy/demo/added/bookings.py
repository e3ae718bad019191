"""Bookings of the demonstration data, of some weeks around now, no two at once."""

from collections.abc import Iterator, Sequence
from random import Random

from prospectconnect.scheduling.v1 import bookings_pb2 as bookings
from prospectconnect.scheduling.v1.meeting_types_pb2 import (
    MEETING_ASSIGNMENT_COLLECTIVE,
    MEETING_PLACE_VIDEO,
    MeetingLocation,
)

from deploy.demo.draws import SEED
from services.clock import DAY, HOUR, SECOND, now, to_timestamp
from services.ids import new_id
from services.meetings.bookings import LIVING
from services.postgres.database import Database, Row
from services.records.bulk import copy_in, rows_of

_IS_THERE = "SELECT 1 FROM bookings WHERE business_id = $1 LIMIT 1"
_DAYS = range(-28, 22)
_SATURDAY = 5  # the day of the moment 0
# A time of day in UTC at which hosts in Berlin and in New York both have hours.
_TIME = 14 * HOUR
_MINUTE = 60 * SECOND
_ZONES = ("Europe/London", "Europe/Berlin", "America/New_York")
_PAST = (
    *(bookings.BOOKING_STATUS_HELD,) * 3,
    bookings.BOOKING_STATUS_NO_SHOW,
    bookings.BOOKING_STATUS_CANCELLED,
)
_TO_COME = (
    *(bookings.BOOKING_STATUS_CONFIRMED,) * 4,
    bookings.BOOKING_STATUS_CANCELLED,
)
# Values: business.
_TYPES = """
SELECT id, name, assignment, durations[1] AS minutes,
  ARRAY(SELECT h ->> 'user_id' FROM jsonb_array_elements(hosts) AS h) AS hosts
FROM meeting_types WHERE business_id = $1 AND deleted_at IS NULL ORDER BY slug
"""
# Contacts who were there before the first booking. Values: business, how many.
_CONTACTS = """
SELECT id FROM contacts WHERE business_id = $1 AND deleted_at IS NULL
  AND created_at < now() - interval '40 days'
ORDER BY created_at DESC, id LIMIT $2
"""
# Values: business, the statuses of bookings that take their time.
_TAKE = """
INSERT INTO host_times (business_id, booking_id, host_id, span, buffer_before,
  buffer_after)
SELECT b.business_id, b.id, h.id, tstzrange(b.starts_at, b.ends_at), t.buffer_before,
  t.buffer_after
FROM bookings AS b
JOIN meeting_types AS t ON t.business_id = $1 AND t.id = b.meeting_type_id
CROSS JOIN unnest(b.host_ids) AS h (id)
WHERE b.business_id = $1 AND b.status = ANY($2::smallint[])
"""


async def add_bookings(database: Database, business_id: str, user: str) -> None:
    """Adds bookings and the times of hosts that they take, but no activities."""
    if await database.row(_IS_THERE, business_id) is not None:
        return
    types = await database.rows(_TYPES, business_id)
    times = list(_times())
    contacts = await database.rows(_CONTACTS, business_id, len(times))
    made = list(_bookings(user, types, contacts, times))
    async with database.transaction() as transaction:
        await copy_in(transaction, rows_of(business_id, made))
        await transaction.run(_TAKE, business_id, list(LIVING))


def _times() -> Iterator[int]:
    today = now() // DAY
    for day in (today + each for each in _DAYS):
        if (day + _SATURDAY) % 7 < _SATURDAY:
            yield day * DAY + _TIME


def _bookings(
    user: str, types: Sequence[Row], contacts: Sequence[Row], times: Sequence[int]
) -> Iterator[bookings.Booking]:
    draws = Random(SEED)  # noqa: S311 - nothing secret
    for contact, start in zip(contacts, times, strict=False):
        kind = draws.choice(types)
        is_for_all = kind["assignment"] == MEETING_ASSIGNMENT_COLLECTIVE
        hosts = kind["hosts"] if is_for_all else [draws.choice(kind["hosts"])]
        end = start + kind["minutes"] * _MINUTE
        status = draws.choice(_PAST if end < now() else _TO_COME)
        is_cancelled = status == bookings.BOOKING_STATUS_CANCELLED
        told = to_timestamp(min(start, now()) - draws.randint(1, 9) * DAY)
        yield bookings.Booking(
            id=new_id("bkg_", told.seconds),
            meeting_type_id=kind["id"],
            owner_id=hosts[0],
            host_ids=hosts,
            contact_id=contact["id"],
            starts_at=to_timestamp(start),
            ends_at=to_timestamp(end),
            time_zone=draws.choice(_ZONES),
            status=status,
            location=MeetingLocation(kind=MEETING_PLACE_VIDEO),
            cancel_reason="Something else has come up." if is_cancelled else None,
            created_at=told,
            updated_at=told,
            created_by=user,
            etag="1",
        )
