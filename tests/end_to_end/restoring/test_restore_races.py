"""Restorations that cross others, deletions and changes: nothing is left half done."""

from collections.abc import Callable, Iterator

import pytest

from tests.client import Answer, Client
from tests.end_to_end.scene import PATHS, dangling, linked_records
from tests.harness.at_once import at_once, crowd
from tests.rounds import rounds
from tests.world import Tenant

ROUNDS = rounds("RESTORE_RACES")

Act = Callable[[Client], Answer]


@pytest.fixture
def clients(tenant: Tenant) -> Iterator[list[Client]]:
    """Eight clients of the owner, with connections that are open."""
    with crowd(tenant, 8) as opened:
        yield opened


def all_at_once(acts: list[Act], clients: list[Client]) -> list[int]:
    pairs = list(zip(acts, clients, strict=True))
    answers = at_once(lambda pair: pair[0](pair[1]), pairs)
    assert all(each.status < 500 for each in answers), [a.body for a in answers]
    return [each.status for each in answers]


def restore(path: str) -> Act:
    return lambda client: client.post(f"{path}/restore")


def delete(path: str) -> Act:
    return lambda client: client.delete(path)


def scene(client: Client) -> tuple[dict[str, str], list[str], list[str]]:
    """Records that know each other: their ids by link, their paths, and their notes."""
    links = linked_records(client)
    notes = [client.create("/notes", {"body": "x", **links})["id"] for _ in range(4)]
    paths = [f"{PATHS[column]}/{each}" for column, each in links.items()]
    return links, paths, [f"/notes/{each}" for each in notes]


def test_restorations_cross_deletions(tenant: Tenant, clients: list[Client]) -> None:
    """PostgreSQL may have to end a deadlock here (ADR 71). No client is told."""
    for number in range(ROUNDS):
        _, paths, notes = scene(clients[0])
        dead = paths[number % len(paths)]
        assert clients[0].delete(dead).status == 204
        others = [each for each in paths if each != dead]
        acts = [
            *(restore(dead), restore(dead)),
            *map(delete, others[:2]),
            *(delete(each) for each in notes[:2]),
            *(lambda c, n=n: c.patch(n, {"body": "new"}) for n in notes[2:]),
        ]
        statuses = all_at_once(acts, clients)
        assert statuses[:2] == [200, 200]
        assert dangling(tenant) == []
        both = [restore(each) for each in (*others[:2], *notes[:2])]
        again = all_at_once(both, clients[: len(both)])
        assert again[: len(others[:2])] == [200] * len(others[:2])
        assert dangling(tenant) == []


@pytest.mark.usefixtures("no_deadlock")
def test_what_is_restored_twice_at_once_is_restored_once(
    tenant: Tenant, clients: list[Client]
) -> None:
    for _ in range(ROUNDS):
        _, paths, _ = scene(clients[0])
        assert clients[0].delete(paths[0]).status == 204
        assert all_at_once([restore(paths[0])] * 8, clients) == [200] * 8
        read = clients[0].get(paths[0])
        assert read.headers["etag"] == '"3"'


@pytest.mark.usefixtures("no_deadlock")
def test_all_are_deleted_and_restored_by_batches(
    tenant: Tenant, clients: list[Client]
) -> None:
    def batch(method: str, paths: list[str]) -> Act:
        operations = [
            {"method": method, "resource": p.split("/")[1], "id": p.split("/")[2]}
            for p in paths
        ]
        return lambda client: client.post("/batch", {"operations": operations})

    for _ in range(ROUNDS):
        _, paths, notes = scene(clients[0])
        plain = [each for each in paths if not each.startswith("/objects")]
        acts = [
            batch(method, order)
            for method in ("delete", "restore")
            for order in (plain, plain[::-1], [*notes, *plain], [*plain, *notes])
        ]
        assert set(all_at_once(acts, clients)) <= {200, 207}
        assert dangling(tenant) == []
