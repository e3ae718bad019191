"""Merges that cross: no deadlock, no dead end, and nothing leads nowhere."""

from collections.abc import Iterator

import pytest

from tests.client import Answer, Client
from tests.end_to_end.merging.merged import contact, merge
from tests.harness.at_once import at_once, crowd
from tests.rounds import rounds
from tests.world import Tenant

ROUNDS = rounds("MERGE_RACES")
CLIENTS = 6


@pytest.fixture
def clients(tenant: Tenant) -> Iterator[list[Client]]:
    with crowd(tenant, CLIENTS) as opened:
        yield opened


@pytest.mark.usefixtures("no_deadlock")
def test_merges_in_a_circle_with_writes_between(
    owner: Client, clients: list[Client]
) -> None:
    """Each contact is to be merged into the next, while others link to all."""
    for number in range(ROUNDS):
        ids = [contact(owner, f"{number}-{n}") for n in range(3)]

        def act(each: tuple[int, Client], ids: list[str] = ids) -> Answer:
            place, client = each
            one, other = ids[place % 3], ids[(place + 1) % 3]
            if place < 3:
                return client.post(f"/contacts/{one}/merge", {"ids": [other]})
            if place == 3:
                return client.patch(f"/contacts/{one}", {"city": "Rome"})
            return client.post("/notes", {"body": str(place), "contact_id": one})

        answers = at_once(act, list(enumerate(clients)))
        statuses = [each.status for each in answers]
        assert set(statuses[:3]) <= {200, 422}, answers
        assert statuses[:3].count(200) == 2  # the last would merge it into itself
        assert statuses[3:] == [200, 201, 201], answers
        (survivor,) = {owner.get(f"/contacts/{each}").json["id"] for each in ids}
        for each in answers[4:]:
            note = owner.get(f"/notes/{each.json['id']}").json
            assert note["contact_id"] == survivor


@pytest.mark.usefixtures("no_deadlock")
def test_a_record_that_is_deleted_is_merged_or_not(
    owner: Client, clients: list[Client]
) -> None:
    for number in range(ROUNDS):
        one, other = (contact(owner, f"{number}-{n}") for n in "ab")

        def act(each: tuple[int, Client], one: str = one, other: str = other) -> Answer:
            place, client = each
            if place == 0:
                return client.delete(f"/contacts/{other}")
            return client.post(f"/contacts/{one}/merge", {"ids": [other]})

        deleted, merged = at_once(act, list(enumerate(clients[:2])))
        assert (deleted.status, merged.status) in ((204, 422), (409, 200))
        led = owner.get(f"/contacts/{other}")
        assert led.status == (200 if merged.status == 200 else 404)


@pytest.mark.usefixtures("no_deadlock")
def test_one_merge_is_undone_once(owner: Client, clients: list[Client]) -> None:
    for number in range(ROUNDS):
        one, other = (contact(owner, f"{number}-{n}") for n in "ab")
        note = owner.create("/notes", {"body": "Hi", "contact_id": other})["id"]
        made = owner.post(f"/contacts/{one}/merge", {"ids": [other]}).json

        def act(client: Client, one: str = one, what: str = made["merge_id"]) -> Answer:
            return client.post(f"/contacts/{one}/unmerge", {"merge_id": what})

        answers = at_once(act, clients)
        statuses = sorted(each.status for each in answers)
        assert statuses == [200, *[422] * (CLIENTS - 1)], answers
        assert owner.get(f"/notes/{note}").json["contact_id"] == other


def test_a_merged_id_is_found_while_its_merge_is_undone(
    owner: Client, clients: list[Client]
) -> None:
    """It leads to the survivor or to the record that is back, whenever one looks."""
    one, other = contact(owner, "one"), contact(owner, "other")
    merge(owner, one, other)  # by now the callers know that there are merges
    unmerge(owner, one)
    reads = f"/contacts/{other}", f"/contacts/{other}?fields=id"
    owner.get(reads[0])
    for _ in range(ROUNDS):
        merge(owner, one, other)

        def act(place: tuple[int, Client]) -> list[Answer]:
            number, client = place
            if number == 0:
                return [unmerge(client, one)]
            return [client.get(reads[number % 2]) for _ in range(8)]

        for answers in at_once(act, list(enumerate(clients))):
            assert [each.status for each in answers] == [200] * len(answers)


def unmerge(client: Client, survivor: str) -> Answer:
    """Undoes the last merge."""
    (last,) = client.search("/merges", limit=1)["data"]
    return client.post(f"/contacts/{survivor}/unmerge", {"merge_id": last["id"]})
