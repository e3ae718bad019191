"""Writes and an erasure at the same instant: each is seen by it, or comes too late."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import asyncpg
import pytest

from tests.client import Answer, Client
from tests.end_to_end.erasure.planted import Person
from tests.end_to_end.erasure.traces import traces
from tests.harness.at_once import at_once, crowd
from tests.harness.database.row_lock import held, until
from tests.rounds import rounds
from tests.world import Tenant

ROUNDS = rounds("ERASURE_RACES")
WHY = {"reason": "Asked for it."}
ALLOWED = {200, 201, 207, 404, 410, 422}

Act = Callable[[Client], Answer]


@pytest.fixture
def clients(tenant: Tenant) -> Iterator[list[Client]]:
    """Ten clients of the owner, with connections that are open."""
    with crowd(tenant, 10) as opened:
        yield opened


def small(client: Client) -> Person:
    """A person with a name, a note of their own, and a shared one."""
    person = Person(client)
    made = person.post("/contacts", {"email": f"{person.word()}@x.example"})
    person.path = f"/contacts/{made['id']}"
    person.company = client.create("/companies", {"name": "Acme"})["id"]
    links = {"contact_id": made["id"]}
    note = person.post("/notes", {"body": person.word(), **links})
    person.alone["/notes"] = note["id"]
    links |= {"company_id": person.company}
    shared = person.post("/notes", {"body": person.word(), **links})
    person.shared["/notes"] = shared["id"]
    return person


def writes(person: Person) -> list[Act]:
    """Requests that store values of the person, by each way that stores some."""
    path, here, word = person.path, {"contact_id": person.id}, person.word
    get = {"method": "get", "resource": "contacts", "id": person.id}
    unchanged = {"id": person.id, "lead_score": 0}
    note = {"method": "create", "resource": "notes", "body": {"body": word(), **here}}
    alone = f"/notes/{person.alone['/notes']}"

    def keyed(where: str, body: object) -> Act:
        key = secrets.token_hex(8)
        return lambda client: client.post(where, body, idempotency_key=key)

    city, text = {"city": word()}, {"body": word()}
    return [
        lambda client: client.patch(path, city),
        lambda client: client.patch(alone, text),
        keyed("/contacts/upsert", {"id": person.id, "city": word()}),
        keyed("/contacts/upsert", unchanged),
        keyed(f"{alone}/unpin", None),
        keyed("/notes", {"body": word(), **here}),
        keyed("/activities", {"type": "call", "body": word(), **here}),
        keyed("/batch", {"operations": [get, get]}),
        keyed("/batch", {"operations": [get, note]}),
    ]


def looked_for(tenant: Tenant, words: list[str]) -> set[str]:
    async def look() -> set[str]:
        link = await asyncpg.connect(tenant.stack.database_url)
        try:
            async with link.transaction():
                return await traces(link, words)
        finally:
            await link.close()

    return asyncio.run(look())


def race(tenant: Tenant, clients: list[Client]) -> None:
    """Erases people while others write about them, earlier and later in each round."""
    words = list[str]()
    for number in range(ROUNDS):
        person, place = small(clients[0]), number % len(clients)
        acts = writes(person)
        acts.insert(place, partial(erase_late, path=person.path, looks=number % 8))
        pairs = list(zip(acts, clients, strict=True))
        answers = at_once(lambda pair: pair[0](pair[1]), pairs)
        wrong = [(a.status, a.body) for a in answers if a.status not in ALLOWED]
        assert not wrong, wrong
        assert answers[place].status == 200
        words += person.words
    assert looked_for(tenant, words) == set()


def erase_late(client: Client, path: str, looks: int) -> Answer:
    """Erases after so many looks, so that races end now so, now so."""
    for _ in range(looks):
        client.get("/me")
    return client.post(f"{path}/erase", WHY | {"include_shared": True})


@pytest.mark.usefixtures("no_deadlock")
def test_no_write_slips_past_an_erasure(tenant: Tenant, clients: list[Client]) -> None:
    race(tenant, clients)


@pytest.mark.usefixtures("no_deadlock")
def test_of_two_erasures_at_once_one_is_told_that_it_was_done(
    clients: list[Client],
) -> None:
    for _ in range(ROUNDS):
        path = f"{small(clients[0]).path}/erase"
        key = {"idempotency_key": secrets.token_hex(8)}

        def erase(
            pair: tuple[Client, int], path: str = path, key: dict[str, str] = key
        ) -> Answer:
            client, number = pair
            return client.post(path, WHY, **(key if number >= 4 else {}))

        answers = at_once(erase, list(zip(clients, range(10), strict=True)))
        first = [a for a in answers if "idempotent-replayed" not in a.headers]
        assert [a.status for a in first if a.status == 200] == [200]
        assert {a.status for a in answers} <= {200, 410}
        assert len({a.status for a in answers[4:]}) == 1


EMAIL = {"email": "ada@engine.example"}
HOLD = "SELECT FROM contacts WHERE business_id = $1 AND id = $2 FOR UPDATE"


@pytest.mark.parametrize("way", ["unchanged", "tags", "gets", "upsert"])
def test_an_answer_is_stored_only_while_its_contact_cannot_be_erased(
    way: str, tenant: Tenant, owner: Client
) -> None:
    """An erasure holds the contact until it has looked through all stored answers."""
    record = owner.create("/contacts", {**EMAIL, "tags": ["x"]})
    get = {"method": "get", "resource": "contacts", "id": record["id"]}
    upsert = {"method": "upsert", "resource": "contacts"}
    path, body = {
        "unchanged": ("/contacts/upsert", {"id": record["id"], "tags": ["x"]}),
        "tags": (f"/contacts/{record['id']}/tags", {"tags": ["X"]}),
        "gets": ("/batch", {"operations": [get, get]}),
        "upsert": ("/batch", {"operations": [upsert | {"body": EMAIL}]}),
    }[way]
    key = {"idempotency_key": "one"}
    here = tenant.business_id, record["id"]
    with (
        held(tenant.stack.database_url, HOLD, *here) as lock,
        ThreadPoolExecutor(1) as thread,
    ):
        answer = thread.submit(owner.post, path, body, **key)
        until(lambda: lock.waiting() == 1)
        lock.release()
        assert answer.result().status == 200
    assert owner.post(path, body, **key).headers["idempotent-replayed"] == "true"


def merged(client: Client, own: Person, lent: Person) -> str:
    """Merges one small person into another; the merge's id."""
    body = {"ids": [lent.id]}
    answer = client.post(f"{own.path}/merge", body)
    assert answer.status == 200, answer.body
    return str(answer.json["merge_id"])


@pytest.mark.usefixtures("no_deadlock")
@pytest.mark.parametrize("subject", ["lent", "own"])
def test_an_erasure_finds_its_person_before_or_after_an_unmerge(
    tenant: Tenant, clients: list[Client], subject: str
) -> None:
    """It comes first and takes both, who are one; or last, and takes one of two."""
    gone = list[str]()
    for number in range(ROUNDS):
        own, lent = small(clients[0]), small(clients[0])
        clients[0].patch(lent.path, {"city": lent.word(), "tags": [lent.word()]})
        undo = {"merge_id": merged(clients[0], own, lent)}
        clients[0].patch(own.path, {"job_title": own.word()})
        path = {"lent": lent.path, "own": own.path}[subject]
        acts: list[Act] = [
            partial(erase_late, path=path, looks=number % 4),
            partial(unmerge_late, path=own.path, body=undo, looks=(number // 2) % 4),
        ]
        pairs = list(zip(acts, clients, strict=False))
        erased, undone = at_once(lambda pair: pair[0](pair[1]), pairs)
        assert erased.status == 200, erased.body
        assert undone.status in (200, 404, 410, 422), undone.body
        both = (own, lent) if undone.status != 200 else ()
        for each in both or ((own,) if subject == "own" else (lent,)):
            gone += each.words
            assert clients[0].get(each.path).status == 410
        if not both:
            other = lent if subject == "own" else own
            assert clients[0].get(other.path).status == 200
    assert looked_for(tenant, gone) == set()


def unmerge_late(client: Client, path: str, body: dict[str, str], looks: int) -> Answer:
    for _ in range(looks):
        client.get("/me")
    return client.post(f"{path}/unmerge", body)
