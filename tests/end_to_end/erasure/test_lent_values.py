"""What a contact had of an erased one, while they were merged, is told anew."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.merging.merged import contact, merge, unmerge

WHY = {"reason": "Asked for it"}
GIVEN = {"first_name": "Ada", "city": "London", "phone": "+1 555 0100", "tags": ["A"]}
OWN = {"last_name": "King", "city": "Paris", "tags": ["Own"]}


class Past:
    """Remembers a contact as it is at moments, to be compared with its past."""

    def __init__(self, client: Client, contact_id: str) -> None:
        self._client, self._path = client, f"/contacts/{contact_id}"
        self.states: list[Any] = []

    def change(self, **change: Any) -> None:
        answer = self._client.patch(self._path, change)
        assert answer.status == 200, answer.body
        self.remember()

    def remember(self) -> None:
        self.states.append(self._client.get(self._path).json)

    def at(self, state: Any) -> Any:
        at = {"at": state["updated_at"]}
        answer = self._client.post(f"{self._path}/as_of", at)
        assert answer.status == 200, answer.body
        return answer.json

    def told(self) -> list[Any]:
        answer = self._client.post(f"{self._path}/history", {"limit": 100})
        return [
            (e["field"], e["from"], e["to"])
            for e in answer.json["data"]
            if e["operation"] != "created" and e["field"] != "merged_ids"
        ][::-1]


def erase(client: Client, contact_id: str) -> Any:
    answer = client.post(f"/contacts/{contact_id}/erase", WHY)
    assert answer.status == 200, answer.body
    return answer.json["destroyed"]


def test_a_former_survivor_keeps_its_own_past(owner: Client) -> None:
    lender, survivor = contact(owner, "ada", **GIVEN), contact(owner, "own", **OWN)
    past = Past(owner, survivor)
    past.change(job_title="Countess")
    told = merge(owner, survivor, lender, values={"city": lender})
    past.remember()
    past.change(last_name="Byron", tags=["Own", "A", "While"])
    past.change(city="Rome")
    for score in range(32):  # so that a change has an image
        past.change(lead_score=score)
    unmerge(owner, survivor, told["merge_id"])
    past.remember()
    past.change(job_title="Analyst")
    before, *during, undone, after = past.states
    assert during[1]["name"] == "Ada Byron"
    assert during[1]["tags"] == ["Own", "A", "While"]
    assert undone["city"] == "Rome"
    destroyed = erase(owner, lender)
    assert destroyed["history"] > 2
    assert [past.at(each) for each in (before, undone, after)] == [
        before,
        undone,
        after,
    ]
    names = ["King", *["Byron"] * 34]
    tags = [["Own"], *[["Own", "While"]] * 34]
    cities = ["Paris", "Paris", *["Rome"] * 33]
    for state, name, its, city in zip(during, names, tags, cities, strict=True):
        own = {"first_name": None, "phone": None, "name": name, "tags": its}
        assert past.at(state) == state | own | {"city": city}
    assert [e for e in past.told() if e[0] != "lead_score"] == [
        ("job_title", None, "Countess"),
        ("tags", ["Own"], ["Own", "While"]),
        ("name", "King", "Byron"),
        ("last_name", "King", "Byron"),
        ("city", "Paris", "Rome"),
        ("job_title", "Countess", "Analyst"),
    ]
    assert owner.get(f"/contacts/{survivor}").json == after


def test_who_was_merged_again_is_erased_with_what_the_first_survivor_had(
    owner: Client,
) -> None:
    lender = contact(owner, "ada", **GIVEN)
    first, second = contact(owner, "first"), contact(owner, "second")
    past = Past(owner, first)
    unmerge(owner, first, merge(owner, first, lender)["merge_id"])
    past.remember()
    merge(owner, second, lender)
    erase(owner, second)
    assert past.told() == []
    assert past.at(past.states[0]) == past.states[0]
    assert owner.get(f"/contacts/{lender}").status == 410


def test_what_another_contact_brought_stays(owner: Client) -> None:
    """It was merged into the same survivor in the meantime, and is still a part."""
    lender, other = contact(owner, "ada", **GIVEN), contact(owner, "other", state="NY")
    survivor = contact(owner, "own", **OWN)
    past = Past(owner, survivor)
    first = merge(owner, survivor, lender)["merge_id"]
    second = merge(owner, survivor, other)["merge_id"]
    past.remember()
    unmerge(owner, survivor, first)
    erase(owner, lender)
    (state,) = past.states
    own = {"first_name": None, "phone": None, "name": "King", "tags": ["Own"]}
    assert past.at(state) == state | own
    unmerge(owner, survivor, second)
    assert owner.get(f"/contacts/{survivor}").json["state"] is None
    assert owner.get(f"/contacts/{other}").json["state"] == "NY"


def test_a_kept_answer_about_a_former_survivor_names_who_was_erased(
    owner: Client,
) -> None:
    lender, survivor = contact(owner, "ada", **GIVEN), contact(owner, "own", **OWN)
    merge_id = merge(owner, survivor, lender)["merge_id"]
    request = "/contacts/upsert", {"id": survivor, "job_title": "Countess"}
    assert owner.post(*request, idempotency_key="k").status == 200
    unmerge(owner, survivor, merge_id)
    erase(owner, lender)
    again = owner.post(*request, idempotency_key="k")
    assert (again.status, again.json["erased_id"]) == (410, lender)
    assert owner.get(f"/contacts/{survivor}").status == 200


def test_answers_without_what_was_lent_are_given_again(owner: Client) -> None:
    """Those from before the merge and from after its undoing, however soon."""
    lender, whole = contact(owner, "ada", **GIVEN), {"email": "own@x.example", **OWN}
    made = owner.post("/contacts", whole, idempotency_key="made")
    survivor = made.json["id"]
    named = {"method": "update", "resource": "contacts", "id": survivor}
    first = {"operations": [{**named, "body": {"job_title": "Countess"}}]}
    earlier = owner.post("/batch", first, idempotency_key="earlier")
    merge_id = merge(owner, survivor, lender)["merge_id"]
    during = {"id": survivor, "job_title": "Author"}
    owner.post("/contacts/upsert", during, idempotency_key="during")
    mixed = {"operations": [{**named, "body": {"job_title": "Analyst"}}]}
    owner.post("/batch", mixed, idempotency_key="mixed")
    unmerge(owner, survivor, merge_id)
    after = {"id": survivor, "job_title": "Writer"}
    later = owner.post("/contacts/upsert", after, idempotency_key="later")
    assert (made.status, earlier.status, later.status) == (201, 200, 200)
    erase(owner, lender)
    for answer, request in (
        (made, ("/contacts", whole, "made")),
        (earlier, ("/batch", first, "earlier")),
        (later, ("/contacts/upsert", after, "later")),
    ):
        path, body, key = request
        again = owner.post(path, body, idempotency_key=key)
        assert (again.status, again.json) == (answer.status, answer.json)
        assert again.headers["idempotent-replayed"] == "true"
    assert (
        owner.post("/contacts/upsert", during, idempotency_key="during").status == 410
    )
    (told,) = owner.post("/batch", mixed, idempotency_key="mixed").json["data"]
    assert told["status"] == 410


def test_an_erased_survivor_has_no_past_to_be_told(owner: Client) -> None:
    lender, survivor = contact(owner, "ada", **GIVEN), contact(owner, "own", **OWN)
    unmerge(owner, survivor, merge(owner, survivor, lender)["merge_id"])
    erase(owner, survivor)
    assert owner.get(f"/contacts/{lender}").json["city"] == "London"
    assert erase(owner, lender)["contacts"] == 1


def two_undone_out_of_turn(owner: Client) -> tuple[str, str, list[Any]]:
    """A survivor of two merges, and the record that it merged first. The first merge is
    undone first. Then the survivor between both undoings, and after them."""
    lender = contact(owner, "ada", **GIVEN)
    other = contact(owner, "other", city="Oslo", phone="+1 555 0199", tags=["B"])
    survivor = contact(owner, "own", last_name="King", tags=["Own"])
    past = Past(owner, survivor)
    first = merge(owner, survivor, lender)["merge_id"]
    values = {"city": other, "phone": other}
    second = merge(owner, survivor, other, values=values)["merge_id"]
    unmerge(owner, survivor, first)
    past.remember()
    unmerge(owner, survivor, second)
    past.remember()
    return survivor, lender, past.states


def test_merges_undone_out_of_turn_leave_nothing_of_each_other(owner: Client) -> None:
    _, _, (between, after) = two_undone_out_of_turn(owner)
    assert (between["city"], between["tags"]) == ("Oslo", ["Own", "B"])
    assert [after[e] for e in ("first_name", "city", "phone")] == [None] * 3
    assert (after["last_name"], after["tags"]) == ("King", ["Own"])


@pytest.mark.parametrize("lender_first", [False, True])
def test_neither_of_two_is_left_in_the_past_of_a_survivor(
    owner: Client, lender_first: bool
) -> None:
    survivor, lender, states = two_undone_out_of_turn(owner)
    other = owner.search("/contacts", search_text="other")["data"][0]["id"]
    values = ("Ada", "London", "555 0100", "Oslo", "555 0199")
    before = past_of(owner, survivor, states)
    assert [value for value in values if value in before] == list(values)
    for each in (lender, other) if lender_first else (other, lender):
        erase(owner, each)
    after = past_of(owner, survivor, states)
    assert [value for value in values if value in after] == []


def past_of(owner: Client, survivor: str, states: list[Any]) -> str:
    """All that is told of a survivor's past."""
    told = repr(owner.post(f"/contacts/{survivor}/history", {"limit": 100}).json)
    for state in states:
        past = owner.post(f"/contacts/{survivor}/as_of", {"at": state["updated_at"]})
        told += repr({**past.json, "merged_ids": []})
    return told
