"""When a contact was last contacted: right with every change of its activities."""

from contextlib import closing
from typing import Any

import pytest

from tests.client import Client, moment
from tests.harness.at_once import at_once, crowd
from tests.world import Tenant

DAYS = tuple(f"2026-06-1{n}T12:00:00Z" for n in range(10))


@pytest.fixture
def contacts(owner: Client) -> list[str]:
    """The ids of two contacts."""
    people = [{"email": f"ada{n}@example.com"} for n in range(2)]
    return [str(owner.create("/contacts", person)["id"]) for person in people]


def last(client: Client, contact: str) -> str | None:
    at: str | None = client.get(f"/contacts/{contact}").json["last_contacted_at"]
    return at


def act(client: Client, contact: str, day: int, **more: Any) -> str:
    """Tells of a call on a day and returns the path of the activity."""
    body = {"type": "call", "contact_id": contact, "occurred_at": DAYS[day], **more}
    return f"/activities/{client.create('/activities', body)['id']}"


@pytest.mark.parametrize("kind", ["email", "call", "meeting"])
def test_it_is_the_latest_of_all(owner: Client, contacts: list[str], kind: str) -> None:
    assert last(owner, contacts[0]) is None
    for day, expected in ((3, 3), (1, 3), (5, 5), (4, 5)):
        act(owner, contacts[0], day, type=kind)
        assert last(owner, contacts[0]) == DAYS[expected]
    assert last(owner, contacts[1]) is None


def test_the_contact_has_changed_with_it(owner: Client, contacts: list[str]) -> None:
    path = f"/contacts/{contacts[0]}"
    before = owner.get(path)
    act(owner, contacts[0], 1)
    after = owner.get(path)
    assert after.headers["etag"] != before.headers["etag"]
    changed = {k for k in after.json if after.json[k] != before.json[k]}
    assert changed == {"last_contacted_at", "updated_at"}
    assert moment(after.json["updated_at"]) > moment(before.json["updated_at"])
    act(owner, contacts[0], 0)
    assert owner.get(path).body == after.body
    assert owner.get(path).headers["etag"] == after.headers["etag"]


def test_it_follows_every_change_of_an_activity(
    owner: Client, contacts: list[str]
) -> None:
    first, second = contacts
    company = owner.create("/companies", {"name": "Acme"})["id"]
    act(owner, first, 1)
    path = act(owner, first, 5, company_id=company)
    for change, expected in (
        ({"occurred_at": DAYS[7]}, (7, None)),
        ({"occurred_at": DAYS[0]}, (1, None)),
        ({"occurred_at": DAYS[4], "type": "email"}, (4, None)),
        ({"contact_id": second}, (1, 4)),
        ({"contact_id": None}, (1, None)),
        ({"contact_id": second, "occurred_at": DAYS[9]}, (1, 9)),
        ({"contact_id": first}, (9, None)),
        ({"subject": "x"}, (9, None)),
    ):
        assert owner.patch(path, change).status == 200
        found = tuple(last(owner, contact) for contact in contacts)
        assert found == tuple(None if n is None else DAYS[n] for n in expected), change
    assert owner.delete(path).status == 204
    assert last(owner, first) == DAYS[1]


def test_a_change_that_is_refused_leaves_it(owner: Client, contacts: list[str]) -> None:
    path = act(owner, contacts[0], 1)
    later = {"occurred_at": DAYS[5]}
    owner.patch(path, later, if_match='"0"')
    owner.patch(path, later | {"deal_id": "deal_0123456789abcdef01234567"})
    body = {"type": "call", "contact_id": contacts[0], "company_id": "cmp_1", **later}
    assert owner.post("/activities", body).status == 422
    assert last(owner, contacts[0]) == DAYS[1]


def test_what_the_system_tells_is_no_contact(
    owner: Client, contacts: list[str]
) -> None:
    path = f"/contacts/{contacts[0]}"
    owner.patch(path, {"tags": ["VIP"], "owner_id": None})
    note = {"body": "x", "contact_id": contacts[0]}
    owner.create("/notes", note)
    assert last(owner, contacts[0]) is None


def test_contacts_are_ordered_by_it(owner: Client, contacts: list[str]) -> None:
    act(owner, contacts[0], 3)
    third = owner.create("/contacts", {"email": "eve@example.com"})["id"]
    act(owner, third, 4)
    for direction, expected in (
        ("asc", [contacts[0], third, contacts[1]]),
        ("desc", [third, contacts[0], contacts[1]]),
    ):
        order = {"order_by": "last_contacted_at", "sort_direction": direction}
        found = owner.search("/contacts", **order)["data"]
        assert [each["id"] for each in found] == expected


def test_changes_at_once_end_with_the_latest(
    tenant: Tenant, owner: Client, contacts: list[str]
) -> None:
    first, second = contacts
    for _ in range(4):
        paths = [act(owner, first, day) for day in range(10)]

        def change(pair: tuple[Client, int], paths: list[str] = paths) -> int:
            client, n = pair
            if n % 3 == 0:
                return client.delete(paths[n]).status
            if n % 3 == 1:
                return client.patch(paths[n], {"contact_id": second}).status
            return client.patch(paths[n], {"occurred_at": DAYS[9 - n]}).status

        with crowd(tenant, 10) as clients:
            statuses = at_once(change, list(zip(clients, range(10), strict=True)))
        assert set(statuses) <= {200, 204}
        for contact in contacts:
            assert last(owner, contact) == latest(owner, contact)


def latest(client: Client, contact: str) -> str | None:
    """What it must be, from the activities themselves."""
    filters = [
        {"field": "contact_id", "operator": "eq", "value": contact},
        {"field": "type", "operator": "neq", "value": "system"},
    ]
    query = {"filters": filters, "order_by": "occurred_at", "limit": 1}
    found = client.search("/activities", **query)["data"]
    return found[0]["occurred_at"] if found else None


def test_activities_that_come_at_once_are_all_counted(
    tenant: Tenant, owner: Client
) -> None:
    with closing(tenant.client()) as client:
        contact = client.create("/contacts", {"email": "ada@example.com"})["id"]
    with crowd(tenant, 10) as clients:
        pairs = list(zip(clients, range(10), strict=True))
        at_once(lambda pair: act(pair[0], contact, pair[1]), pairs)
    assert last(owner, contact) == DAYS[9]
