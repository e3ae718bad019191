"""A clock that a killed process was moving is moved on, and each thing happens once."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

from tests import stacks
from tests.client import Client
from tests.end_to_end.merging.test_killed_merges import SERVE
from tests.end_to_end.sandboxes.boxes import inside, make
from tests.end_to_end.sandboxes.test_clock import ALLOWED, ended, moment
from tests.end_to_end.webhooks.receiving import Receiver, receiving
from tests.rounds import rounds
from tests.stacks import Process, Stack
from tests.world import new_tenant

# A killed process may have sent what it has not written: that is sent again.
IN_FLIGHT = 8
CONTACTS = 4


def start(url: str) -> Process:
    return stacks.start(*SERVE, "--database-url", url, env=ALLOWED)


def kill(process: Process) -> None:
    with process.handle:
        process.handle.kill()


def begin(client: Client, hook: str, receiver: Receiver) -> tuple[Any, Any, Any]:
    """A sandbox with deliveries that fail, and the job that moves its clock."""
    sandbox = make(client)
    with inside(client, sandbox) as its:
        given = {"url": receiver.url, "types": ["contact.*"]}
        webhook = its.create("/webhooks", given)
        for number in range(CONTACTS):
            its.create("/contacts", {"email": f"{hook}{number}@a.example"})
        receiver.wait_for(lambda events: len(events) >= CONTACTS)
    answer = client.post(f"/sandboxes/{sandbox['id']}/clock", {"advance": "P10D"})
    assert answer.status == 202, answer.body
    return sandbox, webhook, answer.json


def test_a_killed_move_goes_on_and_does_each_thing_once(
    migrated_database: Callable[[str], str],
) -> None:
    url, kills = migrated_database("killed_clock"), rounds("CLOCK_KILLS")
    with receiving() as receiver:
        receiver.status = 500
        process = start(url)
        tenant = new_tenant(Stack("together", process.http, "", url))
        token = tenant.tokens["owner"]
        with closing(Client(process.http, token)) as client:
            sandbox, webhook, job = begin(client, "k", receiver)
        for round_ in range(1, kills + 1):
            seen = CONTACTS + 5 * round_
            receiver.wait_for(lambda events, seen=seen: len(events) >= seen)  # type: ignore[misc]  # of this round
            kill(process)
            process = start(url)
        with closing(Client(process.http, token)) as client:
            done = ended(client, job)
            assert (done["state"], done["problem"]) == ("succeeded", None)
            its = Client(process.http, sandbox["token"])
            with closing(its):
                told = its.search(f"/webhooks/{webhook['id']}/deliveries")["data"]
        kill(process)
    assert [each["state"] for each in told] == ["given_up"] * CONTACTS
    written = sum(len(each["attempts"]) for each in told)
    assert written <= len(receiver.events) <= written + kills * IN_FLIGHT
    for each in told:
        tried = [moment(attempt["at"]) for attempt in each["attempts"]]
        assert tried == sorted(tried)
        assert len(tried) <= 11
