"""Associations made and ended at the same instant keep what their type allows."""

from collections.abc import Callable, Iterator

import pytest

from tests.client import Answer, Client
from tests.end_to_end.associations.associating import (
    PATH,
    TYPES,
    associate,
    company,
    contact,
    deal,
    define,
    found,
)
from tests.harness.at_once import at_once, crowd
from tests.rounds import rounds
from tests.world import Tenant

pytestmark = pytest.mark.usefixtures("no_deadlock")

ROUNDS = rounds("ASSOCIATION_RACES")
MANY = 100

Act = Callable[[Client], Answer]


@pytest.fixture
def clients(tenant: Tenant) -> Iterator[list[Client]]:
    """Six clients of the owner, with connections that are open."""
    with crowd(tenant, 6) as opened:
        yield opened


def all_at_once(clients: list[Client], acts: list[Act]) -> list[int]:
    pairs = list(zip(acts, clients, strict=False))
    return [each.status for each in at_once(lambda pair: pair[0](pair[1]), pairs)]


def connect(key: str, from_id: str, to_id: str) -> Act:
    return lambda client: associate(client, key, from_id, to_id)


def test_the_same_association_is_made_once(clients: list[Client]) -> None:
    for n in range(ROUNDS):
        pair = deal(clients[0]), contact(clients[0], f"c{n}")
        act = connect("deal_contacts", *pair)
        statuses = all_at_once(clients, [act] * len(clients))
        assert sorted(statuses) == [200] * 5 + [201]
    assert len(found(clients[0])) == ROUNDS


def test_one_of_each_stays_one(clients: list[Client]) -> None:
    define(clients[0], cardinality="one_to_one")
    for n in range(ROUNDS):
        people = [contact(clients[0], f"c{n}-{m}") for m in range(6)]
        here = deal(clients[0])
        acts = [connect("works_on", each, here) for each in people]
        statuses = all_at_once(clients, acts)
        assert sorted(statuses) == [201] + [422] * 5
    assert len(found(clients[0])) == ROUNDS


def test_of_many_writers_one_gets_a_record(tenant: Tenant) -> None:
    """Each wants the same deal for another contact, which loses nothing by it."""
    with crowd(tenant, MANY) as clients:
        define(clients[0], cardinality="one_to_one")
        names = list(enumerate(clients))
        people = at_once(lambda each: contact(each[1], f"m{each[0]}"), names)
        for _ in range(ROUNDS):
            here = deal(clients[0])
            acts = [connect("works_on", each, here) for each in people]
            statuses = all_at_once(clients, acts)
            assert sorted(statuses) == [201] + [422] * (MANY - 1)
            (made,) = found(clients[0])
            assert clients[0].delete(f"{PATH}/{made['id']}").status == 204


def test_no_circle_of_companies_is_closed(clients: list[Client]) -> None:
    for n in range(ROUNDS):
        ring = [company(clients[0], f"r{n}-{m}") for m in range(6)]
        pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
        acts = [connect("company_parent", *pair) for pair in pairs]
        statuses = all_at_once(clients, acts)
        assert sorted(statuses) == [201] * 5 + [422]


def test_nothing_is_associated_with_a_record_that_is_deleted(
    clients: list[Client],
) -> None:
    for n in range(ROUNDS):
        here = deal(clients[0])
        people = [contact(clients[0], f"d{n}-{m}") for m in range(5)]
        acts = [connect("deal_contacts", here, each) for each in people]
        place = n % 6
        acts.insert(place, lambda client, here=here: client.delete(f"/deals/{here}"))  # type: ignore[misc]  # a lambda with a default
        statuses = all_at_once(clients, acts)
        assert statuses.pop(place) == 204
        assert set(statuses) <= {201, 422}
        assert found(clients[0]) == []


def test_the_first_association_of_a_tenant_is_ended_by_a_deletion_at_once(
    clients: list[Client],
) -> None:
    """The deletion does not know that the tenant has associations."""
    here, ada = deal(clients[0]), contact(clients[0])
    acts = [
        connect("deal_contacts", here, ada),
        lambda client: client.delete(f"/contacts/{ada}"),
    ]
    made, deleted = all_at_once(clients, acts)
    assert (made in (201, 422), deleted) == (True, 204)
    assert found(clients[0]) == []


def test_a_type_that_is_archived_takes_no_association(clients: list[Client]) -> None:
    kind = define(clients[0])
    for n in range(ROUNDS):
        here = deal(clients[0])
        people = [contact(clients[0], f"t{n}-{m}") for m in range(5)]
        acts = [connect("works_on", each, here) for each in people]
        acts.append(lambda client: client.delete(f"{TYPES}/{kind['id']}"))
        statuses = all_at_once(clients, acts)
        assert statuses.pop() == 204
        assert set(statuses) <= {201, 422}
        assert found(clients[0]) == []
        assert clients[0].post(f"{TYPES}/{kind['id']}/restore").status == 200
        there = found(clients[0])
        assert len(there) == statuses.count(201)
        for each in there:
            clients[0].delete(f"{PATH}/{each['id']}")
