"""An export and the changes from its cursor on are a whole copy while others write."""

import random
from threading import Event, Thread
from typing import Any

from tests.client import Client
from tests.end_to_end.exports.exporting import exported, records
from tests.rounds import rounds
from tests.world import Tenant

WRITERS, CONTACTS = 3, 60


def _write(client: Client, seed: int, is_over: Event) -> None:
    """Creates, changes and deletes contacts until it is told to end."""
    drawn, mine = random.Random(seed), list[str]()
    while not is_over.is_set():
        if not mine or drawn.random() < 0.4:
            mine.append(
                client.create("/contacts", {"phone": f"+44 20 {seed:04}"})["id"]
            )
        elif drawn.random() < 0.7:
            changed = {"lead_score": drawn.randrange(100)}
            path = f"/contacts/{drawn.choice(mine)}"
            assert client.patch(path, changed).status == 200
        else:
            gone = mine.pop(drawn.randrange(len(mine)))
            assert client.delete(f"/contacts/{gone}").status == 204
    client.close()


def _follow(client: Client, copy: dict[str, Any], cursor: str) -> None:
    """Applies all changes from the cursor on."""
    asked = {"resources": ["contacts"], "include": ["state"], "limit": 100}
    while True:
        answer = client.post("/changes/read", asked | {"cursor": cursor})
        assert answer.status == 200, answer.body
        page = answer.json
        for change in page["data"]:
            copy[change["record"]["id"]] = change["state"]
        cursor = page["meta"]["cursor"]["next"]
        if not page["meta"]["cursor"]["has_more"] and not page["data"]:
            return


def test_an_export_and_its_changes_are_the_database(
    tenant: Tenant, owner: Client
) -> None:
    for n in range(CONTACTS):
        owner.create("/contacts", {"phone": f"+44 30 {n:04}"})
    for turn in range(rounds("EXPORT_FOLLOWS")):
        is_over = Event()
        writers = [
            Thread(target=_write, args=(tenant.client(), 100 * turn + n, is_over))
            for n in range(WRITERS)
        ]
        for each in writers:
            each.start()
        export = exported(owner)
        is_over.set()
        for each in writers:
            each.join()
        copy = {each["id"]: each for each in records(owner, export)}
        _follow(owner, copy, export["result"]["changes_cursor"])
        found = {each["id"]: each for each in owner.pages("/contacts", limit=100)}
        assert {key: its for key, its in copy.items() if its is not None} == found
