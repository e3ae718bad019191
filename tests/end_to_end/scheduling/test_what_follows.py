"""What follows a booking, and what a booking follows: contacts, deals, activities."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.merging.merged import contact, merge, unmerge
from tests.end_to_end.sandboxes.boxes import inside, make
from tests.end_to_end.sandboxes.test_clock import move
from tests.end_to_end.scheduling.booked import (
    HALF,
    INVITEE,
    NINE,
    a_type,
    act,
    asked,
    is_taken,
    moved,
    shared,
)
from tests.end_to_end.scheduling.kept import moment, slots
from tests.world import Tenant


def activity_of(client: Client, made: Any) -> Any:
    """The activity that follows a booking."""
    return client.get(f"/activities/{made['activity_id']}").json


def test_a_deal_comes_and_goes_with_its_activity(owner: Client) -> None:
    deal = owner.create("/deals", {"name": "Engines"})["id"]
    made = owner.create("/bookings", asked(a_type(owner)))
    path = f"/bookings/{made['id']}"
    for given in (deal, None):
        assert owner.patch(path, {"deal_id": given}).json["deal_id"] == given
        assert activity_of(owner, made)["deal_id"] == given
    nobody = {"deal_id": "deal_" + "0" * 24}
    assert owner.patch(path, nobody).codes == {"deal_id": "not_found"}
    booked = owner.post("/bookings", asked({"id": made["meeting_type_id"]}) | nobody)
    assert booked.status == 409  # it is taken, whatever else is wrong
    later = asked({"id": made["meeting_type_id"]}, NINE + HALF) | nobody
    assert owner.post("/bookings", later).codes == {"deal_id": "not_found"}


def test_an_activity_that_nothing_shows_any_more_goes(owner: Client) -> None:
    deal = owner.create("/deals", {"name": "Engines"})["id"]
    made = owner.create("/bookings", asked(a_type(owner), deal_id=deal))
    assert owner.delete(f"/contacts/{made['contact_id']}").status == 204
    path = f"/bookings/{made['id']}"
    left = owner.patch(path, {"deal_id": None})
    assert (left.status, left.json["activity_id"]) == (200, None)
    read = owner.get(path)
    assert (read.body, read.headers["etag"]) == (left.body, left.headers["etag"])
    assert owner.get(f"/activities/{made['activity_id']}").status == 404
    assert moved(owner, made, NINE + HALF).status == 200


def test_a_booking_outlives_its_contact_and_its_activity(owner: Client) -> None:
    kind = a_type(owner)
    made = owner.create("/bookings", asked(kind))
    assert owner.delete(f"/activities/{made['activity_id']}").status == 204
    path = f"/bookings/{made['id']}"
    assert owner.get(path).json["activity_id"] is None
    assert owner.delete(f"/contacts/{made['contact_id']}").status == 204
    assert owner.get(path).json["contact_id"] is None
    assert is_taken(owner.post("/bookings", asked(kind)))
    assert moved(owner, made, NINE + HALF).status == 200
    assert act(owner, made, "cancel")["status"] == "cancelled"
    assert len(slots(owner, kind)) == 4


def test_without_its_meeting_type_a_booking_moves_no_more(owner: Client) -> None:
    kind = a_type(owner)
    made = owner.create("/bookings", asked(kind))
    owner.delete(f"/meeting_types/{kind['id']}")
    assert moved(owner, made, NINE + HALF).status == 409
    gone = owner.post("/bookings", asked(kind, NINE + HALF))
    assert gone.codes == {"meeting_type_id": "not_found"}
    restored = owner.post(f"/meeting_types/{kind['id']}/restore", {})
    assert restored.status == 200
    assert moved(owner, made, NINE + HALF).status == 200


def test_one_address_is_one_contact(owner: Client) -> None:
    """Only a new contact gets the name and the zone; an address has no case."""
    kind = a_type(owner)
    first = owner.create("/bookings", asked(kind))
    other = INVITEE | {"email": "ADA@Example.com", "name": "Somebody Else"}
    other["time_zone"] = "Asia/Tokyo"
    second = owner.create("/bookings", asked(kind, NINE + HALF, invitee=other))
    assert second["contact_id"] == first["contact_id"]
    known = owner.get(f"/contacts/{first['contact_id']}").json
    assert (known["first_name"], known["time_zone"]) == ("Ada", "Europe/London")
    assert second["time_zone"] == "Asia/Tokyo"


def test_bookings_move_with_a_merge_and_back(owner: Client) -> None:
    made = owner.create("/bookings", asked(a_type(owner)))
    survivor = contact(owner, "survivor")
    merged = merge(owner, survivor, made["contact_id"])
    assert merged["moved"]["bookings"] == 1
    path = f"/bookings/{made['id']}"
    assert owner.get(path).json["contact_id"] == survivor
    assert moved(owner, made, NINE + HALF).status == 200
    assert activity_of(owner, made)["contact_id"] == survivor
    unmerge(owner, survivor, merged["merge_id"])
    assert owner.get(path).json["contact_id"] == made["contact_id"]


def test_a_dry_run_books_nothing(owner: Client) -> None:
    kind = a_type(owner)
    dry = owner.post("/bookings", asked(kind), dry_run="true")
    assert (dry.status, dry.json["status"]) == (201, "confirmed")
    for path in ("/bookings", "/contacts", "/activities"):
        assert owner.pages(path) == []
    assert len(slots(owner, kind)) == 4
    made = owner.create("/bookings", asked(kind))
    assert is_taken(owner.post("/bookings", asked(kind), dry_run="true"))
    later = {"starts_at": moment(NINE + HALF)}
    for verb, given in (("reschedule", later), ("cancel", {})):
        path = f"/bookings/{made['id']}"
        assert owner.post(f"{path}/{verb}", given, dry_run="true").status == 200
        assert owner.get(path).json == made
    assert activity_of(owner, made)["occurred_at"] == made["starts_at"]


@pytest.mark.parametrize("others", [0, 1])
def test_each_key_does_one_thing(owner: Client, tenant: Tenant, others: int) -> None:
    """Also where another host is free, who could hold it once more."""
    hosts = [tenant.users[each] for each in ("owner", "admin")[: 1 + others]]
    kind = shared(owner, hosts, "round_robin")
    asks: list[tuple[str, Any]] = [("", asked(kind))]
    for number in range(3):
        path, given = asks[-1]
        answers = [
            owner.post(f"/bookings{path}", given, idempotency_key=str(number))
            for _ in range(2)
        ]
        assert answers[0].body == answers[1].body
        assert answers[0].status == answers[1].status == (200 if number else 201)
        its = answers[0].json["id"]
        asks.append((f"/{its}/reschedule", {"starts_at": moment(NINE + HALF)}))
        if number:
            asks.append((f"/{its}/cancel", {"cancel_reason": "Ill"}))
    (only,) = owner.pages("/bookings")
    assert (only["status"], only["cancel_reason"]) == ("cancelled", "Ill")
    assert owner.pages("/contacts", limit=100)[0]["id"] == only["contact_id"]


def test_a_key_of_a_refusal_is_free(owner: Client) -> None:
    kind, key = a_type(owner), {"idempotency_key": "again"}
    made = owner.create("/bookings", asked(kind))
    other = asked(kind, invitee=INVITEE | {"email": "other@example.com"})
    assert is_taken(owner.post("/bookings", other, **key))
    act(owner, made, "cancel")
    assert not is_taken(owner.post("/bookings", other, **key))


def test_an_action_takes_an_etag(owner: Client) -> None:
    made = owner.create("/bookings", asked(a_type(owner, requires_confirmation=True)))
    path = f"/bookings/{made['id']}"
    later = {"starts_at": moment(NINE + HALF)}
    for verb, given in (("confirm", {}), ("reschedule", later), ("cancel", {})):
        known = owner.get(path).headers["etag"]
        assert owner.post(f"{path}/{verb}", given, if_match='"99"').status == 412
        assert owner.post(f"{path}/{verb}", given, if_match=known).status == 200


def test_members_see_what_they_host_and_what_leads_to_theirs(
    owner: Client, member: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    users = tenant.users["owner"], tenant.users["member"]
    kind = shared(owner, users, "round_robin")
    theirs, own = (owner.create("/bookings", asked(kind)) for _ in range(2))
    assert [each["owner_id"] for each in (theirs, own)] == list(users)
    for verb, given in (("cancel", {}), ("reschedule", {"starts_at": moment(NINE)})):
        path = f"/bookings/{theirs['id']}"
        assert member.post(f"{path}/{verb}", given).status == 404
    assert [each["id"] for each in member.pages("/bookings")] == [own["id"]]
    assert act(member, own, "cancel")["status"] == "cancelled"
    # Whom a member invites is the member's contact, whoever holds the meeting.
    invited = INVITEE | {"email": "theirs@example.com"}
    made = member.create("/bookings", asked(kind, NINE + HALF, invitee=invited))
    assert made["owner_id"] == users[0]
    assert moved(member, made, NINE + 2 * HALF).status == 200
    few = open_client(tenant.token(("booking.write", "booking.read"), "owner"))
    assert few.post("/bookings", asked(kind)).json["required"] == "contact.write"
    assert few.post(f"/bookings/{made['id']}/cancel", {}).status == 200


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("9999-12-31T23:59:59Z", "invalid"),
        ("0001-01-01T00:00:00Z", "invalid"),
        (moment(NINE)[:-1] + ".5Z", "invalid"),
        (moment(NINE + timedelta(minutes=1)), "invalid"),
        (moment(NINE - timedelta(days=14)), "invalid"),
        ("infinity", "invalid_format"),
    ],
)
def test_no_slot_begins_then(owner: Client, at: str, code: str) -> None:
    kind = a_type(owner)
    answer = owner.post("/bookings", asked(kind) | {"starts_at": at})
    assert (answer.status, answer.codes) == (422, {"starts_at": code}), answer.body


def test_the_clock_of_a_sandbox_says_what_has_begun(owner: Client) -> None:
    sandbox = make(owner)
    with inside(owner, sandbox) as box:
        kind = a_type(box)
        made = [box.create("/bookings", asked(kind, NINE + n * HALF)) for n in range(3)]
        for verb in ("held", "no_show"):
            assert box.post(f"/bookings/{made[0]['id']}/{verb}").status == 409
        ahead = NINE + HALF - datetime.now(UTC)
        move(owner, sandbox, advance=f"PT{-(-ahead // timedelta(minutes=1))}M")
        assert act(box, made[0], "held")["status"] == "held"
        assert act(box, made[1], "no_show")["status"] == "no_show"
        assert box.post(f"/bookings/{made[2]['id']}/held").status == 409
        for each in made[:2]:
            for verb in ("confirm", "decline", "cancel", "held", "no_show"):
                assert box.post(f"/bookings/{each['id']}/{verb}").status == 409
            assert moved(box, each, NINE + 3 * HALF).status == 409
        # The activity of a meeting that took place stays.
        shown = [box.get(f"/activities/{each['activity_id']}").status for each in made]
        assert shown == [200, 404, 200]
        late = box.post("/bookings", asked(kind))
        assert late.codes == {"starts_at": "invalid"}  # it is past there
        told = box.get(f"/bookings/{made[0]['id']}").json["updated_at"]
        assert datetime.fromisoformat(told) >= NINE + HALF
