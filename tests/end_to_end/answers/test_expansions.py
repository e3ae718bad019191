"""`expand`: what comes along is what a plain GET of it answers."""

import random
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.associations.associating import associate, company, contact, deal
from tests.end_to_end.associations.associating import define as define_type
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.defining import define
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES, Field, Resource
from tests.world import Tenant


def links(resource: Resource) -> list[Field]:
    """The fields that hold the id of a record with a GET."""
    return [
        field
        for field in resource.fields
        if field.name.endswith("_id") and field.policy.references in RESOURCES
    ]


LEADING = [r for r in RESOURCES.values() if "Create" in r.verbs and links(r)]


def plain(client: Client, field: Field, record_id: str | None) -> Any:
    """What a GET of the record says, None where it says 404 or 403."""
    if record_id is None:
        return None
    answer = client.get(f"{RESOURCES[field.policy.references].path}/{record_id}")
    return answer.json if answer.status == 200 else None


@pytest.mark.parametrize("resource", LEADING, ids=str)
def test_every_link_of_every_record(
    resource: Resource, owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    made = owner.create(resource.path, Maker(owner, tenant.users).full(resource))
    path = f"{resource.path}/{made['id']}"
    roles = ("owner", "member", "viewer")
    clients = [open_client(tenant.tokens[role]) for role in roles]
    for client in clients:
        if client.get(path).status != 200:
            continue  # a member does not see it
        for field in links(resource):
            name = field.name.removesuffix("_id")
            want = plain(client, field, made[field.name])
            got = client.get(f"{path}?fields={field.name}&expand={name}").json
            assert got == {"id": made["id"], field.name: made[field.name], name: want}
            page = client.search(resource.path, ids=[made["id"]], expand=[name])
            (found,) = page["data"]
            assert found == {**client.get(path).json, name: want}


def test_two_steps_and_a_page(owner: Client) -> None:
    dice = random.Random(7)
    firms = [company(owner, f"Firm {n}") for n in range(3)]
    people = [
        contact(owner, f"p{n}", company_id=dice.choice([None, *firms]))
        for n in range(6)
    ]
    for n in range(9):
        deal(owner, f"D{n}", contact_id=dice.choice([None, *people]))
    asked = {"expand": ["contact.company", "owner", "contact"], "fields": ["name"]}
    page = owner.search("/deals", **asked)["data"]
    assert len(page) == 9
    for each in page:
        person = each["contact"]
        assert set(each) == {"id", "name", "contact_id", "contact", "owner_id", "owner"}
        assert (person and person["id"]) == each["contact_id"]
        if person is not None:
            firm = person.pop("company")
            assert person == owner.get(f"/contacts/{person['id']}").json
            assert (firm and firm["id"]) == person["company_id"]
            assert firm is None or firm == owner.get(f"/companies/{firm['id']}").json


def test_what_the_caller_may_not_read_is_null(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    firm = company(owner)
    person = contact(owner, company_id=firm)
    bargain = deal(owner, contact_id=person)
    path = f"/deals/{bargain}?expand=contact.company,associations.deal_contacts,owner"
    assert associate(owner, "deal_contacts", bargain, person).status == 201
    told = open_client(tenant.token(["deal.read"])).get(path).json
    assert told["contact"] is None
    assert told["contact_id"] == person
    assert told["associations"] == {"deal_contacts": None}
    assert told["owner"]["id"] == tenant.users["owner"]
    some = open_client(tenant.token(["deal.read", "contact.read"]))
    told = some.get(path).json
    assert (told["contact"]["id"], told["contact"]["company"]) == (person, None)
    assert owner.delete(f"/contacts/{person}").status == 204
    told = owner.get(path).json
    assert (told["contact_id"], told["contact"]) == (None, None)


def test_what_the_caller_does_not_see_is_null(owner: Client, member: Client) -> None:
    hidden, seen = contact(owner, "a"), contact(owner, "b", owner_id=None)
    bargain = deal(owner, owner_id=None, contact_id=hidden)
    for person in (hidden, seen):
        assert associate(owner, "deal_contacts", bargain, person).status == 201
    asked = ["contact", "associations.deal_contacts"]
    (told,) = member.search("/deals", expand=asked)["data"]
    assert told["contact"] is None
    listed = told["associations"]["deal_contacts"]
    assert [each["id"] for each in listed["data"]] == [seen]
    assert listed["has_more"] is False


def test_expanded_records_are_masked(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    define(owner, "text", object="companies", sensitive=True)
    archived = define(owner, "text", object="companies", key="old")
    values = {"it": "secret", "old": "x", "open": 1}
    firm = company(owner, custom_fields=values)
    person = contact(owner, company_id=firm)
    assert owner.delete(f"/fields/{archived['id']}").status == 204
    other = company(owner, "Mother")
    assert associate(owner, "company_parent", other, firm).status == 201
    manager = open_client(tenant.tokens["manager"])
    want = manager.get(f"/companies/{firm}").json
    assert want["custom_fields"] == {"it": None, "open": 1}
    assert manager.get(f"/contacts/{person}?expand=company").json["company"] == want
    path = f"/companies/{other}?fields=id&expand=associations.company_parent"
    told = manager.get(path).json["associations"]["company_parent"]
    assert told == {"data": [want], "has_more": False}


def test_long_records_come_along_up_to_a_bound(owner: Client) -> None:
    """Contacts with 900 KiB each: those within 8 MiB, and one for each deal."""
    long = {f"part_{n}": ["x" * 2_000] * 50 for n in range(9)}
    bargains = [deal(owner, f"D{n}") for n in range(3)]
    sizes = (6, 5, 1)
    for bargain, size in zip(bargains, sizes, strict=True):
        for n in range(size):
            person = contact(owner, f"p{n}-{bargain[5:]}", custom_fields=long)
            assert associate(owner, "deal_contacts", bargain, person).status == 201
    page = owner.search(
        "/deals", ids=bargains, fields=["id"], expand=["associations.deal_contacts"]
    )["data"]
    told = [each["associations"]["deal_contacts"] for each in page]
    assert [len(each["data"]) for each in told] == [6, 3, 1]
    assert [each["has_more"] for each in told] == [False, True, False]
    assert told[2]["data"][0] == owner.get(f"/contacts/{told[2]['data'][0]['id']}").json


def test_associations_of_every_sort(owner: Client) -> None:
    define_type(owner)
    firm = company(owner)
    people = [contact(owner, f"p{n}", company_id=firm) for n in range(26)]
    bargain = deal(owner, contact_id=people[0], company_id=firm)
    for person in people[:3]:
        assert associate(owner, "works_on", person, bargain).status == 201
    inverse = "associations.contact_company.inverse"
    told = owner.get(f"/companies/{firm}?expand={inverse}").json["associations"]
    listed = told["contact_company.inverse"]
    newest = sorted(people, reverse=True)[:25]
    assert [each["id"] for each in listed["data"]] == newest
    assert listed["has_more"] is True
    assert listed["data"][0] == owner.get(f"/contacts/{newest[0]}").json
    page = owner.search(
        "/contacts",
        ids=people[:4],
        fields=["name"],
        expand=["associations.works_on", "associations.contact_company"],
    )["data"]
    for place, each in enumerate(page):
        works_on = each["associations"]["works_on"]["data"]
        assert [one["id"] for one in works_on] == ([bargain] if place < 3 else [])
        (there,) = each["associations"]["contact_company"]["data"]
        assert there["id"] == firm


def test_custom_records_lead_and_are_led_to(owner: Client, tenant: Tenant) -> None:
    maker = Maker(owner, tenant.users)
    record = maker.create(RESOURCES["record"])
    task = owner.create("/tasks", {"name": "T", "custom_record_id": record["id"]})
    path = f"/tasks/{task['id']}?expand=custom_record.owner"
    told = owner.get(path).json["custom_record"]
    assert told.pop("owner")["id"] == tenant.users["owner"]
    assert told == record
    # Records of an archived object are not there for a while.
    assert owner.delete(f"/objects/{RESOURCES['record'].object}").status == 204
    assert owner.get(path).json["custom_record"] is None


@pytest.mark.parametrize(
    "path",
    [
        *("", "nope", "company_id", "created_by", "company.owner.x", "company."),
        *("company.nope", ".company", "associations", "associations.", "Company"),
        *("associations.nope", "associations.deal_contacts", "x" * 200),
        *("associations.contact_company.name", "owner.owner", "custom_fields.x"),
    ],
)
def test_a_path_to_nothing_is_refused(path: str, owner: Client) -> None:
    answer = owner.post("/contacts/search", {"expand": ["owner", path]})
    assert (answer.status, answer.codes) == (422, {"expand[1]": "invalid_choice"})


def test_an_older_contract_has_them_too(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    contact(owner, company_id=company(owner))
    old = open_client(tenant.tokens["owner"], "2026-06-01")
    page = old.search("/contacts", expand=["company"])
    assert page["meta"]["total"] == 1
    assert page["data"] == owner.search("/contacts", expand=["company"])["data"]
