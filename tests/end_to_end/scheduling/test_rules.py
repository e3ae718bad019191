"""What schedules, busy times and meeting types must be, and who may write whose."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.scheduling.kept import hours, me, meeting


def at(weekday: int, start: str, end: str) -> dict[str, Any]:
    return {"weekday": weekday, "from": start, "to": end}


def week(*intervals: dict[str, Any]) -> dict[str, Any]:
    return {"intervals": list(intervals)}


def on(*intervals: dict[str, Any]) -> dict[str, Any]:
    return {"overrides": [{"date": "2027-01-01", "intervals": list(intervals)}]}


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"time_zone": "Berlin"}, {"time_zone": "invalid_choice"}),
        ({"time_zone": None}, {"time_zone": "required"}),
        (
            {"intervals": [at(7, "09:00", "10:00")]},
            {"intervals[0].weekday": "too_large"},
        ),
        (
            {"intervals": [at(0, "9:00", "10:00")]},
            {"intervals[0].from": "invalid_format"},
        ),
        (
            {"intervals": [at(0, "09:00", "24:01")]},
            {"intervals[0].to": "invalid_format"},
        ),
        (
            {"intervals": [{"weekday": 0, "from": "09:00"}]},
            {"intervals[0].to": "required"},
        ),
        (
            {"intervals": [{"from": "09:00", "to": "10:00"}]},
            {"intervals[0].weekday": "required"},
        ),
        (
            {"intervals": [{"weekday": "1", "from": "09:00", "to": "10:00"}]},
            {"intervals[0].weekday": "invalid_type"},
        ),
        ({"intervals": [at(0, "22:00", "02:00")]}, {"intervals[0].to": "invalid"}),
        (
            {"intervals": [at(0, "09:00", "12:00"), at(0, "11:59", "13:00")]},
            {"intervals[1]": "invalid"},
        ),
        ({"intervals": [at(1, "00:00", "24:00")] * 101}, {"intervals": "too_many"}),
        ({"overrides": [{"intervals": []}]}, {"overrides[0].date": "required"}),
        (
            {"overrides": [{"date": "2027-01-01"}, {"date": "2027-01-01"}]},
            {"overrides[1].date": "not_unique"},
        ),
        (
            on({"from": "x", "to": "09:00"}),
            {"overrides[0].intervals[0].from": "invalid_format"},
        ),
    ],
)
def test_a_schedule_has_hours_that_can_be(
    owner: Client, given: dict[str, Any], codes: dict[str, str]
) -> None:
    answer = owner.post("/schedules", hours(me(owner)) | given)
    assert (answer.status, answer.codes) == (422, codes)
    made = owner.create("/schedules", hours(me(owner)))
    changed = owner.patch(f"/schedules/{made['id']}", given)
    assert (changed.status, changed.codes) == (422, codes)


def test_intervals_that_meet_do_not_overlap(owner: Client) -> None:
    given = [at(0, "09:00", "12:00"), at(0, "12:00", "24:00"), at(1, "00:00", "09:00")]
    made = owner.create("/schedules", hours(me(owner), intervals=given))
    assert made["intervals"] == given


def test_a_change_of_a_schedule_is_told_as_json_has_it(owner: Client) -> None:
    made = owner.create("/schedules", hours(me(owner)))
    override = {"date": "2027-01-01", "intervals": [{"from": "09:00", "to": "10:00"}]}
    owner.patch(f"/schedules/{made['id']}", {"overrides": [override]})
    path = f"/schedules/{made['id']}/history"
    told = owner.post(path, {"fields": ["overrides"]}).json["data"]
    assert (told[0]["from"], told[0]["to"]) == ([], [override])


def test_members_keep_their_own_schedules_alone(owner: Client, member: Client) -> None:
    own = member.create("/schedules", hours(me(member)))
    others = owner.create("/schedules", hours(me(owner)))
    assert member.get(f"/schedules/{others['id']}").status == 404
    theirs = {"user_id": me(owner)}
    for answer in (
        member.post("/schedules", hours(me(owner))),
        member.patch(f"/schedules/{own['id']}", theirs),
    ):
        assert (answer.status, answer.codes) == (422, {"user_id": "invalid_choice"})
    time = {"starts_at": "2027-01-01T00:00:00Z", "ends_at": "2027-01-02T00:00:00Z"}
    busy = member.post("/busy_times", time | theirs)
    assert (busy.status, busy.codes) == (422, {"user_id": "invalid_choice"})
    made = owner.create("/busy_times", time | theirs)
    assert member.get(f"/busy_times/{made['id']}").status == 404
    assert owner.patch(f"/schedules/{own['id']}", theirs).status == 200


def test_members_free_their_own_time_again(owner: Client, member: Client) -> None:
    time = {"starts_at": "2027-01-01T00:00:00Z", "ends_at": "2027-01-02T00:00:00Z"}
    own = member.create("/busy_times", time | {"user_id": me(member)})["id"]
    schedule = member.create("/schedules", hours(me(member)))["id"]
    others = owner.create("/busy_times", time | {"user_id": me(owner)})["id"]
    assert member.delete(f"/busy_times/{others}").status == 404
    kind = owner.create("/meeting_types", meeting())["id"]
    assert member.delete(f"/meeting_types/{kind}").status == 403
    for path in (f"/busy_times/{own}", f"/schedules/{schedule}"):
        assert member.delete(path).status == 204
        assert member.get(path).status == 404
    assert member.post(f"/busy_times/{own}/restore", {}).status == 200


def test_members_hold_their_own_meetings_alone(owner: Client, member: Client) -> None:
    """Slots tell when hosts are free, which members do not read of others."""
    users = me(member), me(owner)
    both = meeting(*users, assignment="collective", slug="both")
    answer = member.post("/meeting_types", both)
    assert (answer.status, answer.codes) == (
        422,
        {"hosts[1].user_id": "invalid_choice"},
    )
    own = member.create("/meeting_types", meeting(users[0]))
    changed = member.patch(f"/meeting_types/{own['id']}", {"hosts": both["hosts"]})
    assert changed.codes == {"hosts[1].user_id": "invalid_choice"}
    assert owner.post("/meeting_types", both).status == 201


@pytest.mark.parametrize("ends_at", ["2027-01-01T00:00:00Z", "2028-01-03T00:00:00Z"])
def test_a_busy_time_ends_after_it_begins(owner: Client, ends_at: str) -> None:
    given = {"user_id": me(owner), "starts_at": "2027-01-01T00:00:00Z"}
    answer = owner.post("/busy_times", given | {"ends_at": ends_at})
    assert (answer.status, answer.codes) == (422, {"ends_at": "invalid"})
    answer = owner.post("/busy_times", given)
    assert answer.codes == {"ends_at": "required"}
    given = {"ends_at": "2027-01-01T00:00:00Z"}
    assert owner.post("/busy_times", given).codes == {"starts_at": "required"}


def test_an_upsert_finds_the_busy_time_of_user_and_source(
    owner: Client, member: Client
) -> None:
    time = {"starts_at": "2027-01-01T00:00:00Z", "ends_at": "2027-01-02T00:00:00Z"}
    given = {"user_id": me(owner), "source": "calendar", "external_id": "e1", **time}
    by = {"match_on": "external_id"}

    def upsert(**others: str) -> Any:
        answer = owner.post("/busy_times/upsert", by | given | others)
        assert answer.status in (200, 201), answer.body
        return answer.json

    first = upsert()
    again = upsert(ends_at="2027-01-03T00:00:00Z")
    assert (first["status"], again["status"]) == ("created", "updated")
    assert again["data"]["id"] == first["data"]["id"]
    other_source = upsert(source="phone")
    other_user = upsert(user_id=me(member))
    ids = {each["data"]["id"] for each in (first, other_source, other_user)}
    assert len(ids) == 3
    refused = owner.post("/busy_times", given)
    assert (refused.status, refused.codes) == (422, {"external_id": "not_unique"})


def test_no_two_meeting_types_share_a_slug(owner: Client) -> None:
    made = owner.create("/meeting_types", meeting())
    refused = owner.post("/meeting_types", meeting())
    assert (refused.status, refused.codes) == (422, {"slug": "not_unique"})
    other = owner.create("/meeting_types", meeting(slug="other"))
    changed = owner.patch(f"/meeting_types/{other['id']}", {"slug": "first-call"})
    assert changed.codes == {"slug": "not_unique"}
    owner.delete(f"/meeting_types/{made['id']}")
    assert owner.patch(f"/meeting_types/{other['id']}", {"slug": "first-call"}).json
    back = owner.post(f"/meeting_types/{made['id']}/restore", {})
    assert back.codes == {"slug": "not_unique"}


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"slug": "First"}, {"slug": "invalid_format"}),
        ({"slug": "-a"}, {"slug": "invalid_format"}),
        ({"durations": []}, {"durations": "required"}),
        ({"durations": [5, 10, 15, 20, 25]}, {"durations": "too_many"}),
        ({"durations": [4]}, {"durations[0]": "too_small"}),
        ({"location": {"value": "x"}}, {"location.kind": "required"}),
        ({"hosts": [{}]}, {"hosts[0].user_id": "required"}),
        ({"hosts": [{"user_id": "usr_x"}]}, {"hosts[0].user_id": "not_found"}),
    ],
)
def test_a_meeting_type_can_take_place(
    owner: Client, given: dict[str, Any], codes: dict[str, str]
) -> None:
    answer = owner.post("/meeting_types", meeting() | given)
    assert (answer.status, answer.codes) == (422, codes)


def test_hosts_are_different_users_with_schedules_of_their_own(
    owner: Client, member: Client
) -> None:
    users = me(owner), me(member)
    two = owner.post("/meeting_types", meeting(*users))
    assert two.codes == {"hosts": "too_many"}
    twice = meeting(users[0], users[0], assignment="collective")
    assert owner.post("/meeting_types", twice).codes == {
        "hosts[1].user_id": "not_unique"
    }
    schedule = owner.create("/schedules", hours(users[0]))
    hosts = [{"user_id": users[1], "schedule_id": schedule["id"]}]
    theirs = owner.post("/meeting_types", meeting(hosts=hosts))
    assert theirs.codes == {"hosts[0].schedule_id": "not_found"}
    many = meeting(*[users[0]] * 21, assignment="collective")
    assert owner.post("/meeting_types", many).codes == {"hosts": "too_many"}


def test_hosts_of_another_tenant_never_existed(owner: Client, stranger: Client) -> None:
    theirs, ours = me(stranger), me(owner)
    schedule = stranger.create("/schedules", hours(theirs))["id"]
    told = []
    for user, its in ((theirs, schedule), ("usr_" + "0" * 24, "sch_" + "0" * 24)):
        for host in ({"user_id": user}, {"user_id": ours, "schedule_id": its}):
            answer = owner.post("/meeting_types", meeting(hosts=[host]))
            assert answer.status == 422
            told.append(answer.json["errors"])
    assert told[:2] == told[2:]
