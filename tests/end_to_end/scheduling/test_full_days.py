"""A day on which a host has `max_per_day` meetings of a type has no slots for more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.sandboxes.boxes import inside, make
from tests.end_to_end.sandboxes.test_clock import move
from tests.end_to_end.scheduling.booked import (
    HALF,
    NINE,
    a_type,
    act,
    asked,
    is_taken,
    moved,
    shared,
)
from tests.end_to_end.scheduling.kept import MONDAY, hours, me, meeting, slots, times
from tests.world import Tenant

WEEK = timedelta(days=7)


@pytest.fixture
def limited(owner: Client) -> Any:
    """A meeting type that its host has once on a day."""
    return a_type(owner, max_per_day=1)


@pytest.fixture
def two(tenant: Tenant) -> list[str]:
    """The ids of two users."""
    return [tenant.users[each] for each in ("owner", "admin")]


@pytest.mark.parametrize(
    ("most", "codes"),
    [
        (0, {"max_per_day": "too_small"}),
        (1001, {"max_per_day": "too_large"}),
        ("1", {"max_per_day": "invalid_type"}),
        (1.5, {"max_per_day": "invalid_type"}),
    ],
)
def test_a_limit_is_one_that_a_day_can_have(
    owner: Client, most: Any, codes: dict[str, str]
) -> None:
    answer = owner.post("/meeting_types", meeting(max_per_day=most))
    assert (answer.status, answer.codes) == (422, codes)


def test_a_full_day_is_taken_until_one_is_cancelled(
    owner: Client, limited: Any
) -> None:
    made = owner.create("/bookings", asked(limited, NINE + 2 * HALF))
    assert slots(owner, limited) == []
    answer = owner.post("/bookings", asked(limited))
    assert is_taken(answer)
    told = [each["starts_at"][:16] for each in answer.json["next"]]
    week = [NINE + WEEK + number * HALF for number in range(3)]
    assert told == [each.strftime("%Y-%m-%dT%H:%M") for each in week]
    act(owner, made, "cancel")
    assert times(slots(owner, limited)) == ["09:00", "09:30", "10:00", "10:30"]
    assert not is_taken(owner.post("/bookings", asked(limited)))


def test_a_limit_can_be_changed_and_lifted(owner: Client, limited: Any) -> None:
    """What is booked stays."""
    made = owner.create("/bookings", asked(limited))
    path = f"/meeting_types/{limited['id']}"
    owner.patch(path, {"max_per_day": 2})
    owner.create("/bookings", asked(limited, NINE + HALF))
    assert is_taken(owner.post("/bookings", asked(limited, NINE + 2 * HALF)))
    owner.patch(path, {"max_per_day": 1})
    assert owner.get(f"/bookings/{made['id']}").json == made
    assert slots(owner, limited) == []
    owner.patch(path, {"max_per_day": None})
    assert times(slots(owner, limited)) == ["10:00", "10:30"]


def test_meetings_of_another_type_do_not_count(owner: Client, limited: Any) -> None:
    other = owner.create("/meeting_types", meeting(me(owner), slug="other"))
    for number in range(2):
        owner.create("/bookings", asked(other, NINE + number * HALF))
    assert times(slots(owner, limited)) == ["10:00", "10:30"]


def test_a_booking_that_moves_does_not_count(owner: Client, limited: Any) -> None:
    """It moves within its day, and to another one, but not to one that is full."""
    made = owner.create("/bookings", asked(limited))
    assert moved(owner, made, NINE + 2 * HALF).status == 200
    later = owner.create("/bookings", asked(limited, NINE + WEEK))
    answer = moved(owner, made, NINE + WEEK + HALF)
    assert is_taken(answer)
    assert answer.json["next"][0]["starts_at"][:10] == f"{NINE + 2 * WEEK:%Y-%m-%d}"
    assert moved(owner, later, NINE + 2 * WEEK).status == 200
    assert moved(owner, made, NINE + WEEK + HALF).status == 200
    assert len(slots(owner, limited)) == 4


def test_another_host_takes_the_meeting_of_who_has_enough(
    owner: Client, two: list[str]
) -> None:
    kind = shared(owner, two, "round_robin", max_per_day=1)
    made = [owner.create("/bookings", asked(kind, NINE + n * HALF)) for n in range(2)]
    assert [each["owner_id"] for each in made] == two
    assert is_taken(owner.post("/bookings", asked(kind, NINE + 2 * HALF)))
    act(owner, made[0], "cancel")
    assert [each["hosts"] for each in slots(owner, kind)] == [two[:1]] * 4
    answer = moved(owner, made[1], NINE + 2 * HALF)  # it is no longer theirs to keep
    assert (answer.status, answer.json["host_ids"]) == (200, two[1:])


def test_a_collective_meeting_counts_for_each_host(
    owner: Client, two: list[str]
) -> None:
    kind = shared(owner, two, "collective", max_per_day=1)
    made = owner.create("/bookings", asked(kind))
    assert slots(owner, kind) == []
    hosts = [{"user_id": each} for each in two[1:]]
    one = {"hosts": hosts, "assignment": "one"}
    owner.patch(f"/meeting_types/{kind['id']}", one)
    assert slots(owner, kind) == []
    act(owner, made, "cancel")
    assert len(slots(owner, kind)) == 4


def test_a_day_is_one_of_the_schedule(owner: Client) -> None:
    """Kiritimati is 14 hours ahead: at 10:00 in UTC a new day begins there."""
    always = [{"weekday": n, "from": "00:00", "to": "24:00"} for n in range(7)]
    zone = {"time_zone": "Pacific/Kiritimati", "intervals": always}
    owner.create("/schedules", hours(me(owner), **zone))
    given = {"durations": [60], "slot_interval": 60, "max_per_day": 1}
    kind = owner.create("/meeting_types", meeting(me(owner), **given))
    owner.create("/bookings", asked(kind, NINE))
    found = times(slots(owner, kind, days=1))
    assert found == [f"{hour:02}:00" for hour in range(10, 24)]
    owner.create("/bookings", asked(kind, NINE + timedelta(hours=1)))
    assert slots(owner, kind, days=1) == []
    assert is_taken(owner.post("/bookings", asked(kind, MONDAY)))


@pytest.mark.parametrize("verb", ["held", "no_show"])
def test_a_meeting_that_is_past_counts_all_the_same(owner: Client, verb: str) -> None:
    """Also where the invitee did not come, whose time is free again."""
    sandbox = make(owner)
    with inside(owner, sandbox) as box:
        kind = a_type(box, max_per_day=1)
        made = box.create("/bookings", asked(kind))
        ahead = NINE - datetime.now(UTC)
        move(owner, sandbox, advance=f"PT{-(-ahead // timedelta(minutes=1))}M")
        act(box, made, verb)
        assert slots(box, kind) == []
        assert is_taken(box.post("/bookings", asked(kind, NINE + 2 * HALF)))
        box.patch(f"/meeting_types/{kind['id']}", {"max_per_day": None})
        assert times(slots(box, kind))[-2:] == ["10:00", "10:30"]
