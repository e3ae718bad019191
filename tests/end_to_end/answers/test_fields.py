"""`fields`: an answer holds what was asked for, and no more."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.client import Client
from tests.end_to_end.http.problem_checks import check_problem
from tests.end_to_end.schema.defining import define
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES, Resource
from tests.world import Tenant

READ_BY_ID = [each for each in RESOURCES.values() if each.by_id]

# These are there only if there is something to tell.
SELDOM = ("masked", "deleted_at", "deleted_by")
# This is there if there is something to tell, or if it was asked for.
ASKED = "merged_ids"


def part(record: dict[str, object], *names: str) -> dict[str, object]:
    return {n: record[n] for n in ("id", *names) if n not in SELDOM or n in record}


@pytest.mark.parametrize("resource", READ_BY_ID, ids=str)
def test_every_field_of_every_record(
    resource: Resource, owner: Client, tenant: Tenant
) -> None:
    maker = Maker(owner, tenant.users)
    if "Create" in resource.verbs:
        record_id = maker.made(resource, maker.full(resource))["id"]
    else:
        record_id = maker.reference(resource.name, 0)
    path = f"{resource.path}/{record_id}"
    whole = owner.get(path)
    names = [f.name for f in resource.fields if not f.policy.shown_once]
    told = ({ASKED: []} if ASKED in names else {}) | whole.json
    for once in {f.name for f in resource.fields} - set(names):
        assert owner.get(f"{path}?fields={once}").status == 400, "nothing reads it"
    for name in names:
        answer = owner.get(f"{path}?fields={name}")
        assert answer.json == part(told, name), name
        assert answer.headers["etag"] == whole.headers["etag"]
    assert owner.get(f"{path}?fields={','.join(names)}").json == told
    found = owner.search(resource.path, ids=[record_id], fields=[names[-1]])
    assert found["data"] == [part(told, names[-1])]
    some = names[1:4]
    page = owner.search(resource.path, fields=some)["data"]
    assert part(whole.json, *some) in page
    assert {frozenset(each) for each in page} == {frozenset({"id", *some})}


def test_keys_of_structs_come_without_the_others(owner: Client) -> None:
    own = {"seats": 5, "plan": "gold", "more": ["a"]}
    ids = {"sap": "1", "hubspot": "2"}
    body = {"email": "a@x.example", "custom_fields": own, "external_ids": ids}
    path = f"/contacts/{owner.create('/contacts', body)['id']}"
    asked = "custom_fields.seats,custom_fields.none,external_ids.sap"
    found = owner.get(f"{path}?fields={asked}").json
    assert found["custom_fields"] == {"seats": 5}
    assert found["external_ids"] == {"sap": "1"}
    both = owner.get(f"{path}?fields=custom_fields.seats,custom_fields").json
    assert both["custom_fields"] == own
    (searched,) = owner.search("/contacts", fields=["custom_fields.more"])["data"]
    assert searched["custom_fields"] == {"more": ["a"]}


def test_pages_may_ask_for_other_fields(owner: Client) -> None:
    for number in range(3):
        owner.create("/companies", {"name": f"Firm {number}"})
    query = {"order_by": "name", "sort_direction": "asc", "limit": 2}
    first = owner.search("/companies", **query, fields=["created_at"])
    cursor = first["meta"]["cursor"]["next"]
    (last,) = owner.search("/companies", **query, cursor=cursor, fields=["name"])[
        "data"
    ]
    assert last == {"id": last["id"], "name": "Firm 2"}


def test_an_order_by_an_own_field_reads_parts_too(owner: Client) -> None:
    define(owner, "integer", key="seats")
    for seats in (2, 1):
        owner.create(
            "/contacts",
            {"email": f"a{seats}@x.example", "custom_fields": {"seats": seats}},
        )
    order = {"order_by": "custom_fields.seats", "sort_direction": "asc"}
    page = owner.search("/contacts", **order, fields=["email"])["data"]
    assert [each["email"] for each in page] == ["a1@x.example", "a2@x.example"]


@pytest.fixture
def manager(tenant: Tenant) -> Iterator[Client]:
    """A client that may do everything with contacts, and nothing with the schema."""
    with closing(tenant.client("manager")) as client:
        yield client


def test_masked_fields_stay_masked(owner: Client, manager: Client) -> None:
    define(owner, "text", sensitive=True)
    body = {"email": "a@x.example", "custom_fields": {"it": "secret", "open": 1}}
    path = f"/contacts/{owner.create('/contacts', body)['id']}"
    names = ["custom_fields.it"]
    hidden = {"custom_fields": {"it": None}, "masked": names}
    whole = manager.get(path).json
    assert manager.get(f"{path}?fields=email").json == part(whole, "email")
    told = manager.get(f"{path}?fields=custom_fields.it").json
    assert told == {"id": whole["id"], **hidden}
    told = manager.get(f"{path}?fields=custom_fields").json
    assert told == part(whole, "custom_fields", "masked")
    told = manager.get(f"{path}?fields=custom_fields.open").json
    assert told["custom_fields"] == {"open": 1}
    (told,) = manager.search("/contacts", fields=["custom_fields.it"])["data"]
    assert told == {"id": whole["id"], **hidden}
    expanded = manager.search("/contacts", fields=["email"], expand=["owner"])
    assert "custom_fields" not in expanded["data"][0]


def test_an_archived_field_is_no_field(owner: Client) -> None:
    field = define(owner, "text")
    body = {"email": "a@x.example", "custom_fields": {"it": "kept"}}
    path = f"/contacts/{owner.create('/contacts', body)['id']}"
    assert owner.delete(f"/fields/{field['id']}").status == 204
    assert owner.get(f"{path}?fields=custom_fields.it").status == 400
    assert owner.get(f"{path}?fields=custom_fields").json["custom_fields"] == {}


@pytest.mark.parametrize(
    "path",
    [
        *("nope", "", "Email", "e mail", "custom_fields.", "custom_fields.Seats"),
        *("email.x", "company.name", "record_id", "etag", "answered_fields", "*"),
        *("custom_fields.a'b", "external_ids.x.y", "metadata.x", "x" * 200),
    ],
)
def test_an_unknown_field_is_refused(path: str, owner: Client) -> None:
    answer = owner.post("/contacts/search", {"fields": ["email", path]})
    assert (answer.status, answer.codes) == (422, {"fields[1]": "invalid_choice"})


def test_a_query_that_names_nothing_is_a_400(owner: Client) -> None:
    path = f"/contacts/{owner.create('/contacts', {'email': 'a@x.example'})['id']}"
    for query in (
        *("fields=nope", "fields=", "fields=id,,email", "fields=%ff", "field=id"),
        *("fields=id&fields=email", "expand=nope", "expand=", "Fields=id", "fields"),
        *("limit=1", "fields=" + ",".join(["id"] * 201), "expand=" + "owner," * 6),
        "fields=%00",
    ):
        check_problem(owner.get(f"{path}?{query}"), 400, "bad-request")
    for query in ("", "&", "fields=id%2Cemail", "fields=id,email&expand=owner"):
        assert owner.get(f"{path}?{query}").status == 200, query
    check_problem(owner.patch(f"{path}?fields=id", {}), 400, "bad-request")
    check_problem(owner.post("/contacts/search?fields=id", {}), 400, "bad-request")


def test_many_fields_are_refused_before_they_cost(owner: Client) -> None:
    answer = owner.post("/contacts/search", {"fields": ["email"] * 9_000})
    assert answer.codes == {"fields": "too_many"}
    answer = owner.post("/contacts/search", {"expand": ["owner"] * 9_000})
    assert answer.codes == {"expand": "too_many"}
    fields = ["email"] * 200
    page = owner.search("/contacts", fields=fields)
    assert page["data"] == []


def test_the_etag_is_that_of_the_record(owner: Client) -> None:
    made = owner.post("/contacts", {"email": "a@x.example"})
    path, tag = f"/contacts/{made.json['id']}", made.headers["etag"]
    had = {"If-None-Match": tag}
    assert owner.get(f"{path}?fields=email", **had).status == 304
    # What comes along may have changed without the record.
    expanded = owner.get(f"{path}?expand=owner", **had)
    assert (expanded.status, expanded.headers["etag"]) == (200, tag)
    assert owner.get(f"{path}?fields=id", **{"If-Match": '"9"'}).status == 412
    assert owner.patch(path, {"city": "Rome"}, **{"If-Match": tag}).status == 200
