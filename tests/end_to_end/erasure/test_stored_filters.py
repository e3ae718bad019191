"""Filters and defaults that are kept forget an erased person, in any spelling."""

from typing import Any

import pytest

from services.erasure.rejected_rows import person_of
from services.erasure.stored_filters import forgotten
from tests.client import Client
from tests.end_to_end.changes.following import Reader
from tests.end_to_end.erasure.erasing import erased
from tests.end_to_end.imports.sending import begun
from tests.end_to_end.webhooks.kept import body as webhook

EMAIL, FORMER = "Grace@NavyFilters.example", "grace.before@navyfilters.example"
FIRST, LAST = "Gräcelyn", "Höpperström"
GONE = "[erased]"

# What names the person, each by another spelling: a field, an operator, and a value.
NAMING: tuple[tuple[str, str, Any], ...] = (
    ("email", "eq", EMAIL),
    ("email", "eq", EMAIL.lower()),
    ("email", "neq", EMAIL.upper()),
    ("email", "contains", "grace@navyfilters"),
    ("email", "starts_with", f" {EMAIL}"),
    ("email", "in", ["other@x.example", EMAIL]),
    ("email", "eq", FORMER),
    ("custom_fields.login", "eq", EMAIL),
    ("phone", "eq", "+49 30 5550142"),
    ("phone", "eq", "0049305550142"),
    ("phone", "eq", "(030) 555-01-42"),
    ("phone", "contains", "030/5550142"),
    ("phone", "ends_with", "5550142"),
    ("phone", "in", ["+1 555 0100", "+49.30.555.0142"]),
    ("custom_fields.number", "eq", 49305550142),
    ("name", "eq", f"{FIRST} {LAST}"),
    ("name", "contains", f"{LAST}, {FIRST}".upper()),
    ("name", "eq", "Gra\u0308celyn Ho\u0308pperstro\u0308m"),
    ("custom_fields.full", "eq", f"Dr. {FIRST} {LAST} (Berlin)"),
    ("custom_fields.listed", "any_of", ["x", f"{FIRST} {LAST}"]),
)
# What names others.
OTHERS: tuple[tuple[str, str, Any], ...] = (
    ("email", "contains", "@navyfilters.example"),
    ("phone", "eq", "+49 30 5550143"),
    ("last_name", "eq", LAST),
    ("name", "contains", "Grace"),
    ("lead_score", "gt", 142),
)


def condition(field: str, operator: str, value: Any) -> dict[str, Any]:
    name = "values" if isinstance(value, list) else "value"
    return {"field": field, "operator": operator, name: value}


def texts_of(held: Any) -> list[Any]:
    value = held.get("values", held.get("value"))
    return value if isinstance(value, list) else [value]


@pytest.fixture
def person(owner: Client) -> str:
    """A contact who had another e-mail address once."""
    body = {"first_name": FIRST, "last_name": LAST, "phone": "+49305550142"}
    made = owner.create("/contacts", {**body, "email": FORMER})["id"]
    assert owner.patch(f"/contacts/{made}", {"email": EMAIL}).status == 200
    return f"/contacts/{made}"


COUNT = {"measures": [{"op": "count", "as": "n"}]}


def report(client: Client, filters: list[Any]) -> str:
    """Makes a report with some filters, and returns its id."""
    body = {"name": "R", "resource": "contacts", "chart": "table"}
    aggregate = {"filters": filters, **COUNT}
    given = {**body, "aggregate": aggregate, "visibility": "tenant"}
    return str(client.create("/reports", given)["id"])


def filters_of(client: Client, report_id: str) -> Any:
    return client.get(f"/reports/{report_id}").json["aggregate"]["filters"]


def test_no_report_names_an_erased_person(owner: Client, person: str) -> None:
    naming = [condition(*each) for each in NAMING]
    others = [condition(*each) for each in OTHERS]
    reports = [report(owner, [each]) for each in naming]
    kept = report(owner, others)
    nested = {"not": {"any": [naming[0], {"all": [naming[8], others[0]]}]}}
    deep = report(owner, [nested])
    both = report(owner, [condition("first_name", "eq", FIRST), others[2]])
    renamed = owner.patch(f"/reports/{reports[0]}", {"name": "Of a person"})
    changed = {"aggregate": {"filters": others[:2], **COUNT}}
    assert owner.patch(f"/reports/{reports[1]}", changed).status == 200
    erased(owner, person)
    for index, report_id in enumerate(reports):
        if index != 1:
            (left,) = filters_of(owner, report_id)
            assert GONE in texts_of(left), (NAMING[index], left)
            assert left["field"] == NAMING[index][0]
        history = owner.post(f"/reports/{report_id}/history", {"limit": 100})
        assert is_without(history.body), NAMING[index]
        run = owner.post(f"/reports/{report_id}/run", {})
        assert run.status == 200, (NAMING[index], run.body)
    one_of = texts_of(filters_of(owner, reports[5])[0])
    assert one_of == ["other@x.example", GONE]
    assert filters_of(owner, kept) == others
    inside = filters_of(owner, deep)[0]["not"]["any"]
    assert inside[0]["value"] == inside[1]["all"][0]["value"] == GONE
    assert inside[1]["all"][1] == others[0]
    assert [each["value"] for each in filters_of(owner, both)] == [GONE, GONE]
    got = owner.get(f"/reports/{reports[0]}")
    assert got.headers["etag"] != renamed.headers["etag"]


def test_no_webhook_export_or_default_names_an_erased_person(
    owner: Client, person: str
) -> None:
    naming = [condition(*each) for each in NAMING]
    given = webhook(types=["contact.updated"], filters=naming)
    hook = owner.create("/webhooks", given)["id"]
    body = {"resource": "contacts", "filters": naming[:8], "format": "ndjson"}
    export = owner.create("/exports", body)
    owner.post(f"/jobs/{export['job_id']}/wait", {"wait_seconds": 20})
    waiting = [
        begun(owner, defaults={"phone": value})
        for _, _, value in NAMING[8:12]
        if isinstance(value, str)
    ]
    erased(owner, person)
    assert is_without(owner.get(f"/webhooks/{hook}").body)
    assert is_without(owner.get(f"/exports/{export['id']}").body)
    for each in waiting:
        assert owner.get(f"/imports/{each}").json["defaults"] is None


def is_without(body: bytes) -> bool:
    told = body.decode().casefold()
    return not any(
        each in told for each in ("grace@navy", "grace.before", "5550142", "öpperstr")
    )


@pytest.mark.parametrize("naming", NAMING, ids=str)
def test_each_spelling_is_found(naming: tuple[str, str, Any]) -> None:
    persons = [
        person_of(EMAIL, "+49305550142", (FIRST, LAST)),
        person_of(FORMER, "", ("", "")),
    ]
    held = {"filters": [condition(*naming)], "measures": []}
    assert forgotten(held, persons) != held


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_others_stay(other: tuple[str, str, Any]) -> None:
    persons = [person_of(EMAIL, "+49305550142", (FIRST, LAST))]
    held = [{"any": [condition(*other)]}]
    assert forgotten(held, persons) == held


def test_a_short_name_or_number_names_nobody_in_longer_ones() -> None:
    persons = [person_of("", "112", ("Al", "Ma"))]
    held = [condition("city", "eq", "Alabama"), condition("lead_score", "eq", 1120)]
    assert forgotten(held, persons) == held
    held = [condition("name", "eq", "Al Ma"), condition("phone", "eq", "112")]
    assert [each["value"] for each in forgotten(held, persons)] == [GONE, GONE]


def test_digits_in_dates_numbers_and_ids_name_nobody(owner: Client) -> None:
    others = [
        condition("value", "gte", 10000000),
        condition("created_at", "gte", "2026-01-01T00:00:00Z"),
        condition("custom_fields.budget", "lt", 10000000),
        condition("custom_fields.since", "eq", "2026-01-01"),
    ]
    given = webhook(types=["deal.updated"], filters=others)
    hook = owner.create("/webhooks", given)["id"]
    for phone in ("+49 10000000", "+4920260101"):
        made = owner.create("/contacts", {"first_name": "P", "phone": phone})
        erased(owner, f"/contacts/{made['id']}")
    left = owner.get(f"/webhooks/{hook}").json
    assert (left["filters"], left["active"]) == (others, True)


@pytest.mark.parametrize(
    ("one", "is_active"),
    [
        (condition("email", "eq", EMAIL), True),
        (condition("email", "in", ["other@x.example", EMAIL]), True),
        (condition("email", "neq", EMAIL), False),
        (condition("email", "not_in", [EMAIL]), False),
        (condition("phone", "not_contains", "5550142"), False),
        ({"not": condition("email", "eq", EMAIL)}, False),
        ({"not": {"not": condition("email", "eq", EMAIL)}}, True),
        ({"not": condition("email", "neq", EMAIL)}, True),
    ],
    ids=str,
)
def test_a_webhook_never_sends_more_than_before(
    owner: Client, person: str, one: Any, is_active: bool
) -> None:
    given = webhook(types=["contact.updated"], filters=[one])
    hook = owner.create("/webhooks", given)["id"]
    erased(owner, person)
    left = owner.get(f"/webhooks/{hook}").json
    assert left["active"] is is_active
    assert left.get("disabled_reason") == (None if is_active else "erasure")


def test_a_webhook_that_an_erasure_ends_is_told_of_as_any_other(
    owner: Client, person: str
) -> None:
    without = condition("email", "neq", EMAIL)
    given = webhook(types=["contact.updated"], filters=[without])
    hook = owner.create("/webhooks", given)
    place = f"/webhooks/{hook['id']}"
    kept = owner.create("/webhooks", webhook(types=["deal.won"]))
    reader = Reader(owner, types=["webhook.disabled"])
    erased(owner, person)
    left = owner.get(place).json
    assert (left["active"], left["disabled_reason"]) == (False, "erasure")
    assert left["filters"][0]["value"] == GONE
    assert owner.get(f"/webhooks/{kept['id']}").json["active"] is True

    told = [e for e in owner.search("/audit")["data"] if e["target"] == hook["id"]]
    assert [each["event"] for each in told] == ["webhook_disabled", "webhook_created"]
    assert told[0]["user_id"] == told[1]["user_id"], "who erased did it"
    (change,) = reader.read()
    assert change["record"]["id"] == hook["id"]
    history = owner.post(f"{place}/history", {"limit": 100})
    assert is_without(history.body)

    again = owner.post("/webhooks", {**given, "filters": []})
    assert again.status in (200, 201)
    assert again.json["active"] is False, "who makes it again has not looked at it"
    on = owner.patch(place, {"filters": [], "active": True}).json
    assert (on["active"], on["disabled_reason"]) == (True, None)
