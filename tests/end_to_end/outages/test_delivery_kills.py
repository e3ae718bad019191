"""Services, workers and PostgreSQL that are killed while changes are sent to a webhook.

Each change of an acknowledged write arrives, those of a record in their order, and no
more of them twice than were in flight.
"""

import random
import re
import threading
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from tests import stacks
from tests.client import Answer, Client
from tests.end_to_end.webhooks.receiving import Receiver, receiving
from tests.harness.database.own_postgres import OwnPostgres, migrated_postgres
from tests.harness.wire.ports import kept_port
from tests.rounds import rounds
from tests.stacks import Process, Stack
from tests.world import new_tenant

ALLOWED = {"PROSPECTCONNECT_WEBHOOKS_PRIVATE_ADDRESSES": "true"}
AT_ONCE = 8  # requests of a webhook
CHANGES = 4  # of each contact
_PAUSE_SECONDS = 0.05


@dataclass(slots=True)
class Writer:
    """Makes contacts and changes them, each until it is acknowledged."""

    client: Client
    stop: threading.Event = field(default_factory=threading.Event)
    acknowledged: set[tuple[str, int]] = field(default_factory=set)
    faults: list[BaseException] = field(default_factory=list)

    def work(self) -> None:
        try:
            for number in count():
                if self.stop.is_set():
                    return
                body: dict[str, Any] = {"email": f"c{number}@x.example"}
                made = self._until_done("POST", "/contacts", body, f"{number}")
                path = f"/contacts/{made.json['id']}"
                for score in range(1, CHANGES):
                    body = {"lead_score": score}
                    self._until_done("PATCH", path, body, f"{number}-{score}")
        except BaseException as fault:
            self.faults.append(fault)
            raise

    def _until_done(self, method: str, path: str, body: object, key: str) -> Answer:
        while True:
            answer = self.client.send(method, path, body, idempotency_key=key)
            if answer.status in (200, 201):
                version = int(re.sub(r"\D", "", answer.headers["etag"]))
                self.acknowledged.add((answer.json["id"], version))
                return answer
            assert answer.status in (409, 500, 503, 504), answer.body
            threading.Event().wait(_PAUSE_SECONDS)


@dataclass(slots=True)
class Programs:
    """What is killed, and started again."""

    postgres: OwnPostgres
    services: Process
    worker: Process

    def end(self) -> None:
        """Ends what still runs after a failure."""
        for process in (self.services, self.worker):
            process.handle.kill()

    def kill(self, dice: random.Random) -> None:
        """Kills some of them, at least one."""
        kinds = ["services", "worker", "postgres"]
        victims = dice.sample(kinds, dice.randint(1, 3))
        if "services" in victims:
            _kill(self.services)
        if "worker" in victims:
            _kill(self.worker)
        if "postgres" in victims:
            self.postgres.kill()
            self.postgres.start()
        url = self.postgres.url
        if "services" in victims:
            self.services = start_services(url, self.services.grpc.rpartition(":")[2])
        if "worker" in victims:
            self.worker = start_worker(url)


def start_services(url: str, port: str) -> Process:
    database = ("--database-url", url)
    return stacks.start("services", "--grpc-port", port, *database, env=ALLOWED)


def start_worker(url: str) -> Process:
    return stacks.start("worker", "--database-url", url, env=ALLOWED)


def _kill(process: Process) -> None:
    with process.handle:
        process.handle.kill()


def test_no_kill_of_anything_loses_a_change_or_its_order() -> None:
    kills, dice = rounds("DELIVERY_CRASHES"), random.Random(random.randrange(10**9))
    with ExitStack() as running:
        postgres = running.enter_context(migrated_postgres())
        services = start_services(postgres.url, str(kept_port()))
        programs = Programs(postgres, services, start_worker(postgres.url))
        running.callback(programs.end)
        edge = stacks.start("edge", "--http-port", "0", "--services", services.grpc)
        running.callback(edge.handle.kill)
        stack = Stack("split", edge.http, services.grpc, postgres.url)
        owner = running.enter_context(closing(new_tenant(stack).client()))
        receiver = running.enter_context(receiving())
        owner.create("/webhooks", {"url": receiver.url, "types": ["contact.*"]})
        client = Client(edge.http, owner.token)
        writer = Writer(running.enter_context(closing(client)))
        thread = threading.Thread(target=writer.work)
        thread.start()
        for _ in range(kills):
            more = len(receiver.got) + dice.randint(5, 60)
            receiver.wait_for(partial(_are, more))
            programs.kill(dice)
        writer.stop.set()
        thread.join(120)
        assert not writer.faults
        receiver.wait_for(lambda _: writer.acknowledged <= set(versions(receiver)))
        for process in (edge, programs.services, programs.worker):
            assert process.stop() == 0
    _judge(receiver, kills)


def _are(number: int, events: list[Any]) -> bool:
    return len(events) >= number


def versions(receiver: Receiver) -> list[tuple[str, int]]:
    """The records and versions that came, in their order."""
    records = [each["data"]["record"] for each in receiver.events]
    return [(each["id"], int(each["version"])) for each in records]


def _judge(receiver: Receiver, kills: int) -> None:
    came = versions(receiver)
    first = dict.fromkeys(came)
    newest: dict[str, int] = {}
    for record_id, version in first:
        assert version == newest.get(record_id, 0) + 1, "out of its order"
        newest[record_id] = version
    # Two processes at most have had requests in flight at each kill.
    assert len(came) - len(first) <= 2 * AT_ONCE * kills
