"""An undone merge gives back what nobody has changed since, and nothing else."""

from tests.client import Client
from tests.end_to_end.merging.merged import contact, merge, unmerge, without_time


def test_all_is_as_it_was(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Acme"})["id"]
    ada = contact(owner, "ada", tags=["a"])
    other = contact(
        owner,
        "other",
        phone="+1 555 0100",
        company_id=company,
        tags=["b"],
        custom_fields={"plan": "gold"},
        external_ids={"erp": "2"},
    )
    note = owner.create("/notes", {"body": "Hi", "contact_id": other})["id"]
    paths = f"/contacts/{ada}", f"/contacts/{other}"
    before = [without_time(owner.get(path).json) for path in paths]
    merge_id = merge(owner, ada, other)["merge_id"]
    undone = unmerge(owner, ada, merge_id)
    assert undone["restored_ids"] == [other]
    assert undone["moved"]["notes"] == 1
    assert [without_time(owner.get(path).json) for path in paths] == before
    assert owner.get(f"/notes/{note}").json["contact_id"] == other
    by_id = {"match_on": "external_ids.erp", "external_ids": {"erp": "2"}}
    assert owner.post("/contacts/upsert", by_id).json["data"]["id"] == other
    assert owner.delete(paths[1]).status == 204


def test_what_was_changed_since_stays(owner: Client) -> None:
    ada, third = contact(owner, "ada", tags=["a"]), contact(owner, "third")
    other = contact(owner, "other", city="Rome", state="Lazio", tags=["b"])
    kept, moved = (
        owner.create("/notes", {"body": "Hi", "contact_id": other})["id"]
        for _ in range(2)
    )
    merge_id = merge(owner, ada, other)["merge_id"]
    owner.patch(f"/contacts/{ada}", {"city": "Oslo", "job_title": "Countess"})
    owner.post(f"/contacts/{ada}/tags", {"tags": ["c"]})
    new = owner.create("/notes", {"body": "New", "contact_id": ada})["id"]
    owner.patch(f"/notes/{moved}", {"contact_id": third})
    owner.patch(f"/notes/{kept}", {"body": "Hello"})
    told = unmerge(owner, ada, merge_id)["data"]
    assert (told["city"], told["state"]) == ("Oslo", None)
    assert (told["job_title"], told["tags"]) == ("Countess", ["a", "c"])
    leads = {n: owner.get(f"/notes/{n}").json["contact_id"] for n in (kept, moved, new)}
    assert leads == {kept: other, moved: third, new: ada}


def test_what_a_definition_refuses_by_now_is_cleared(owner: Client) -> None:
    body = {"object": "contacts", "key": "size", "label": "Size", "type": "text"}
    field = owner.create("/fields", body)["id"]
    large, small = ({"custom_fields": {"size": each}} for each in ("large", "small"))
    ada, other = contact(owner, "ada", **small), contact(owner, "other", **large)
    bare = contact(owner, "bare")
    values = {"custom_fields.size": bare}
    merge_id = merge(owner, ada, other, bare, values=values)["merge_id"]
    to_number = {"type": "integer", "on_conflict": "clear"}
    changed = owner.post(f"/fields/{field}/change", to_number)
    assert changed.status == 200, changed.body
    unmerge(owner, ada, merge_id)
    for each in (ada, other, bare):
        assert owner.get(f"/contacts/{each}").json["custom_fields"] == {}
        sized = owner.patch(f"/contacts/{each}", {"custom_fields": {"size": 3}})
        assert sized.status == 200, sized.body


def test_chains_are_undone_from_their_end(owner: Client) -> None:
    first, second, last = (contact(owner, name) for name in ("a", "b", "c"))
    note = owner.create("/notes", {"body": "Hi", "contact_id": first})["id"]
    earlier = merge(owner, second, first)["merge_id"]
    later = merge(owner, last, second)["merge_id"]
    refused = owner.post(f"/contacts/{last}/unmerge", {"merge_id": earlier})
    assert refused.status == 409
    assert refused.json["used_by"] == [later]
    unmerge(owner, last, later)
    led = owner.get(f"/contacts/{first}").json
    assert (led["id"], led["merged_ids"]) == (second, [first])
    assert "merged_ids" not in owner.get(f"/contacts/{last}").json
    assert owner.get(f"/notes/{note}").json["contact_id"] == second
    unmerge(owner, second, earlier)
    assert owner.get(f"/notes/{note}").json["contact_id"] == first


def test_what_was_restored_meanwhile_leads_back(owner: Client) -> None:
    first, second, last = (
        owner.create("/companies", {"name": name})["id"] for name in "abc"
    )
    body = {"object": "contacts", "key": "seller", "label": "Seller"}
    owner.create("/fields", body | {"type": "record", "target": "companies"})
    link = {"company_id": first, "custom_fields": {"seller": first}}
    person, changed = (contact(owner, name, **link) for name in ("person", "changed"))
    note = owner.create("/notes", {"body": "Hi", "company_id": first})["id"]
    paths = f"/contacts/{person}", f"/contacts/{changed}", f"/notes/{note}"

    def led() -> list[str]:
        return [owner.get(path).json["company_id"] for path in paths]

    assert [owner.delete(path).status for path in paths] == [204] * 3
    earlier = merge(owner, second, first, path="/companies")["merge_id"]
    assert owner.post(f"{paths[2]}/restore").status == 200
    assert owner.delete(paths[2]).status == 204
    later = merge(owner, last, second, path="/companies")["merge_id"]
    assert [owner.post(f"{path}/restore").status for path in paths] == [200] * 3
    assert led() == [last] * 3
    assert owner.patch(paths[1], {"company_id": None}).status == 200
    assert owner.patch(paths[1], {"company_id": last}).status == 200
    moved = unmerge(owner, last, later, "/companies")["moved"]
    assert (moved["notes"], led()) == (1, [second, last, second])
    unmerge(owner, second, earlier, "/companies")
    assert led() == [first, last, first]
    sellers = [owner.get(path).json["custom_fields"]["seller"] for path in paths[:2]]
    assert sellers == [first] * 2


def test_what_it_cannot_undo_is_said(owner: Client) -> None:
    ada, other, third = (contact(owner, name) for name in ("a", "b", "c"))
    merge_id = merge(owner, ada, other)["merge_id"]
    path, body = f"/contacts/{ada}/unmerge", {"merge_id": merge_id}
    assert owner.post(path, {}).codes == {"merge_id": "required"}
    unknown = {"merge_id": "mrg_0123456789abcdef01234567"}
    assert owner.post(path, unknown).codes == {"merge_id": "not_found"}
    elsewhere = owner.post(f"/contacts/{third}/unmerge", body)
    assert elsewhere.codes == {"merge_id": "not_found"}
    unmerge(owner, ada, merge_id)
    assert owner.post(path, body).codes == {"merge_id": "invalid"}


def test_a_unique_value_that_is_taken_meanwhile_is_named(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "b", external_ids={"erp": "2"})
    merge_id = merge(owner, ada, other)["merge_id"]
    owner.patch(f"/contacts/{ada}", {"external_ids": {"erp": None}})
    taker = contact(owner, "c", external_ids={"erp": "2"})
    path = f"/contacts/{ada}/unmerge"
    refused = owner.post(path, {"merge_id": merge_id})
    assert refused.status == 422, refused.body
    (fault,) = refused.json["errors"]
    assert (fault["field"], fault["code"]) == ("external_ids.erp", "not_unique")
    assert fault["record_id"] == taker
    assert owner.get(f"/contacts/{other}").json["id"] == ada


def test_of_a_value_that_the_survivor_gave_up_the_taker_is_named(
    owner: Client,
) -> None:
    body = {"object": "contacts", "key": "badge", "type": "text", "label": "Badge"}
    owner.create("/fields", body | {"unique": True})
    for struct, key in (("external_ids", "erp"), ("custom_fields", "badge")):
        name = f"{struct}.{key}"
        ada, other = (contact(owner, f"a{e}", **{struct: {key: e}}) for e in "12")
        merge_id = merge(owner, ada, other, values={name: other})["merge_id"]
        taker = contact(owner, "c", **{struct: {key: "1"}})
        refused = owner.post(f"/contacts/{ada}/unmerge", {"merge_id": merge_id})
        assert refused.codes == {name: "not_unique"}
        assert [e["record_id"] for e in refused.json["errors"]] == [taker]
        assert owner.delete(f"/contacts/{taker}").status == 204
        unmerge(owner, ada, merge_id)


def test_no_record_has_too_many_tags_afterwards(owner: Client) -> None:
    own, new = ([f"{name} {each}" for each in range(40)] for name in ("own", "new"))
    ada, other = contact(owner, "ada", tags=own), contact(owner, "other", tags=["b"])
    merge_id = merge(owner, ada, other, values={"tags": other})["merge_id"]
    assert owner.post(f"/contacts/{ada}/tags", {"tags": new}).status == 200
    path, body = f"/contacts/{ada}/unmerge", {"merge_id": merge_id}
    assert owner.post(path, body).codes == {"tags": "too_many"}
    owner.patch(f"/contacts/{ada}", {"tags": [*new[:10], "b"]})
    told = owner.post(path, body).json["data"]
    assert told["tags"] == [*new[:10], *own]


def test_another_spelling_of_a_value_is_no_change(owner: Client) -> None:
    for match_on, taken, spelled in (
        ("phone", "+39 06 12345", "390612345"),
        ("email", "bob@y.example", "Bob@Y.example"),
    ):
        ada, other = contact(owner, "ada"), contact(owner, "other", **{match_on: taken})
        own = owner.get(f"/contacts/{ada}").json[match_on]
        values = {match_on: other}
        merge_id = merge(owner, ada, other, values=values)["merge_id"]
        body = {"match_on": match_on, match_on: spelled}
        upserted = owner.post("/contacts/upsert", body).json["data"]
        assert (upserted["id"], upserted[match_on]) == (ada, spelled)
        assert unmerge(owner, ada, merge_id)["data"][match_on] == own
        assert owner.get(f"/contacts/{other}").json[match_on] == taken
        assert owner.delete(f"/contacts/{other}").status == 204


def test_what_it_referred_to_may_be_gone(owner: Client) -> None:
    gone, old, new = (
        owner.create("/companies", {"name": name})["id"] for name in "abc"
    )
    ada = contact(owner, "ada", company_id=new)
    lost = contact(owner, "lost", company_id=gone)
    led = contact(owner, "led", company_id=old)
    merge_id = merge(owner, ada, lost, led)["merge_id"]
    assert owner.delete(f"/companies/{gone}").status == 204
    merge(owner, new, old, path="/companies")
    unmerge(owner, ada, merge_id)
    found = {i: owner.get(f"/contacts/{i}").json["company_id"] for i in (lost, led)}
    assert found == {lost: None, led: new}


def test_a_link_that_was_merged_on_counts_as_unchanged(owner: Client) -> None:
    old, new = (owner.create("/companies", {"name": name})["id"] for name in "ab")
    ada, other = contact(owner, "ada"), contact(owner, "other", company_id=old)
    merge_id = merge(owner, ada, other)["merge_id"]
    merge(owner, new, old, path="/companies")
    unmerge(owner, ada, merge_id)
    led = [owner.get(f"/contacts/{each}").json["company_id"] for each in (ada, other)]
    assert led == [None, new]


def test_unique_and_reference_fields_of_the_tenants_own_come_back(
    owner: Client,
) -> None:
    for field in (
        {"key": "badge", "type": "text", "label": "Badge", "unique": True},
        {"key": "boss", "type": "record", "label": "Boss", "target": "contacts"},
    ):
        owner.create("/fields", {"object": "contacts", **field})
    ada = contact(owner, "ada")
    other = contact(owner, "other", custom_fields={"badge": "7", "boss": ada})
    report = contact(owner, "report", custom_fields={"boss": other})
    answer = merge(owner, ada, other)
    assert answer["data"]["custom_fields"] == {"badge": "7"}
    assert answer["moved"]["contacts"] == 1
    boss = owner.get(f"/contacts/{report}").json["custom_fields"]["boss"]
    assert boss == ada
    unmerge(owner, ada, answer["merge_id"])
    told = [owner.get(f"/contacts/{i}").json["custom_fields"] for i in (other, report)]
    assert told == [{"badge": "7", "boss": ada}, {"boss": other}]
    condition = {"field": "custom_fields.boss", "operator": "eq", "value": other}
    found = owner.search("/contacts", filters=[condition])["data"]
    assert [each["id"] for each in found] == [report]
    taken = {"email": "z@x.example", "custom_fields": {"badge": "7"}}
    assert owner.post("/contacts", taken).codes == {"custom_fields.badge": "not_unique"}
