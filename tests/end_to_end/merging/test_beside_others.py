"""Merges beside deletions, restorations and erasures of the same records."""

from services.records.many.moving import AT_ONCE
from tests.client import Client
from tests.end_to_end.merging.merged import contact, merge, unmerge, without_time

MANY = 2 * AT_ONCE + 10


def test_a_merged_record_is_not_among_the_deleted(owner: Client) -> None:
    ada, other, gone = (contact(owner, name) for name in ("ada", "other", "gone"))
    merge(owner, ada, other)
    assert owner.delete(f"/contacts/{gone}").status == 204
    page = owner.search("/contacts", deleted=True, include_total=True)
    assert [each["id"] for each in page["data"]] == [gone]
    assert page["meta"]["total"] == 1


def test_a_merge_moves_more_links_than_one_statement(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    body = {"body": "Hers", "contact_id": other}
    for first in range(0, MANY, 200):
        size = min(200, MANY - first)
        operations = [{"method": "create", "body": body}] * size
        assert owner.post("/notes/batch", {"operations": operations}).status == 200
    merged = merge(owner, ada, other)
    assert merged["moved"]["notes"] == MANY
    its = {"field": "contact_id", "operator": "eq", "value": ada}
    query = {"filters": [its], "include_total": True, "limit": 1}
    assert owner.search("/notes", **query)["meta"]["total"] == MANY
    assert unmerge(owner, ada, merged["merge_id"])["moved"]["notes"] == MANY


def test_a_merged_id_has_the_duplicates_of_its_survivor(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    same = {"first_name": "Ada", "last_name": "Byron", "phone": "+1 555 0100"}
    assert owner.patch(f"/contacts/{ada}", same).status == 200
    twin = contact(owner, "twin", **same)
    merge(owner, ada, other)
    answer = owner.post("/contacts/duplicates", {"id": other})
    assert [each["record"]["id"] for each in answer.json["data"]] == [twin]


def test_a_merged_id_restores_its_survivor(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other", phone="+1 555 0100")
    told = merge(owner, ada, other)["data"]
    restored = owner.post(f"/contacts/{other}/restore")
    assert (restored.status, restored.json) == (200, told)
    assert owner.delete(f"/contacts/{ada}").status == 204
    assert owner.get(f"/contacts/{other}").status == 404
    restored = owner.post(f"/contacts/{other}/restore")
    assert restored.status == 200, restored.body
    assert without_time(restored.json) == without_time(told)
    assert owner.get(f"/contacts/{other}").json == restored.json


def test_a_merge_is_undone_after_its_survivor_was_restored(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other", phone="+1 555 0100")
    note = owner.create("/notes", {"body": "Hi", "contact_id": other})["id"]
    merge_id = merge(owner, ada, other)["merge_id"]
    assert owner.delete(f"/contacts/{ada}").status == 204
    answer = owner.post(f"/contacts/{ada}/unmerge", {"merge_id": merge_id})
    assert answer.status == 404
    assert owner.post(f"/contacts/{ada}/restore").status == 200
    unmerge(owner, ada, merge_id)
    assert owner.get(f"/contacts/{other}").json["phone"] == "+1 555 0100"
    assert owner.get(f"/contacts/{ada}").json["phone"] is None
    assert owner.get(f"/notes/{note}").json["contact_id"] in (other, ada)


def test_an_erased_survivor_takes_the_merged_ones_with_it(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    merge_id = merge(owner, ada, other)["merge_id"]
    erased = owner.post(f"/contacts/{other}/erase", {"reason": "Asked for it"})
    assert erased.status == 200, erased.body
    assert erased.json["id"] == ada
    assert erased.json["destroyed"]["contacts"] == 2
    for each in (ada, other):
        assert owner.get(f"/contacts/{each}").status == 410
        assert owner.post(f"/contacts/{each}/restore").status == 410
        history = owner.post(f"/contacts/{each}/history", {})
        assert history.status == 410
        assert owner.post("/contacts/duplicates", {"id": each}).status == 410
    undone = owner.post(f"/contacts/{ada}/unmerge", {"merge_id": merge_id})
    assert undone.status == 410
    third = contact(owner, "third")
    assert owner.post(f"/contacts/{ada}/merge", {"ids": [third]}).status == 410
    refused = owner.post(f"/contacts/{third}/merge", {"ids": [other]})
    assert refused.status == 422
    assert owner.create("/contacts", {"email": "other@x.example"})["id"]
