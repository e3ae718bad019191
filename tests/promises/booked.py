"""Bookings that tests make, each at a time of its own, at which the host is free."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from services.postgres.database import Database
from tests.client import Client
from tests.stacks import Stack
from tests.world import administer

_LENGTH = timedelta(minutes=30)
_DAYS = 300  # within the window of the meeting types
# The first time is on a Monday, so that the next week of them is one week of figures.
_WEEK = 7
_places = count()

# A meeting begins in time. Tests do not wait for it.
_BEGIN = """
UPDATE bookings SET starts_at = now() - interval '1 hour', ends_at = now(),
  status = 2
WHERE business_id = $1 AND id = ANY($2::text[])
"""


def time() -> str:
    """A moment at which nobody has booked anything."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    place = next(_places) % (_DAYS * timedelta(days=1) // _LENGTH)
    first = today + timedelta(days=2 * _WEEK - today.weekday())
    return (first + place * _LENGTH).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def times_anew() -> Iterator[None]:
    """Meanwhile the times begin with the first one, for tenants that have none."""
    global _places  # noqa: PLW0603 - the places of the process
    before, _places = _places, count()
    try:
        yield
    finally:
        _places = before


def meeting_type(client: Client) -> str:
    """The id of a meeting type whose one host, the caller, is free at all times."""
    user = client.get("/me").json["user"]["id"]
    days = [{"weekday": day, "from": "00:00", "to": "24:00"} for day in range(7)]
    whose = {"user_id": user, "time_zone": "Etc/UTC"}
    schedule = client.create("/schedules", {**whose, "intervals": days})["id"]
    number = next(_places)
    body = {
        "name": f"Talk {number}",
        "slug": f"booked-{number}",
        "durations": [_LENGTH // timedelta(minutes=1)],
        "hosts": [{"user_id": user, "schedule_id": schedule}],
        "window_days": 365,
        "requires_confirmation": True,
    }
    return str(client.create("/meeting_types", body)["id"])


def request(client: Client, **given: Any) -> dict[str, Any]:
    """What books a meeting."""
    invitee = {"email": "ada@engine.example", "name": "Ada Lovelace"}
    return {
        "meeting_type_id": given.get("meeting_type_id") or meeting_type(client),
        "starts_at": time(),
        "invitee": {**invitee, "time_zone": "Europe/London"},
        **given,
    }


def booking(client: Client) -> Any:
    """A booking that is pending."""
    return client.create("/bookings", request(client))


def hold(client: Client, type_id: str = "") -> Any:
    """A hold of a slot, by default of a meeting type of its own."""
    path = f"/meeting_types/{type_id or meeting_type(client)}/holds"
    return client.create(path, {"starts_at": time()})


def begin(stack: Stack, client: Client, *bookings: str) -> None:
    """Lets bookings that a client sees be confirmed, and their meetings begin."""

    business_id = client.get("/me").json["business"]["id"]

    async def begun(database: Database) -> None:
        await database.run(_BEGIN, business_id, list(bookings))

    administer(stack.database_url, begun)
