"""Bookings that tests make."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.client import Answer, Client
from tests.end_to_end.scheduling.kept import MONDAY, hours, me, meeting, moment

NINE = MONDAY + timedelta(hours=9)
HALF = timedelta(minutes=30)
INVITEE = {
    "email": "ada@example.com",
    "name": "Ada King Lovelace",
    "time_zone": "Europe/London",
}
LIVING = ("pending", "confirmed", "held")


def a_type(owner: Client, **others: Any) -> Any:
    """A meeting type of the caller, who has hours."""
    user = me(owner)
    owner.create("/schedules", hours(user, is_default=True))
    return owner.create("/meeting_types", meeting(user, **others))


def shared(owner: Client, users: Iterable[str], assignment: str, **others: Any) -> Any:
    """A meeting type of some users, who all have hours from then on."""
    hosts = list(users)
    for user in hosts:
        owner.create("/schedules", hours(user, is_default=True))
    given = {"assignment": assignment, **others}
    return owner.create("/meeting_types", meeting(*hosts, **given))


def asked(kind: Any, at: datetime = NINE, **others: Any) -> dict[str, Any]:
    """A request to book."""
    given = {"meeting_type_id": kind["id"], "starts_at": moment(at), "invitee": INVITEE}
    return given | others


def act(client: Client, made: Any, verb: str, **given: Any) -> Any:
    """The booking after an action, which is good."""
    answer = client.post(f"/bookings/{made['id']}/{verb}", given)
    assert answer.status == 200, answer.body
    return answer.json


def moved(client: Client, made: Any, at: datetime, **others: Any) -> Answer:
    """The answer to a request to move a booking."""
    given = {"starts_at": moment(at), **others}
    return client.post(f"/bookings/{made['id']}/reschedule", given)


def is_taken(answer: Answer) -> bool:
    """Whether an answer says that something else is there; else it is good."""
    if answer.status == 409:
        assert answer.json["type"].endswith("/slot-taken"), answer.body
        return True
    assert answer.status in (200, 201), answer.body
    return False


def overlaps(found: Iterable[Any], buffer: timedelta = timedelta()) -> list[Any]:
    """The pairs of living bookings of one host that are nearer than a buffer."""
    times: dict[str, list[tuple[datetime, datetime]]] = {}
    for each in found:
        if each["status"] in LIVING:
            names = "starts_at", "ends_at"
            start, end = (datetime.fromisoformat(each[name]) for name in names)
            for host in each["host_ids"]:
                times.setdefault(host, []).append((start, end))
    return [
        (host, one, other)
        for host, its in times.items()
        for one, other in pairwise(sorted(its))
        if other[0] - one[1] < buffer
    ]
