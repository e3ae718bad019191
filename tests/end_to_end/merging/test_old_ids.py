"""The id of a merged record is that of its survivor, wherever an id is given."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.merging.merged import contact, merge, unmerge

NO_CONTACT = "con_0123456789abcdef01234567"


@dataclass(frozen=True, slots=True)
class Merged:
    """A contact that was merged twice over, the survivor, and a company's pair."""

    client: Client
    old: str
    new: str
    old_company: str
    company: str


@pytest.fixture
def merged(owner: Client) -> Merged:
    first, second, new = (contact(owner, name) for name in ("a", "b", "c"))
    merge(owner, second, first)
    merge(owner, new, second)
    old, company = (
        owner.create("/companies", {"name": name})["id"] for name in ("Old", "New")
    )
    merge(owner, company, old, path="/companies")
    return Merged(owner, first, new, old, company)


def test_a_chain_leads_to_its_end(merged: Merged) -> None:
    answer = merged.client.get(f"/contacts/{merged.old}")
    assert answer.json["id"] == merged.new
    assert answer.json["merged_ids"][-1] == merged.old
    assert answer.headers["content-location"] == f"/v1/contacts/{merged.new}"
    itself = merged.client.get(f"/contacts/{merged.new}")
    assert itself.json == answer.json
    assert itself.headers["etag"] == answer.headers["etag"]
    assert "content-location" not in itself.headers


def test_a_read_of_parts_and_a_conditional_one_follow(merged: Merged) -> None:
    client = merged.client
    path = f"/contacts/{merged.old}"
    part = client.get(f"{path}?fields=email")
    assert part.json == {"id": merged.new, "email": "c@x.example"}
    assert part.headers["content-location"] == f"/v1/contacts/{merged.new}"
    etag = client.get(path).headers["etag"]
    assert client.get(path, if_none_match=etag).status == 304


def test_writes_act_on_the_survivor(merged: Merged) -> None:
    client, path = merged.client, f"/contacts/{merged.old}"
    changed = client.patch(path, {"city": "Rome"})
    assert changed.json["id"] == merged.new
    assert changed.headers["content-location"] == f"/v1/contacts/{merged.new}"
    tagged = client.post(f"{path}/tags", {"tags": ["vip"]})
    assert tagged.json["tags"] == ["vip"]
    body = {"id": merged.old, "city": "Oslo"}
    upserted = client.post("/contacts/upsert", body).json
    assert upserted["data"]["id"] == merged.new
    now = client.get(f"/contacts/{merged.new}").json
    assert (now["city"], now["tags"]) == ("Oslo", ["vip"])


def test_only_its_deletion_is_refused(merged: Merged) -> None:
    refused = merged.client.delete(f"/contacts/{merged.old}")
    assert refused.status == 409
    assert refused.json["type"].endswith("/conflict")
    assert refused.json["used_by"] == [merged.new]
    assert merged.new in refused.json["detail"]
    assert merged.client.get(f"/contacts/{merged.new}").status == 200
    assert merged.client.delete(f"/contacts/{merged.new}").status == 204
    assert merged.client.get(f"/contacts/{merged.old}").status == 404


def test_links_lead_to_the_survivor(merged: Merged) -> None:
    client = merged.client
    deal = client.create(
        "/deals",
        {"name": "D", "contact_id": merged.old, "company_id": merged.old_company},
    )
    assert (deal["contact_id"], deal["company_id"]) == (merged.new, merged.company)
    note = client.create(
        "/notes", {"body": "Hi", "contact_id": contact(client, "other")}
    )
    changed = client.patch(f"/notes/{note['id']}", {"contact_id": merged.old})
    assert changed.json["contact_id"] == merged.new
    again = client.patch(f"/notes/{note['id']}", {"contact_id": merged.old})
    assert again.headers["etag"] == changed.headers["etag"]
    body = {"email": "z@x.example", "company_id": merged.old_company}
    made = client.post("/contacts/upsert", body).json["data"]
    assert made["company_id"] == merged.company
    pair = {"type": "deal_contacts", "from_id": deal["id"], "to_id": merged.old}
    assert client.create("/associations", pair)["to_id"] == merged.new


def test_a_refused_request_does_not_complain_of_them(merged: Merged) -> None:
    body = {"name": "", "contact_id": merged.old, "company_id": "cmp_x"}
    refused = merged.client.post("/deals", body)
    assert refused.codes == {"name": "required", "company_id": "not_found"}
    lost = merged.client.post("/deals", {"name": "D", "contact_id": NO_CONTACT})
    assert lost.codes == {"contact_id": "not_found"}


CONDITIONS: dict[str, Any] = {
    "eq": lambda f, i: {"field": f, "operator": "eq", "value": i},
    "in": lambda f, i: {"field": f, "operator": "in", "values": [NO_CONTACT, i]},
    "not": lambda f, i: {"not": {"field": f, "operator": "neq", "value": i}},
    "any": lambda f, i: {"any": [{"field": f, "operator": "eq", "value": i}]},
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_filters_find_what_is_the_survivors(condition: str, merged: Merged) -> None:
    client, make = merged.client, CONDITIONS[condition]
    note = client.create("/notes", {"body": "Hi", "contact_id": merged.new})
    client.create("/notes", {"body": "No", "contact_id": contact(client, "n")})
    deal = client.create("/deals", {"name": "D"})["id"]
    pair = {"type": "deal_contacts", "from_id": deal, "to_id": merged.new}
    association = client.create("/associations", pair)["id"]
    for path, field, expected in (
        ("/contacts", "id", merged.new),
        ("/notes", "contact_id", note["id"]),
        ("/notes", "record_id", note["id"]),
        ("/associations", "to_id", association),
        ("/associations", "record_id", association),
    ):
        found = client.search(path, filters=[make(field, merged.old)])["data"]
        assert [each["id"] for each in found] == [expected], (path, field)


def test_pages_go_on_when_a_merge_comes_between(owner: Client) -> None:
    old, new = contact(owner, "a"), contact(owner, "b")
    merge(owner, contact(owner, "c"), contact(owner, "d"))
    for number in range(3):
        owner.create("/notes", {"body": str(number), "contact_id": old})
    query = {"filters": [CONDITIONS["eq"]("contact_id", old)], "limit": 1}
    page = owner.search("/notes", **query)
    merge(owner, new, old)
    cursor = page["meta"]["cursor"]["next"]
    following = owner.search("/notes", **query, cursor=cursor)["data"]
    assert [each["contact_id"] for each in following] == [new]


def test_ids_of_a_search_and_of_batches_lead_there(merged: Merged) -> None:
    client = merged.client
    ids = [merged.old, NO_CONTACT, merged.new]
    found = client.search("/contacts", ids=ids)["data"]
    assert [each and each["id"] for each in found] == [merged.new, None, merged.new]
    operations = [
        {"method": "get", "id": merged.old},
        {"method": "get", "id": NO_CONTACT},
        {"method": "update", "id": merged.old, "body": {"city": "Rome"}},
        {"method": "delete", "id": merged.old},
    ]
    answer = client.post("/contacts/batch", {"operations": operations})
    told = answer.json["data"]
    assert [each["status"] for each in told] == [200, 404, 200, 409]
    assert told[0]["record"]["id"] == told[2]["record"]["id"] == merged.new
    several = [{"method": "create", "body": B} for B in bodies(merged)]
    made = client.post("/contacts/batch", {"operations": several}).json["data"]
    assert {each["record"]["company_id"] for each in made} == {merged.company}


def bodies(merged: Merged) -> list[dict[str, str]]:
    company = merged.old_company
    return [{"email": f"{n}@x.example", "company_id": company} for n in "xyz"]


def test_the_past_under_an_old_id_is_its_own(owner: Client) -> None:
    old, new = contact(owner, "old", city="Rome"), contact(owner, "new")
    before = owner.get(f"/contacts/{old}").json
    answer = merge(owner, new, old)
    after = answer["data"]["updated_at"]
    for record_id in (old, new):
        then = owner.post(f"/contacts/{record_id}/as_of", {"at": after})
        assert then.json == answer["data"]
    then = owner.post(f"/contacts/{old}/as_of", {"at": before["updated_at"]})
    assert then.json == before
    assert "content-location" not in then.headers
    told = [owner.post(f"/contacts/{i}/history", {}).json for i in (old, new)]
    assert told[0]["data"] == told[1]["data"]
    assert "merged_ids" in {each["field"] for each in told[0]["data"]}


def test_fields_of_the_tenants_own_lead_there(owner: Client) -> None:
    old, new = contact(owner, "old"), contact(owner, "new")
    field = {"object": "deals", "key": "buyer", "type": "record", "label": "Buyer"}
    owner.create("/fields", {**field, "target": "contacts"})
    before = owner.create("/deals", {"name": "A", "custom_fields": {"buyer": old}})
    merge(owner, new, old)
    moved = owner.get(f"/deals/{before['id']}").json
    assert moved["custom_fields"] == {"buyer": new}
    after = owner.create("/deals", {"name": "B", "custom_fields": {"buyer": old}})
    assert after["custom_fields"] == {"buyer": new}
    condition = CONDITIONS["eq"]("custom_fields.buyer", old)
    found = owner.search("/deals", filters=[condition])["data"]
    assert {each["id"] for each in found} == {before["id"], after["id"]}


def test_merges_are_found_by_what_was_merged(owner: Client) -> None:
    """Also undone ones, whose survivor the merged record no longer names."""
    ada, babbage, countess, third = (contact(owner, name) for name in "abct")
    undone = merge(owner, ada, babbage)["merge_id"]
    unmerge(owner, ada, undone)
    both = merge(owner, ada, countess, third)["merge_id"]

    def found(operator: str, **given: Any) -> list[str]:
        condition = {"field": "merged_ids", "operator": operator, **given}
        body = {"filters": [condition], "sort_direction": "asc"}
        return [each["id"] for each in owner.search("/merges", **body)["data"]]

    assert found("eq", value=babbage) == [undone]
    assert found("eq", value=third) == [both]
    assert found("eq", value=ada) == []
    assert found("in", values=[babbage, third, countess]) == [undone, both]
    assert found("neq", value=babbage) == [both]
    assert found("not_in", values=[babbage, countess]) == []
    assert found("is_empty") == []
    assert found("is_not_empty") == [undone, both]
    wrong = {"field": "merged_ids", "operator": "any_of", "values": [ada]}
    refused = owner.post("/merges/search", {"filters": [wrong]})
    assert refused.codes == {"filters[0].operator": "invalid_choice"}
    assert "eq, neq, in, not_in" in refused.json["errors"][0]["message"]


def test_the_past_of_an_erased_one_is_gone_under_each_of_its_ids(
    owner: Client, member: Client
) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    was = owner.get(f"/contacts/{other}").json["updated_at"]
    merge(owner, ada, other)
    why = {"reason": "Asked for it"}
    erased = owner.post(f"/contacts/{other}/erase", why)
    assert (erased.status, erased.json["id"]) == (200, ada)
    assert erased.headers["content-location"] == f"/v1/contacts/{ada}"
    moments = ("2020-01-01T00:00:00Z", was, "2040-01-01T00:00:00Z")
    for client, status in ((owner, 410), (member, 404)):
        found = [
            client.post(f"/contacts/{each}/as_of", {"at": at}).status
            for each in (ada, other)
            for at in moments
        ]
        assert found == [status] * 6


def test_a_record_deleted_before_a_merge_is_found_by_both_ids(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    note = owner.create("/notes", {"body": "Hi", "contact_id": other})["id"]
    assert owner.delete(f"/notes/{note}").status == 204
    third = contact(owner, "third")
    merge(owner, ada, other)
    for each, expected in ((other, [note]), (ada, [note]), (third, [])):
        for operator, given in (("eq", {"value": each}), ("in", {"values": [each]})):
            condition = {"field": "contact_id", "operator": operator, **given}
            found = owner.search("/notes", deleted=True, filters=[condition])["data"]
            assert [e["id"] for e in found] == expected
        condition = {"field": "contact_id", "operator": "neq", "value": each}
        found = owner.search("/notes", deleted=True, filters=[condition])["data"]
        assert [e["id"] for e in found] == ([] if expected else [note])


def test_merges_are_found_by_a_survivor_that_was_merged_since(owner: Client) -> None:
    first, second, last = (contact(owner, name) for name in ("a", "b", "c"))
    earlier = merge(owner, second, first)["merge_id"]
    later = merge(owner, last, second)["merge_id"]
    for each, expected in ((second, {earlier, later}), (last, {later})):
        condition = {"field": "survivor_id", "operator": "eq", "value": each}
        found = owner.search("/merges", filters=[condition])["data"]
        assert {e["id"] for e in found} == expected
