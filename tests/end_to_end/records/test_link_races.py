"""Links and deletions at the same instant: no link to nothing, and no deadlock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests import stacks
from tests.client import Answer, Client
from tests.end_to_end.scene import PATHS, dangling, linked_records, many_activities
from tests.harness.at_once import at_once, crowd
from tests.harness.programs.faulty_program import program
from tests.rounds import rounds
from tests.world import Tenant, new_tenant

pytestmark = pytest.mark.usefixtures("no_deadlock")

ROUNDS = rounds("LINK_RACES")
WON_AND_LOST = {200, 201, 422}  # a link was changed, made, or came too late

Act = Callable[[Client], Answer]


@dataclass(frozen=True, slots=True)
class Late:
    """Acts after so many looks at a record, so that races end now so, now so."""

    act: Act
    path: str
    looks: int

    def __call__(self, client: Client) -> Answer:
        for _ in range(self.looks):
            client.get(self.path)
        return self.act(client)


@pytest.fixture
def clients(tenant: Tenant) -> Iterator[list[Client]]:
    """Eight clients of the owner, with connections that are open."""
    with crowd(tenant, 8) as opened:
        yield opened


def answered(answers: list[Answer], *statuses: int) -> None:
    wrong = [(a.status, a.body) for a in answers if a.status not in statuses]
    assert not wrong, wrong


def all_at_once(acts: list[Act], clients: list[Client]) -> list[Answer]:
    pairs = list(zip(acts, clients, strict=True))
    return at_once(lambda pair: pair[0](pair[1]), pairs)


def linked_at_once(clients: list[Client], column: str, looks: int) -> list[Answer]:
    """Deletes a record while others link to it, by new records and by old ones."""
    here, old = linked_records(clients[0])[column], linked_records(clients[0])
    del old[column]
    path, link = f"{PATHS[column]}/{here}", {column: here}
    note = f"/notes/{clients[0].create('/notes', {'body': 'old', **old})['id']}"
    task = f"/tasks/{clients[0].create('/tasks', {'name': 'old', **old})['id']}"
    acts: list[Act] = [
        lambda c: c.post("/notes", {"body": "new", **link}),
        lambda c: c.post("/tasks", {"name": "new", **link}),
        lambda c: c.post("/activities", {"type": "call", **link}),
        lambda c: c.patch(note, link),
        lambda c: c.patch(task, link),
        lambda c: c.post("/notes", {"body": "both", **old, **link}),
        lambda c: c.post("/activities", {"type": "call", **old, **link}),
    ]
    late: list[Act] = [Late(act, path, looks) for act in acts]
    gone, *made = all_at_once([lambda c: c.delete(path), *late], clients)
    answered([gone], 204)
    answered(made, 200, 201, 422)
    return made


def race(tenant: Tenant, clients: list[Client], column: str) -> None:
    outcomes, number = set[int](), 0
    # On a busy machine some rounds more, until each side has won one.
    while number < ROUNDS or (outcomes != WON_AND_LOST and number < 5 * ROUNDS):
        answers = linked_at_once(clients, column, number % 4)
        outcomes |= {answer.status for answer in answers}
        number += 1
    assert outcomes == WON_AND_LOST, "it was no race"
    assert dangling(tenant) == [], "a link leads to nothing"


@pytest.mark.parametrize("column", PATHS)
def test_what_is_linked_as_its_record_is_deleted_never_points_to_nothing(
    tenant: Tenant, clients: list[Client], column: str
) -> None:
    race(tenant, clients, column)


def test_that_race_is_lost_where_references_are_not_locked(database_url: str) -> None:
    faulty = program("reference_unlocked")
    with stacks.running("together", database_url, program=faulty) as stack:
        tenant = new_tenant(stack)
        with (
            crowd(tenant, 8) as clients,
            pytest.raises(AssertionError, match="leads to nothing"),
        ):
            race(tenant, clients, "company_id")


def test_records_that_know_each_other_are_deleted_at_once(
    tenant: Tenant, clients: list[Client]
) -> None:
    for _ in range(ROUNDS):
        links = linked_records(clients[0])
        note = {"body": "x", **links}
        notes = [f"/notes/{clients[0].create('/notes', note)['id']}" for _ in range(4)]
        doomed = [f"{PATHS[column]}/{each}" for column, each in links.items()]
        pairs = list(zip(clients, [*doomed, *notes], strict=True))
        answers = at_once(lambda pair: pair[0].delete(pair[1]), pairs)
        answered(answers[: len(doomed)], 204)
        answered(answers[len(doomed) :], 204, 404)
        assert {clients[0].get(path).status for path in notes} == {404}
    assert dangling(tenant) == []


def written_at_once(clients: list[Client]) -> list[Answer]:
    """Deletes some records while others that know them are written."""
    links, other = linked_records(clients[0]), linked_records(clients[0])["deal_id"]
    pair = {name: links[name] for name in ("contact_id", "company_id")}
    contact = f"/contacts/{links['contact_id']}"
    acts: list[Act] = [
        lambda c: c.delete(f"/companies/{links['company_id']}"),
        lambda c: c.post("/activities", {"type": "call", **links}),
        lambda c: c.post("/deals", {"name": "New", **pair}),
        lambda c: c.patch(f"/deals/{other}", pair),
        lambda c: c.post("/notes", {"body": "new", **links}),
        lambda c: c.patch(contact, {"city": "Rome"}),
        lambda c: c.delete(f"/deals/{links['deal_id']}"),
        lambda c: c.patch(contact, {"tags": ["a"]}),
    ]
    return all_at_once(acts, clients)


def test_whoever_locks_several_records_does_so_in_one_order(
    tenant: Tenant, clients: list[Client]
) -> None:
    for _ in range(ROUNDS):
        answered(written_at_once(clients), 200, 201, 204, 422)
    assert dangling(tenant) == []


def test_records_with_much_in_common_are_deleted_at_once(
    tenant: Tenant, clients: list[Client]
) -> None:
    for _ in range(3):
        links = linked_records(clients[0])
        many_activities(tenant, links, 2_000)
        doomed = [f"{PATHS[column]}/{each}" for column, each in links.items()]
        answers = at_once(
            lambda pair: pair[0].delete(pair[1]),
            list(zip(clients, doomed, strict=False)),
        )
        assert [answer.status for answer in answers] == [204] * len(doomed)
    assert clients[0].search("/activities")["data"] == []
    assert dangling(tenant) == []
