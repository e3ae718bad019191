"""Bookings: how they may come to stand, and the times of hosts that they take.

No two living bookings of a host overlap: a constraint of the database keeps the rows
apart that each change of a booking writes in its own transaction.
"""

from collections.abc import Mapping

from prospectconnect.scheduling.v1 import bookings_pb2 as pb

from services.caller import Caller
from services.clock import from_timestamp, now
from services.errors import WrongState
from services.meetings import holds
from services.records.behaviour import Behaviour
from services.records.commands import Around, Command

_PENDING, _CONFIRMED = pb.BOOKING_STATUS_PENDING, pb.BOOKING_STATUS_CONFIRMED
_CANCELLED, _DECLINED = pb.BOOKING_STATUS_CANCELLED, pb.BOOKING_STATUS_DECLINED
_NO_SHOW, HELD = pb.BOOKING_STATUS_NO_SHOW, pb.BOOKING_STATUS_HELD

# What a booking may become, and from which statuses.
MOVES: Mapping[int, frozenset[int]] = {
    _CONFIRMED: frozenset((_PENDING,)),
    _DECLINED: frozenset((_PENDING,)),
    _CANCELLED: frozenset((_PENDING, _CONFIRMED)),
    _NO_SHOW: frozenset((_CONFIRMED,)),
    HELD: frozenset((_CONFIRMED,)),
}
# Such bookings can still be moved to another time.
OPEN = frozenset((_PENDING, _CONFIRMED))
# Those take the time of their hosts.
LIVING = frozenset((_PENDING, _CONFIRMED, HELD))
_AFTER_BEGINNING = frozenset((_NO_SHOW, HELD))

_FREE = "DELETE FROM host_times WHERE business_id = $1 AND booking_id = $2"
# Values: business, the booking, its hosts, from, to, the meeting type, now.
_TAKE = f"""
WITH {holds.clear_sql(3, 4, 5, 7)}
INSERT INTO host_times (business_id, booking_id, host_id, span, buffer_before,
  buffer_after)
SELECT $1, $2, h.id, tstzrange($4::timestamptz, $5::timestamptz), t.buffer_before,
  t.buffer_after
FROM (SELECT count(*) FROM cleared) AS c, meeting_types AS t,
  unnest($3::text[]) AS h (id)
WHERE t.business_id = $1 AND t.id = $6
"""


def name_of(status: int) -> str:
    """A status as public JSON writes it."""
    name = pb.BookingStatus.Name(status)  # type: ignore[arg-type]  # a number of it
    return name.removeprefix("BOOKING_STATUS_").lower()


def check_move(booking: pb.Booking, status: int) -> None:
    """Raises `WrongState` unless a booking may come to stand so."""
    sources = MOVES[status]
    if booking.status not in sources:
        ways = " or ".join(name_of(each) for each in sorted(sources))
        stands, becomes = name_of(booking.status), name_of(status)
        raise WrongState(
            f"The booking is {stands}. Only one that is {ways} becomes {becomes}."
        )
    if status in _AFTER_BEGINNING and from_timestamp(booking.starts_at) > now():
        raise WrongState("The meeting has not begun.")


def check_open(booking: pb.Booking) -> None:
    """Raises `WrongState` unless a booking can be moved to another time."""
    if booking.status not in OPEN:
        raise WrongState(
            f"The booking is {name_of(booking.status)}. Only one that is pending or"
            " confirmed moves to another time."
        )


def around(
    caller: Caller, before: pb.Booking | None, after: pb.Booking | None
) -> Around | None:
    """The statements that free the hosts' times, and take those of a living booking."""
    if before is not None and after is not None and _time(before) == _time(after):
        return None
    statements = []
    if before is not None:
        statements.append(Command(_FREE, (caller.business_id, before.id)))
    if after is not None and after.status in LIVING:
        time = from_timestamp(after.starts_at), from_timestamp(after.ends_at)
        its = caller.business_id, after.id, list(after.host_ids)
        statements.append(Command(_TAKE, (*its, *time, after.meeting_type_id, now())))
    return Around(after=statements)


def _time(booking: pb.Booking) -> tuple[object, ...]:
    """What the times of its hosts depend on."""
    hosts = tuple(booking.host_ids)
    span = from_timestamp(booking.starts_at), from_timestamp(booking.ends_at)
    return booking.status in LIVING, hosts, *span


BEHAVIOUR: Behaviour[pb.Booking] = Behaviour(around=around)
