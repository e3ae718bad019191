"""Slots as clients find them: hours less what is taken, for one or several hosts."""

from datetime import timedelta
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.scheduling.kept import (
    MONDAY,
    hours,
    me,
    meeting,
    moment,
    slots,
    times,
)
from tests.world import Tenant

HALVES = ["09:00", "09:30", "10:00", "10:30"]


@pytest.fixture
def one(owner: Client) -> Any:
    """A meeting type with one host, whose hours are those of `hours`."""
    owner.create("/schedules", hours(me(owner)))
    return owner.create("/meeting_types", meeting(me(owner)))


def busy(client: Client, start: str, end: str, **others: Any) -> Any:
    day = moment(MONDAY)[:11]
    times_ = {"starts_at": f"{day}{start}:00Z", "ends_at": f"{day}{end}:00Z"}
    return client.create("/busy_times", {"user_id": me(client), **times_, **others})


def test_slots_fill_the_hours_and_tell_who_is_free(owner: Client, one: Any) -> None:
    found = slots(owner, one, time_zone="Asia/Tokyo")
    assert times(found) == HALVES
    day = moment(MONDAY)[:10]
    assert found[0] == {
        "date": day,
        "starts_at": f"{day}T09:00:00Z",
        "ends_at": f"{day}T09:30:00Z",
        "hosts": [me(owner)],
    }
    assert times(slots(owner, one, duration=60)) == ["09:00", "10:00"]


def test_the_day_of_a_slot_is_that_of_the_visitor(owner: Client, one: Any) -> None:
    after = (MONDAY + timedelta(days=1)).strftime("%Y-%m-%d")
    found = slots(owner, one, time_zone="Pacific/Kiritimati")  # 14 hours ahead
    assert [each["date"] for each in found] == [moment(MONDAY)[:10]] * 2 + [after] * 2


def test_busy_times_and_the_buffers_around_them_are_free_of_slots(
    owner: Client, one: Any
) -> None:
    busy(owner, "09:30", "10:00")
    assert times(slots(owner, one)) == ["09:00", "10:00", "10:30"]
    owner.patch(f"/meeting_types/{one['id']}", {"buffer_before": 10})
    assert times(slots(owner, one)) == ["09:00", "10:30"]
    owner.patch(f"/meeting_types/{one['id']}", {"buffer_after": 1})
    assert times(slots(owner, one)) == ["10:30"]


def test_a_busy_time_that_is_deleted_is_free_again(owner: Client, one: Any) -> None:
    made = busy(owner, "08:00", "12:00")
    assert slots(owner, one) == []
    owner.delete(f"/busy_times/{made['id']}")
    assert times(slots(owner, one)) == HALVES


def test_of_two_hosts_either_or_both_hold_it(owner: Client, member: Client) -> None:
    owner.create("/schedules", hours(me(owner)))
    late = [{"weekday": 0, "from": "10:15", "to": "12:00"}]
    member.create("/schedules", hours(me(member), intervals=late))
    users = me(owner), me(member)
    either = owner.create("/meeting_types", meeting(*users, assignment="round_robin"))
    both = owner.create(
        "/meeting_types", meeting(*users, slug="both", assignment="collective")
    )
    found = slots(owner, either)
    assert times(found) == [*HALVES[:3], "10:15", "10:30", "10:45", "11:15"]
    first, second, all_ = [users[0]], [users[1]], list(users)
    free = [first, first, first, all_, all_, second, second]
    assert [each["hosts"] for each in found] == free
    together = slots(owner, both)
    assert times(together) == ["10:15"]
    assert together[0]["hosts"] == list(users)


def test_a_named_schedule_takes_the_place_of_the_default_one(
    owner: Client, one: Any
) -> None:
    late = [{"weekday": 0, "from": "20:00", "to": "21:00"}]
    other = owner.create("/schedules", hours(me(owner), intervals=late))
    host = {"user_id": me(owner), "schedule_id": other["id"]}
    owner.patch(f"/meeting_types/{one['id']}", {"hosts": [host]})
    assert times(slots(owner, one)) == ["20:00", "20:30"]
    owner.patch(f"/meeting_types/{one['id']}", {"hosts": [{"user_id": me(owner)}]})
    assert times(slots(owner, one)) == HALVES
    owner.patch(f"/schedules/{other['id']}", {"is_default": True})
    assert times(slots(owner, one)) == ["20:00", "20:30"]


def test_an_override_is_a_day_of_its_own(owner: Client, one: Any) -> None:
    schedule = owner.pages("/schedules")[0]
    day = moment(MONDAY)[:10]
    short = [{"from": "14:00", "to": "14:30"}]
    for intervals, left in (([], []), (short, ["14:00"])):
        override = {"date": day, "intervals": intervals}
        owner.patch(f"/schedules/{schedule['id']}", {"overrides": [override]})
        assert times(slots(owner, one)) == left


def test_without_hosts_or_while_inactive_there_is_no_slot(
    owner: Client, one: Any
) -> None:
    owner.patch(f"/meeting_types/{one['id']}", {"active": False})
    assert slots(owner, one) == []
    owner.patch(f"/meeting_types/{one['id']}", {"active": None, "hosts": []})
    assert slots(owner, one) == []


def test_slots_are_neither_too_soon_nor_too_late(owner: Client, one: Any) -> None:
    owner.patch(f"/meeting_types/{one['id']}", {"window_days": 1})
    assert slots(owner, one) == []
    later = {"window_days": 60, "minimum_notice": 43_200}
    owner.patch(f"/meeting_types/{one['id']}", later)
    assert slots(owner, one) == []


def test_many_slots_come_in_parts(owner: Client, one: Any) -> None:
    schedule = owner.pages("/schedules")[0]
    always = [{"weekday": n, "from": "00:00", "to": "24:00"} for n in range(7)]
    owner.patch(f"/schedules/{schedule['id']}", {"intervals": always})
    owner.patch(f"/meeting_types/{one['id']}", {"slot_interval": 5})
    path, until = f"/meeting_types/{one['id']}/slots", MONDAY + timedelta(days=10)
    asked = {"from": moment(MONDAY), "to": moment(until)}
    first = owner.post(path, asked).json
    rest = owner.post(path, asked | {"from": first["next_from"]}).json
    assert len(first["data"]) == 2_000
    assert rest["next_from"] is None
    found = [each["starts_at"] for each in first["data"] + rest["data"]]
    assert found == [moment(MONDAY + timedelta(minutes=5 * n)) for n in range(2_880)]


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({"from": None}, {"from": "required"}),
        ({"to": "2027-13-01T00:00:00Z"}, {"to": "invalid_format"}),
        ({"to": moment(MONDAY)}, {"to": "invalid"}),
        ({"to": moment(MONDAY + timedelta(days=63))}, {"to": "invalid"}),
        ({"time_zone": "Mars/Olympus"}, {"time_zone": "invalid_choice"}),
        ({"duration": 45}, {"duration": "invalid_choice"}),
        ({"duration": 1}, {"duration": "too_small"}),
        ({"hosts": []}, {"hosts": "unknown_field"}),
    ],
)
def test_what_no_slots_can_be_found_for_is_refused(
    owner: Client, one: Any, asked: dict[str, Any], codes: dict[str, str]
) -> None:
    given = {"from": moment(MONDAY), "to": moment(MONDAY + timedelta(days=1))}
    answer = owner.post(f"/meeting_types/{one['id']}/slots", given | asked)
    assert answer.status == 422, answer.body
    assert answer.codes == codes


def test_a_moment_that_cannot_be_read_is_not_told_to_lack(
    owner: Client, one: Any
) -> None:
    given = {"from": "soon", "to": moment(MONDAY)}
    answer = owner.post(f"/meeting_types/{one['id']}/slots", given)
    assert answer.codes == {"from": "invalid_format"}
    assert "required" not in answer.json["detail"]


def test_slots_need_the_permission_for_meeting_types(
    tenant: Tenant, one: Any, open_client: OpenClient
) -> None:
    given = {"from": moment(MONDAY), "to": moment(MONDAY + timedelta(days=1))}
    path = f"/meeting_types/{one['id']}/slots"
    viewer = open_client(tenant.token(("meeting_type.read",), "viewer"))
    assert viewer.post(path, given).status == 200
    other = open_client(tenant.token(("schedule.read",), "viewer"))
    assert other.post(path, given).status == 403
