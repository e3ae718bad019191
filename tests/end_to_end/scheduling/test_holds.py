"""A hold keeps a slot: for its time, for its visitor, and for one booking."""

from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from tests.client import Answer, Client
from tests.end_to_end.scheduling.booked import HALF, NINE, a_type, asked, moved
from tests.end_to_end.scheduling.kept import moment, slots
from tests.world import Tenant

TTL = 300


def hold(client: Client, kind: Any, at: datetime = NINE, **others: Any) -> Answer:
    """The answer to a request to keep a slot."""
    path = f"/meeting_types/{kind['id']}/holds"
    return client.post(path, {"starts_at": moment(at), **others})


def held(client: Client, kind: Any, at: datetime = NINE, **others: Any) -> Any:
    """A hold, which is good."""
    answer = hold(client, kind, at, **others)
    assert answer.status == 201, answer.body
    return answer.json


def starts(client: Client, kind: Any, **others: Any) -> list[str]:
    return [each["starts_at"] for each in slots(client, kind, **others)]


def is_slot(client: Client, kind: Any, at: datetime = NINE, **others: Any) -> bool:
    return moment(at) in starts(client, kind, **others)


def test_a_hold_keeps_its_slot(owner: Client) -> None:
    kind = a_type(owner)
    answer = hold(owner, kind)
    assert answer.status == 201, answer.body
    made = answer.json
    path = f"/v1/meeting_types/{kind['id']}/holds/{made['id']}"
    assert answer.headers["location"] == path
    assert made["starts_at"] == moment(NINE)
    assert made["ends_at"] == moment(NINE + HALF)
    assert made["meeting_type_id"] == kind["id"]
    assert made["hosts"] == [each["user_id"] for each in kind["hosts"]]
    lasts = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(
        made["created_at"]
    )
    assert lasts == timedelta(seconds=TTL)
    assert owner.get(path.removeprefix("/v1")).json == made
    assert not is_slot(owner, kind)
    assert is_slot(owner, kind, hold_id=made["id"])
    refused = owner.post("/bookings", asked(kind))
    assert refused.status == 409
    assert refused.json["type"].endswith("/slot-taken")
    booked = owner.create("/bookings", asked(kind, hold_id=made["id"]))
    assert booked["starts_at"] == made["starts_at"]
    assert booked["host_ids"] == made["hosts"]
    assert owner.get(path.removeprefix("/v1")).status == 404
    assert not is_slot(owner, kind, hold_id=made["id"])


def test_a_hold_that_is_deleted_frees_its_slot(owner: Client) -> None:
    kind = a_type(owner)
    made = held(owner, kind)
    path = f"/meeting_types/{kind['id']}/holds/{made['id']}"
    assert owner.delete(path).status == 204
    assert owner.delete(path).status == 404
    assert is_slot(owner, kind)
    owner.create("/bookings", asked(kind, hold_id=made["id"]))


def test_a_visitor_has_one_hold_of_a_type(owner: Client) -> None:
    kind = a_type(owner)
    first = held(owner, kind)
    again = held(owner, kind)
    assert again["starts_at"] == first["starts_at"]
    later = held(owner, kind, NINE + HALF)
    assert is_slot(owner, kind)
    assert not is_slot(owner, kind, NINE + HALF)
    other = held(owner, kind, visitor="visit 1815")
    assert not is_slot(owner, kind)
    for ended in (first, again):
        path = f"/meeting_types/{kind['id']}/holds/{ended['id']}"
        assert owner.get(path).status == 404
    for living in (later, other):
        path = f"/meeting_types/{kind['id']}/holds/{living['id']}"
        assert owner.get(path).json == living
    elsewhere = owner.create(
        "/meeting_types",
        {
            "name": "Other",
            "slug": "other",
            "durations": [30],
            "assignment": "one",
            "hosts": kind["hosts"],
        },
    )
    assert hold(owner, elsewhere).status == 409
    assert held(owner, elsewhere, NINE + 2 * HALF)
    assert owner.get(f"/meeting_types/{kind['id']}/holds/{later['id']}").status == 200


def test_holds_of_others_are_nobodys_business(owner: Client, tenant: Tenant) -> None:
    kind = a_type(owner)
    made = held(owner, kind)
    path = f"/meeting_types/{kind['id']}/holds/{made['id']}"
    with closing(tenant.client("manager")) as manager:
        assert manager.get(path).status == 404
        assert manager.delete(path).status == 404
        assert not is_slot(manager, kind, hold_id=made["id"])
        refused = manager.post("/bookings", asked(kind, hold_id=made["id"]))
        assert refused.status == 409
    assert owner.get(path).json == made


def test_a_hold_is_for_its_own_slot(owner: Client) -> None:
    kind = a_type(owner, durations=[30, 60])
    made = held(owner, kind, NINE + HALF)
    for wrong in (
        asked(kind, NINE, hold_id=made["id"]),
        asked(kind, NINE + HALF, duration=60, hold_id=made["id"]),
    ):
        refused = owner.post("/bookings", wrong)
        assert refused.codes == {"hold_id": "invalid"}, refused.body
    owner.create("/bookings", asked(kind, NINE + HALF, hold_id=made["id"]))


def test_what_is_no_slot_is_not_held(owner: Client) -> None:
    kind = a_type(owner, minimum_notice=60)

    for at, says in (
        (NINE + timedelta(minutes=7), "No slot begins then"),
        (NINE.replace(year=NINE.year - 1), "so early"),
        (NINE.replace(year=NINE.year + 2), "so late"),
    ):
        refused = hold(owner, kind, at)
        assert refused.codes == {"starts_at": "invalid"}, refused.body
        assert says in refused.body.decode()
    assert hold(owner, kind, duration=45).codes == {"duration": "invalid_choice"}
    assert hold(owner, kind, ttl_seconds=901).codes == {"ttl_seconds": "too_large"}
    assert hold(owner, kind, ttl_seconds=0).codes == {"ttl_seconds": "too_small"}
    assert hold(owner, {"id": "mty_" + "0" * 24}).status == 404
    owner.patch(f"/meeting_types/{kind['id']}", {"active": False})
    assert "not active" in hold(owner, kind).body.decode()


def test_a_day_with_a_hold_is_full(owner: Client) -> None:
    kind = a_type(owner, max_per_day=1)
    made = held(owner, kind)
    assert hold(owner, kind, NINE + HALF, visitor="another").status == 409
    assert owner.post("/bookings", asked(kind, NINE + HALF)).status == 409
    owner.create("/bookings", asked(kind, hold_id=made["id"]))


def test_a_hold_ends_with_its_meeting_type(owner: Client) -> None:
    kind = a_type(owner)
    other = owner.create(
        "/meeting_types",
        {k: kind[k] for k in ("name", "durations", "hosts")}
        | {"slug": "other", "assignment": "one"},
    )
    made = held(owner, kind)
    assert not is_slot(owner, other)
    assert owner.delete(f"/meeting_types/{kind['id']}").status == 204
    assert is_slot(owner, other)
    assert owner.get(f"/meeting_types/{kind['id']}/holds/{made['id']}").status == 404


def test_a_booking_that_moves_is_in_nobodys_way(owner: Client) -> None:
    kind = a_type(owner, durations=[60], slot_interval=30)
    made = owner.create("/bookings", asked(kind, NINE))
    assert not is_slot(owner, kind, NINE + HALF)
    assert is_slot(owner, kind, NINE + HALF, booking_id=made["id"])
    assert moved(owner, made, NINE + HALF).status == 200
    answer = owner.post(
        f"/meeting_types/{kind['id']}/slots",
        {
            "from": moment(NINE),
            "to": moment(NINE + HALF),
            "booking_id": "bkg_" + "0" * 24,
        },
    )
    assert answer.codes == {"booking_id": "not_found"}, answer.body


def test_a_repeated_request_gets_the_first_hold(owner: Client) -> None:
    kind = a_type(owner)
    path = f"/meeting_types/{kind['id']}/holds"
    given = {"starts_at": moment(NINE)}
    first = owner.post(path, given, idempotency_key="keep")
    again = owner.post(path, given, idempotency_key="keep")
    assert first.status == again.status == 201
    assert again.json == first.json
    assert again.headers["idempotent-replayed"] == "true"
    assert owner.get(f"{path}/{first.json['id']}").json == first.json
