"""Batches that cross: no deadlock reaches a client, and each is done whole."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.client import Answer, Client
from tests.harness.at_once import at_once, crowd
from tests.rounds import rounds
from tests.world import Tenant

ROUNDS = rounds("BATCH_RACES")
CLIENTS = 6


@pytest.fixture
def clients(tenant: Tenant) -> Iterator[list[Client]]:
    with crowd(tenant, CLIENTS) as opened:
        yield opened


def changes(ids: list[str], city: str) -> list[dict[str, Any]]:
    """An update of each contact, and a task for each, in this order."""
    updates = [
        {"method": "update", "resource": "contacts", "id": i, "body": {"city": city}}
        for i in ids
    ]
    tasks = [
        {
            "method": "create",
            "resource": "tasks",
            "body": {"name": city, "contact_id": i},
        }
        for i in ids
    ]
    return [each for pair in zip(updates, tasks, strict=True) for each in pair]


@pytest.mark.usefixtures("no_deadlock")
@pytest.mark.parametrize("atomic", [True, False])
def test_crossing_updates(
    owner: Client, clients: list[Client], *, atomic: bool
) -> None:
    ids = [
        owner.create("/contacts", {"email": f"{n}@race.example"})["id"]
        for n in range(8)
    ]
    for number in range(ROUNDS):

        def change(each: tuple[int, Client], number: int = number) -> Answer:
            place, client = each
            order = ids if place % 2 else ids[::-1]
            operations = changes(order, f"{number}-{place}")
            return client.post("/batch", {"atomic": atomic, "operations": operations})

        answers = at_once(change, list(enumerate(clients)))
        assert [each.status for each in answers] == [200] * CLIENTS
        cities = {owner.get(f"/contacts/{i}").json["city"] for i in ids}
        assert len(cities) == 1  # of the batch that came last
        tasks = [t for t in owner.pages("/tasks") if t["name"] in cities]
        assert len(tasks) == len(ids)


def test_crossing_external_ids(owner: Client, clients: list[Client]) -> None:
    """Two batches that take the same ids in opposite order: one of them has each."""
    for number in range(ROUNDS):
        names = [f"{number}-{n}" for n in range(4)]

        def create(each: tuple[int, Client], names: list[str] = names) -> Answer:
            place, client = each
            order = names if place % 2 else names[::-1]
            operations = [
                {"method": "create", "body": {"name": n, "external_ids": {"erp": n}}}
                for n in order
            ]
            body = {"atomic": True, "operations": operations}
            return client.post("/companies/batch", body)

        answers = at_once(create, list(enumerate(clients)))
        assert sorted(each.status for each in answers) == [200, *(422,) * (CLIENTS - 1)]
        found = [c["name"] for c in owner.pages("/companies") if c["name"] in names]
        assert sorted(found) == sorted(names)


def test_one_key_at_once_is_one_batch(owner: Client, clients: list[Client]) -> None:
    for number in range(ROUNDS):
        operations = [
            {"method": "create", "body": {"email": f"{number}-{n}@key.example"}}
            for n in range(5)
        ]
        operations.append({"method": "create", "body": {"email": "nonsense"}})
        body = {"operations": operations}

        def send(
            client: Client, body: dict[str, Any] = body, key: str = f"k{number}"
        ) -> Answer:
            return client.post("/contacts/batch", body, idempotency_key=key)

        answers = at_once(send, clients)
        assert len({each.body for each in answers}) == 1
        assert answers[0].status == 207
        replayed = ["idempotent-replayed" in each.headers for each in answers]
        assert sorted(replayed) == [False, *(True,) * (CLIENTS - 1)]
    made = [c for c in owner.pages("/contacts") if "@key.example" in c["email"]]
    assert len(made) == 5 * ROUNDS
