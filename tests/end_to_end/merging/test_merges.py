"""Merges: what the survivor has, and what moves to it."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.merging.merged import contact, merge, unmerge, without_time

MOVED = ("contacts", "companies", "deals", "records", "tasks", "notes", "activities")


def test_a_survivor_takes_what_it_lacks(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Acme"})["id"]
    ada = contact(owner, "ada", tags=["VIP"], external_ids={"erp": "1"})
    first = contact(
        owner,
        "first",
        phone="+1 555 0100",
        tags=["vip", "new"],
        custom_fields={"plan": "gold"},
        external_ids={"erp": "2", "shop": "3"},
    )
    second = contact(owner, "second", phone="+1 555 0199", company_id=company)
    answer = merge(owner, ada, first, second)
    told = answer["data"]
    assert told["id"] == ada
    assert (told["email"], told["phone"]) == ("ada@x.example", "+1 555 0100")
    assert told["company_id"] == company
    assert told["tags"] == ["VIP", "new"]
    assert told["external_ids"] == {"erp": "1", "shop": "3"}
    assert told["custom_fields"] == {"plan": "gold"}
    assert told["merged_ids"] == [first, second]
    assert owner.get(f"/contacts/{ada}").json == told
    by_id = {"match_on": "external_ids.shop", "external_ids": {"shop": "3"}}
    assert owner.post("/contacts/upsert", by_id).json["data"]["id"] == ada


def test_a_key_that_is_null_is_lacking(owner: Client) -> None:
    ada = contact(owner, "ada", custom_fields={"plan": None})
    other = contact(owner, "other", custom_fields={"plan": "gold"})
    answer = merge(owner, ada, other)
    assert answer["data"]["custom_fields"] == {"plan": "gold"}
    unmerge(owner, ada, answer["merge_id"])
    told = owner.get(f"/contacts/{ada}").json["custom_fields"]
    assert told.get("plan") is None


def test_values_say_from_whom_a_field_comes(owner: Client) -> None:
    ada = contact(owner, "ada", city="Rome", tags=["a"], custom_fields={"x": 1, "y": 1})
    other = contact(owner, "other", city="Oslo", tags=["b"], custom_fields={"x": 2})
    names = ("email", "city", "tags", "custom_fields.x", "custom_fields.y", "phone")
    told = merge(owner, ada, other, values=dict.fromkeys(names, other))["data"]
    assert (told["email"], told["city"]) == ("other@x.example", "Oslo")
    assert (told["tags"], told["custom_fields"]) == (["b"], {"x": 2})


def test_a_deals_stage_comes_with_all_that_follows_from_it(owner: Client) -> None:
    (pipeline,) = owner.search("/pipelines")["data"]
    won = next(s["id"] for s in pipeline["stages"] if s["type"] == "won")
    deal = owner.create("/deals", {"name": "A", "currency": "USD"})
    other = owner.create(
        "/deals", {"name": "B", "stage_id": won, "value": 10, "currency": "EUR"}
    )
    values = {"stage_id": other["id"]}
    told = merge(owner, deal["id"], other["id"], values=values, path="/deals")["data"]
    for name in ("stage_id", "status", "closed_at", "stage_changed_at"):
        assert told[name] == other[name]
    assert (told["name"], told["value"], told["currency"]) == ("A", 10, "EUR")


def test_everything_that_leads_there_moves(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    link = {"contact_id": other}
    owner.create("/notes", {"body": "Hi", **link})
    owner.create("/tasks", {"name": "Call", **link})
    call = {"type": "call", "occurred_at": "2026-06-17T14:30:00Z", **link}
    owner.create("/activities", call)
    deal = owner.create("/deals", {"name": "D", **link})["id"]
    pair = {"type": "deal_contacts", "from_id": deal, "to_id": other}
    association = owner.create("/associations", pair)["id"]
    answer = merge(owner, ada, other)
    moved = answer["moved"]
    assert (moved["notes"], moved["tasks"], moved["deals"]) == (1, 1, 1)
    assert moved["associations"] == 1
    assert answer["data"]["last_contacted_at"] == "2026-06-17T14:30:00Z"
    for path in ("notes", "tasks", "activities", "deals"):
        condition = {"field": "contact_id", "operator": "eq", "value": other}
        found = owner.pages(f"/{path}", filters=[condition])
        assert {each["contact_id"] for each in found} == {ada}
    assert owner.get(f"/associations/{association}").json["to_id"] == ada
    timeline = owner.pages(
        "/activities", filters=[{"field": "type", "operator": "eq", "value": "system"}]
    )
    (told,) = [e["metadata"] for e in timeline if e["metadata"]["event"] == "merged"]
    assert (told["to"], told["merge_id"]) == ([other], answer["merge_id"])


def test_records_of_custom_objects_merge_too(owner: Client) -> None:
    labels = {"singular_label": "Site", "plural_label": "Sites"}
    owner.create("/objects", {"slug": "sites", **labels})
    path = "/objects/sites/records"
    one, two = (owner.create(path, {"name": name})["id"] for name in "ab")
    note = owner.create("/notes", {"body": "Hi", "custom_record_id": two})["id"]
    answer = merge(owner, one, two, path=path)
    assert answer["moved"]["notes"] == 1
    assert owner.get(f"/notes/{note}").json["custom_record_id"] == one
    led = owner.get(f"{path}/{two}")
    assert led.headers["content-location"] == f"/v1{path}/{one}"
    unmerge(owner, one, answer["merge_id"], path)
    assert owner.get(f"/notes/{note}").json["custom_record_id"] == two


def test_of_associations_beyond_what_a_type_allows_the_survivors_stay(
    owner: Client,
) -> None:
    one, two, top, other, below = (
        owner.create("/companies", {"name": name})["id"] for name in "abcde"
    )

    def parent(of: str, to: str) -> str:
        body = {"type": "company_parent", "from_id": of, "to_id": to}
        return str(owner.create("/associations", body)["id"])

    kept, ended, between = parent(one, top), parent(two, other), parent(below, two)
    answer = merge(owner, one, two, path="/companies")
    assert answer["moved"]["associations"] == 1
    assert owner.get(f"/associations/{kept}").json["to_id"] == top
    assert owner.get(f"/associations/{ended}").status == 404
    assert owner.get(f"/associations/{between}").json["to_id"] == one
    unmerge(owner, one, answer["merge_id"], "/companies")
    assert owner.get(f"/associations/{ended}").json["from_id"] == two
    assert owner.get(f"/associations/{between}").json["to_id"] == two


def test_no_record_comes_to_lead_to_itself(owner: Client) -> None:
    one, middle, two = (
        owner.create("/companies", {"name": name})["id"] for name in "abc"
    )
    for of, to in ((one, middle), (middle, two)):
        body = {"type": "company_parent", "from_id": of, "to_id": to}
        owner.create("/associations", body)
    refused = owner.post(f"/companies/{one}/merge", {"ids": [two]})
    assert refused.status == 422
    assert refused.codes == {"ids": "invalid"}
    assert owner.get(f"/companies/{two}").json["id"] == two


def test_a_dry_run_says_what_would_be_and_changes_nothing(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other", city="Rome")
    owner.create("/notes", {"body": "Hi", "contact_id": other})
    path, body = f"/contacts/{ada}/merge", {"ids": [other]}
    dry = owner.post(path, body, dry_run="true")
    assert (dry.status, dry.headers["dry-run"]) == (200, "true")
    assert dry.json["moved"]["notes"] == 1
    assert owner.get(f"/contacts/{other}").json["id"] == other
    merged = owner.post(path, body).json
    assert without_time(dry.json["data"]) == without_time(merged["data"])
    assert dry.json["moved"] == merged["moved"]
    undo, what = f"/contacts/{ada}/unmerge", {"merge_id": merged["merge_id"]}
    dry = owner.post(undo, what, dry_run="true")
    assert dry.json["restored_ids"] == [other]
    assert owner.get(f"/contacts/{other}").json["id"] == ada
    undone = owner.post(undo, what).json
    assert undone["moved"] == dry.json["moved"]


def test_a_repeated_key_gets_the_first_answer(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    path, body = f"/contacts/{ada}/merge", {"ids": [other]}
    first, again = (owner.post(path, body, idempotency_key="k") for _ in range(2))
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    what = {"merge_id": first.json["merge_id"]}
    path = f"/contacts/{ada}/unmerge"
    first, again = (owner.post(path, what, idempotency_key="u") for _ in range(2))
    assert first.body == again.body


def test_a_precondition_is_the_survivors(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    path, body = f"/contacts/{ada}/merge", {"ids": [other]}
    assert owner.post(path, body, if_match='"7"').status == 412
    merged = owner.post(path, body, if_match='"1"')
    assert merged.headers["etag"] == '"2"'
    undo, what = f"/contacts/{ada}/unmerge", {"merge_id": merged.json["merge_id"]}
    assert owner.post(undo, what, if_match='"1"').status == 412
    assert owner.post(undo, what, if_match='"2"').status == 200


NO_CONTACT = "con_0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, {"ids": "required"}),
        ({"ids": []}, {"ids": "required"}),
        ({"ids": [NO_CONTACT] * 11}, {"ids": "too_many"}),
        ({"ids": [NO_CONTACT, "x"]}, {"ids[0]": "not_found", "ids[1]": "not_found"}),
        ({"ids": ["ADA"]}, {"ids[0]": "invalid"}),
        ({"ids": ["OTHER"], "values": {"x": "ADA"}}, {"values.x": "invalid_choice"}),
        (
            {"ids": ["OTHER"], "values": {"name": "ADA", "city": NO_CONTACT}},
            {"values.name": "invalid_choice", "values.city": "invalid_choice"},
        ),
        ({"ids": ["OTHER"], "values": {"city": 1}}, {"values.city": "invalid_choice"}),
        ({"ids": ["OTHER"], "values": []}, {"values": "invalid_type"}),
        ({"ids": ["OTHER"], "other": 1}, {"other": "unknown_field"}),
    ],
)
def test_all_faults_are_named(
    body: dict[str, Any], codes: dict[str, str], owner: Client
) -> None:
    ids = {name.upper(): contact(owner, name) for name in ("ada", "other")}
    text = str(body)
    for name, record_id in ids.items():
        text = text.replace(name, record_id)
    given = eval(text)  # noqa: S307 - the literals above
    answer = owner.post(f"/contacts/{ids['ADA']}/merge", given)
    assert answer.status == 422, answer.body
    assert answer.codes == codes


def test_tags_that_are_too_many_together_are_to_be_chosen(owner: Client) -> None:
    ada = contact(owner, "ada", tags=[f"a{n}" for n in range(40)])
    other = contact(owner, "other", tags=[f"b{n}" for n in range(40)])
    path = f"/contacts/{ada}/merge"
    refused = owner.post(path, {"ids": [other]})
    assert refused.codes == {"values.tags": "too_many"}
    chosen = merge(owner, ada, other, values={"tags": other})["data"]
    assert len(chosen["tags"]) == 40


def test_a_formula_is_computed_of_the_joined_values(owner: Client) -> None:
    """What it gave for a merged record is no value of the survivor."""
    both = {"object": "contacts", "label": "X"}
    for key in ("seats", "price"):
        owner.create("/fields", {"key": key, "type": "integer", **both})
    expression = "custom_fields.seats * custom_fields.price"
    owner.create(
        "/fields", {"key": "sum", "type": "formula", "expression": expression, **both}
    )
    ada = contact(owner, "ada", custom_fields={"seats": 3})
    other = contact(owner, "other", custom_fields={"seats": 2, "price": 5})
    assert owner.get(f"/contacts/{other}").json["custom_fields"]["sum"] == 10
    answer = merge(owner, ada, other)
    want = {"seats": 3, "price": 5, "sum": 15}
    assert answer["data"]["custom_fields"] == want
    assert owner.get(f"/contacts/{ada}").json["custom_fields"] == want
    unmerge(owner, ada, answer["merge_id"])
    assert owner.get(f"/contacts/{ada}").json["custom_fields"] == {"seats": 3}
    back = owner.get(f"/contacts/{other}").json["custom_fields"]
    assert back == {"seats": 2, "price": 5, "sum": 10}
