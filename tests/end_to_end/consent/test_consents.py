"""What consents, suppressions and their check promise."""

import secrets
from contextlib import closing
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.consent.agreeing import check, reason, say, suppress, topic
from tests.end_to_end.erasure.erasing import erased
from tests.end_to_end.merging.merged import contact, merge, unmerge
from tests.harness.at_once import at_once, crowd
from tests.rounds import rounds
from tests.world import Tenant


def test_the_newest_consent_counts(owner: Client) -> None:
    about, ada = topic(owner), contact(owner, "ada")
    assert reason(owner, about, ada) == "not_granted"
    say(owner, ada, about, basis="double opt-in", text="Yes.\nOnce a month.")
    assert reason(owner, about, ada) is None
    say(owner, ada, about, "denied")
    assert reason(owner, about, ada) == "denied"
    other = topic(owner, "Offers", requires="legitimate_interest")
    assert reason(owner, other, ada) is None
    say(owner, ada, other, "denied")
    assert reason(owner, other, ada) == "denied"


def test_a_check_answers_in_the_order_asked(owner: Client) -> None:
    about = topic(owner)
    nobody = owner.create("/contacts", {"phone": "+49 30 123"})["id"]
    ada, bob = contact(owner, "ada"), contact(owner, "Bob")
    say(owner, ada, about)
    bounced = suppress(owner, "BOB@x.EXAMPLE", reason="bounced")
    of_bob = {"reason": "suppressed", "suppression_id": bounced}
    none = {"suppression_id": None}
    assert check(owner, about, [bob, nobody, ada, bob]) == [
        {"contact_id": bob, "allowed": False, **of_bob},
        {"contact_id": nobody, "allowed": False, "reason": "no_email", **none},
        {"contact_id": ada, "allowed": True, "reason": None, **none},
        {"contact_id": bob, "allowed": False, **of_bob},
    ]
    merge(owner, bob, ada)
    (told,) = check(owner, about, [ada])
    assert told["contact_id"] == bob


def test_what_cannot_be_checked_is_named(
    owner: Client, member: Client, stranger: Client
) -> None:
    about, ada, theirs = topic(owner), contact(owner, "a"), contact(stranger, "b")
    path, gone = f"/topics/{about}/check", contact(owner, "c")
    assert owner.delete(f"/contacts/{gone}").status == 204
    asked = {"contact_ids": [ada, theirs, gone, "x"]}
    assert owner.post(path, asked).codes == {
        f"contact_ids[{n}]": "not_found" for n in (1, 2, 3)
    }
    assert member.post(path, {"contact_ids": [ada]}).codes == {
        "contact_ids[0]": "not_found"
    }
    assert owner.post(path, {}).codes == {"contact_ids": "required"}
    many = {"contact_ids": [ada] * 201}
    assert owner.post(path, many).codes == {"contact_ids": "too_many"}
    assert len(check(owner, about, [ada] * 200)) == 200
    assert stranger.post(path, {"contact_ids": [theirs]}).status == 404


def test_consents_only_add_up(owner: Client) -> None:
    made = say(owner, contact(owner, "ada"), topic(owner))
    path = f"/consents/{made['id']}"
    assert owner.patch(path, {"status": "denied"}).status == 405
    assert owner.delete(path).status == 405
    assert owner.get(path).json == made


def test_who_sees_the_contact_sees_its_consents(owner: Client, member: Client) -> None:
    about, hidden = topic(owner), contact(owner, "ada")
    seen = contact(member, "bob")
    made = [say(owner, each, about)["id"] for each in (hidden, seen)]
    assert [each["id"] for each in member.pages("/consents")] == made[1:]
    assert member.get(f"/consents/{made[0]}").status == 404
    body = {"contact_id": hidden, "topic_id": about, "status": "granted"}
    assert member.post("/consents", body).codes == {"contact_id": "not_found"}


def test_administrators_write_topics_and_members_lift_nothing(
    owner: Client, member: Client
) -> None:
    about = topic(owner)
    assert member.get(f"/topics/{about}").status == 200
    assert member.post("/topics", {"name": "Mine"}).status == 403
    lifted = suppress(member, "ada@x.example")
    assert member.delete(f"/suppressions/{lifted}").status == 403
    path, other = f"/suppressions/{lifted}", {"address": "zoe@x.example"}
    read_only = {"address": "read_only"}
    assert member.patch(path, other).codes == read_only
    by_id = {"match_on": "id", "id": lifted, **other}
    assert member.post("/suppressions/upsert", by_id).codes == read_only
    batch = {"operations": [{"method": "update", "id": lifted, "body": other}]}
    (told,) = owner.post("/suppressions/batch", batch).json["data"]
    assert told["status"] == 422
    assert owner.get(path).json["address"] == "ada@x.example"
    assert owner.delete(f"/suppressions/{lifted}").status == 204


def test_topics_and_addresses_are_there_once(owner: Client) -> None:
    topic(owner)
    answer = owner.post("/topics", {"name": "Newsletter"})
    assert answer.codes == {"name": "not_unique"}
    suppress(owner, "ada@x.example")
    answer = owner.post("/suppressions", {"address": "ADA@X.example"})
    assert answer.codes == {"address": "not_unique"}
    again = {"match_on": "address", "address": "Ada@x.example", "reason": "bounced"}
    assert owner.post("/suppressions/upsert", again).json["status"] == "updated"
    assert owner.post("/suppressions", {"address": "ada"}).codes == {
        "address": "invalid_format"
    }


def test_a_deleted_contact_takes_its_consents_along_and_back(owner: Client) -> None:
    about, ada = topic(owner), contact(owner, "ada")
    made = say(owner, ada, about, "denied")
    assert owner.delete(f"/contacts/{ada}").status == 204
    assert owner.get(f"/consents/{made['id']}").status == 404
    assert owner.post(f"/contacts/{ada}/restore", {}).status == 200
    assert owner.get(f"/consents/{made['id']}").json["contact_id"] == ada
    assert reason(owner, about, ada) == "denied"


def test_a_topic_that_comes_back_has_its_consents(owner: Client) -> None:
    about, ada = topic(owner), contact(owner, "ada")
    made = say(owner, ada, about)
    assert owner.delete(f"/topics/{about}").status == 204
    assert owner.get(f"/consents/{made['id']}").json["topic_id"] is None
    answer = owner.post(f"/topics/{about}/check", {"contact_ids": [ada]})
    assert answer.status == 404
    assert owner.post(f"/topics/{about}/restore", {}).status == 200
    assert reason(owner, about, ada) is None


@pytest.mark.parametrize("first", [True, False])
def test_after_a_merge_the_stricter_counts(owner: Client, first: bool) -> None:
    about, ada, bob = topic(owner), contact(owner, "ada"), contact(owner, "bob")
    said = [(ada, "granted"), (bob, "denied")]
    for who, status in said if first else reversed(said):
        say(owner, who, about, status)
    made = merge(owner, ada, bob)
    assert made["moved"]["consents"] == 1
    assert reason(owner, about, ada) == "denied"
    (added,) = [e for e in owner.pages("/consents") if e["source"] == made["merge_id"]]
    assert added["status"] == "denied"
    unmerge(owner, ada, made["merge_id"])
    assert reason(owner, about, ada) is None
    assert reason(owner, about, bob) == "denied"
    assert owner.get(f"/consents/{added['id']}").status == 404


def test_who_agrees_after_a_merge_has_agreed(owner: Client) -> None:
    about, ada, bob = topic(owner), contact(owner, "ada"), contact(owner, "bob")
    say(owner, bob, about, "denied")
    say(owner, ada, about)
    made = merge(owner, ada, bob)
    say(owner, ada, about)
    assert reason(owner, about, ada) is None
    unmerge(owner, ada, made["merge_id"])
    assert reason(owner, about, ada) is None
    assert reason(owner, about, bob) == "denied"


def test_an_erased_person_gets_no_mail_again(owner: Client) -> None:
    about = topic(owner, requires="legitimate_interest")
    mark = secrets.token_hex(6)
    ada = contact(owner, mark)
    say(owner, ada, about, text=f"I, {mark}, agree.")
    kept = suppress(owner, f"{mark}@X.example", reason="unsubscribed")
    gone = suppress(owner, f"old-{mark}@x.example")
    assert (
        owner.patch(f"/contacts/{ada}", {"email": f"old-{mark}@x.example"}).status
        == 200
    )
    assert owner.patch(f"/contacts/{ada}", {"email": f"{mark}@x.example"}).status == 200
    assert owner.delete(f"/suppressions/{gone}").status == 204
    counts = erased(owner, f"/contacts/{ada}")["destroyed"]
    assert (counts["consents"], counts["suppressions"]) == (1, 2)
    shown = owner.get(f"/suppressions/{kept}").json
    assert (shown["address"], shown["reason"]) == ("[erased]", "unsubscribed")
    assert mark not in str(owner.post(f"/suppressions/{kept}/history", {}).json)
    again = contact(owner, mark.upper())
    (told,) = check(owner, about, [again])
    assert (told["reason"], told["suppression_id"]) == ("suppressed", kept)
    assert reason(owner, about, contact(owner, f"old-{mark}")) is None
    assert owner.delete(f"/suppressions/{kept}").status == 204
    assert reason(owner, about, again) is None
    assert owner.post(f"/suppressions/{kept}/restore", {}).status == 200
    assert reason(owner, about, again) == "suppressed"


def test_of_equal_suppressions_at_once_one_wins(tenant: Tenant) -> None:
    with crowd(tenant, 4) as clients:
        for number in range(rounds("CONSENT_RACES")):
            spelt = (f"ada{number}@x.example", f"ADA{number}@x.example") * 2

            def post(its: tuple[Client, str]) -> Any:
                return its[0].post("/suppressions", {"address": its[1]}).status

            found = at_once(post, list(zip(clients, spelt, strict=True)))
            assert sorted(found) == [201, 422, 422, 422]
    with closing(tenant.client()) as client:
        there = client.pages("/suppressions")
        assert len({each["address"].lower() for each in there}) == len(there)
