"""Who holds a meeting, and how near another one may be."""

from datetime import timedelta

import pytest

from tests.client import Client
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
from tests.end_to_end.scheduling.kept import hours, me, meeting, slots, times
from tests.world import Tenant


@pytest.fixture
def three(tenant: Tenant) -> list[str]:
    """The ids of three users."""
    return [tenant.users[each] for each in ("owner", "admin", "manager")]


def test_hosts_take_turns(owner: Client, three: list[str]) -> None:
    kind = shared(owner, three, "round_robin")
    made = [owner.create("/bookings", asked(kind)) for _ in three]
    assert [each["host_ids"] for each in made] == [[each] for each in three]
    assert [each["owner_id"] for each in made] == three
    assert is_taken(owner.post("/bookings", asked(kind)))
    # All have as many: now who has waited longest, be it that the booking is cancelled.
    act(owner, made[1], "cancel")
    assert owner.create("/bookings", asked(kind, NINE + HALF))["owner_id"] == three[0]
    # At nine only the second one is free, in their turn or not.
    assert owner.create("/bookings", asked(kind))["owner_id"] == three[1]
    assert owner.create("/bookings", asked(kind, NINE + HALF))["owner_id"] == three[2]


def test_who_has_the_fewest_of_a_type_is_next(owner: Client, three: list[str]) -> None:
    """Bookings of another type do not count."""
    kind = shared(owner, three[:1], "one", slug="own")
    for number in range(2):
        owner.create("/bookings", asked(kind, NINE + number * HALF))
    others = shared(owner, three[1:], "round_robin")
    hosts = [{"user_id": each} for each in three[:2]]
    owner.patch(f"/meeting_types/{others['id']}", {"hosts": hosts})
    later = NINE + 2 * HALF
    found = [owner.create("/bookings", asked(others, later)) for _ in range(2)]
    assert [each["owner_id"] for each in found] == three[:2]


def test_all_hosts_hold_a_collective_meeting(owner: Client, three: list[str]) -> None:
    kind = shared(owner, three, "collective")
    alone = owner.create("/meeting_types", meeting(three[2], slug="alone"))
    owner.create("/bookings", asked(alone, NINE + HALF))
    assert is_taken(owner.post("/bookings", asked(kind, NINE + HALF)))
    made = owner.create("/bookings", asked(kind))
    assert (made["host_ids"], made["owner_id"]) == (three, three[0])
    assert is_taken(owner.post("/bookings", asked(alone)))
    assert times(slots(owner, kind)) == ["10:00", "10:30"]
    act(owner, made, "cancel")
    assert times(slots(owner, kind)) == ["09:00", "10:00", "10:30"]


def test_a_host_who_leaves_is_asked_no_more(
    owner: Client, tenant: Tenant, three: list[str]
) -> None:
    """What is booked stays theirs, and moves to another host."""
    kind = shared(owner, three, "round_robin")
    made = owner.create("/bookings", asked(kind))
    hosts = [{"user_id": each} for each in three[1:]]
    owner.patch(f"/meeting_types/{kind['id']}", {"hosts": hosts})
    assert owner.get(f"/bookings/{made['id']}").json["host_ids"] == three[:1]
    answer = moved(owner, made, NINE + HALF)
    assert (answer.status, answer.json["host_ids"]) == (200, [three[1]])
    assert answer.json["id"] == made["id"]


def test_a_booking_keeps_its_host_where_that_one_is_free(
    owner: Client, three: list[str]
) -> None:
    kind = shared(owner, three[:2], "round_robin")
    first, second = (owner.create("/bookings", asked(kind)) for _ in range(2))
    assert moved(owner, first, NINE + HALF).json["host_ids"] == three[:1]
    assert moved(owner, second, NINE + HALF).json["host_ids"] == [three[1]]
    third = owner.create("/bookings", asked(kind, NINE + 2 * HALF))
    fourth = owner.create("/bookings", asked(kind, NINE + 2 * HALF))
    assert {third["owner_id"], fourth["owner_id"]} == set(three[:2])
    act(owner, first, "cancel")
    # At half past nine the first one alone is free.
    answer = moved(owner, fourth, NINE + HALF)
    assert answer.json["host_ids"] == three[:1]
    assert is_taken(moved(owner, third, NINE + HALF))
    assert owner.get(f"/bookings/{third['id']}").json == third


def test_a_booking_is_not_in_its_own_way(owner: Client) -> None:
    kind = a_type(owner, durations=[30, 60], slot_interval=30)
    made = owner.create("/bookings", asked(kind))
    longer = moved(owner, made, NINE, duration=60)
    assert (longer.status, longer.json["ends_at"][11:16]) == (200, "10:00")
    later = moved(owner, made, NINE + HALF)
    assert later.json["ends_at"][11:16] == "10:30"  # as long as before
    same = moved(owner, made, NINE + HALF)
    assert (same.status, same.headers["etag"]) == (200, later.headers["etag"])
    odd = moved(owner, made, NINE, duration=45)
    assert odd.codes == {"duration": "invalid_choice"}
    none = moved(owner, made, NINE + timedelta(minutes=7))
    assert none.codes == {"starts_at": "invalid"}


@pytest.mark.parametrize(
    ("first", "second", "apart"), [((0, 15), (10, 0), 15), ((0, 5), (20, 0), 20)]
)
def test_the_larger_of_two_buffers_counts(
    owner: Client, first: tuple[int, int], second: tuple[int, int], apart: int
) -> None:
    names = "buffer_before", "buffer_after"
    one, two = (dict(zip(names, each, strict=True)) for each in (first, second))
    kind = a_type(owner, durations=[30], slot_interval=5, **one)
    given = {"slug": "other", "durations": [30], "slot_interval": 5, **two}
    other = owner.create("/meeting_types", meeting(me(owner), **given))
    owner.create("/bookings", asked(kind))
    free = NINE + HALF + timedelta(minutes=apart)
    assert slots(owner, other)[0]["starts_at"] == free.strftime("%Y-%m-%dT%H:%M:%SZ")
    early = owner.post("/bookings", asked(other, free - timedelta(minutes=5)))
    assert is_taken(early)
    assert early.json["next"][0]["starts_at"][:16] == free.strftime("%Y-%m-%dT%H:%M")
    assert not is_taken(owner.post("/bookings", asked(other, free)))


def test_a_meeting_keeps_the_buffers_with_which_it_was_booked(owner: Client) -> None:
    kind = a_type(owner, durations=[30], slot_interval=30, buffer_after=30)
    owner.create("/bookings", asked(kind))
    owner.patch(f"/meeting_types/{kind['id']}", {"buffer_after": 0})
    assert times(slots(owner, kind)) == ["10:00", "10:30"]


def test_a_meeting_may_last_over_midnight(owner: Client) -> None:
    day = [{"weekday": n, "from": "00:00", "to": "24:00"} for n in range(7)]
    owner.create("/schedules", hours(me(owner), intervals=day))
    given = {"durations": [120], "slot_interval": 60}
    kind = owner.create("/meeting_types", meeting(me(owner), **given))
    eleven = NINE + timedelta(hours=14)
    made = owner.create("/bookings", asked(kind, eleven))
    assert made["ends_at"][:13] == (eleven + timedelta(hours=2)).strftime("%Y-%m-%dT%H")
    assert is_taken(owner.post("/bookings", asked(kind, eleven + timedelta(hours=1))))
    assert is_taken(owner.post("/bookings", asked(kind, eleven - timedelta(hours=1))))
    for away in (-2, 2):
        owner.create("/bookings", asked(kind, eleven + timedelta(hours=away)))


def test_who_sees_their_own_hours_alone_leaves_the_types_of_others(
    tenant: Tenant, owner: Client, member: Client
) -> None:
    users = [tenant.users[each] for each in ("owner", "member")]
    path = f"/meeting_types/{shared(owner, users, 'round_robin')['id']}"
    near, mine = {"slot_interval": 5}, meeting(users[1], name="Mine")
    refused = [
        member.patch(path, near),
        member.patch(path, {"hosts": [{"user_id": users[1]}]}),
        member.post("/meeting_types/upsert", {"match_on": "slug", **mine}),
        member.delete(path),
    ]
    told = [(each.status, each.json["type"].rpartition("/")[2]) for each in refused]
    assert told == [(403, "forbidden")] * 4
    assert owner.get(path).json["slot_interval"] is None
    assert owner.delete(path).status == 204
    assert member.post(f"{path}/restore", {}).status == 403
    own = meeting(users[1], slug="own")
    its = f"/meeting_types/{member.create('/meeting_types', own)['id']}"
    assert member.patch(its, near).json["slot_interval"] == 5
    assert owner.patch(its, {"slot_interval": 10}).status == 200
