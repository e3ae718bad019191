"""Meeting types come along into a sandbox, with hours that name nobody."""

from datetime import timedelta

from tests.client import Client
from tests.end_to_end.sandboxes.boxes import inside, make, state
from tests.end_to_end.scheduling.kept import MONDAY, hours, me, meeting, slots, times
from tests.harness.promptly import within
from tests.world import Tenant

_SECRET = "https://meet.example/only-for-guests"


def test_they_offer_the_same_slots_and_keep_their_slugs(owner: Client) -> None:
    user = me(owner)
    away = {"date": f"{MONDAY + timedelta(days=7):%Y-%m-%d}", "intervals": []}
    given = hours(user, name="Hours of Ada", overrides=[away])
    made = owner.create("/schedules", given)
    host = [{"user_id": user, "schedule_id": made["id"]}]
    place = {"kind": "video", "value": _SECRET}
    kind = owner.create("/meeting_types", meeting(hosts=host, location=place))
    live = slots(owner, kind)
    assert live
    with inside(owner, make(owner, "schema")) as its:
        assert slots(its, kind) == live
        (copied,) = its.pages("/meeting_types")
        assert copied == kind | {"location": {"kind": "video", "value": None}}
        (schedule,) = its.pages("/schedules")
        assert schedule == made | {"name": "Working hours", "overrides": []}
        assert its.post("/meeting_types", meeting()).codes == {"slug": "not_unique"}
        assert its.delete(f"/meeting_types/{kind['id']}").status == 204
        assert its.post("/meeting_types", meeting()).status == 201


def test_a_reset_brings_those_of_today(owner: Client) -> None:
    sandbox = make(owner, "schema")
    user = me(owner)
    owner.create("/schedules", hours(user, is_default=True))
    kind = owner.create("/meeting_types", meeting(user))
    with inside(owner, sandbox) as its:
        assert its.pages("/meeting_types") == []
        assert owner.post(f"/sandboxes/{sandbox['id']}/reset").status == 200
        assert within(60, lambda: state(owner, sandbox) == "ready")
        assert times(slots(its, kind)) == times(slots(owner, kind)) != []


def test_who_may_not_read_them_copies_none(owner: Client, tenant: Tenant) -> None:
    its_scopes = ["sandbox.all", "schema.read", "deal.read"]
    live, owner.token = owner.token, tenant.token(its_scopes)
    sandbox = make(owner, "schema")
    owner.token, its_token = live, owner.token
    owner.create("/meeting_types", meeting())
    owner.token = its_token
    for path, given in (
        ("/sandboxes", {"name": "B", "copy": "schema"}),
        (f"/sandboxes/{sandbox['id']}/reset", None),
    ):
        answer = owner.post(path, given)
        assert (answer.status, answer.json["refused_by"]) == (403, "scope")
        assert "meeting_type.read, schedule.read" in answer.json["detail"]
    owner.token = live
