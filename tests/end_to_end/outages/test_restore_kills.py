"""A program that is killed while it restores: all of a restoration is done, or nothing.

Each restoration is repeated with its key until it is answered.
"""

import http.client
import random
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field

from tests import stacks
from tests.client import Client
from tests.rounds import rounds
from tests.world import Tenant, new_tenant

CLIENTS, EACH = 4, 8
ENV = {"PROSPECTCONNECT_LOG_REQUESTS": "false", **stacks.UNLIMITED}


@dataclass(slots=True)
class Firm:
    """A deleted company, with the ids of a contact and of a note that it had."""

    company: str
    contact: str
    note: str
    answer: bytes = b""
    sent: int = 0


@dataclass(slots=True)
class Restorer:
    """One client, and the companies that it has to restore."""

    firms: list[Firm]
    done: list[Firm] = field(default_factory=list)

    def work(self, client: Client, acks: threading.Semaphore) -> None:
        """Restores one after the other, until all are or the program is killed."""
        with closing(client), suppress(OSError, http.client.HTTPException):
            while self.firms:
                firm = self.firms[-1]
                firm.sent += 1
                at = f"/companies/{firm.company}/restore"
                answer = client.post(at, {}, idempotency_key=firm.company)
                assert answer.status == 200, answer.body
                firm.answer = answer.body
                self.done.append(self.firms.pop())
                acks.release()


def ended(client: Client) -> Firm:
    """Makes a company with a contact and a note, and deletes it."""
    company = client.create("/companies", {"name": "Engines"})["id"]
    link = {"company_id": company}
    contact = client.create("/contacts", {"email": "a@x.example", **link})["id"]
    note = client.create("/notes", {"body": "alone", **link})["id"]
    assert client.delete(f"/companies/{company}").status == 204
    return Firm(company, contact, note)


def served(url: str) -> stacks.Process:
    arguments = ("serve", "--no-demo", "--database-url", url)
    ports = ("--http-port", "0", "--grpc-port", "0")
    return stacks.start(*arguments, *ports, env=ENV)


def killed_amid(
    url: str, tenant: Tenant, restorers: list[Restorer], acknowledged: int
) -> None:
    """Serves the restorers, and kills the program once so many are acknowledged."""
    process, acks = served(url), threading.Semaphore(0)
    clients = [Client(process.http, tenant.tokens["owner"]) for _ in restorers]
    with ThreadPoolExecutor(len(restorers)) as threads:
        pairs = zip(restorers, clients, strict=True)
        working = [threads.submit(one.work, client, acks) for one, client in pairs]
        for _ in range(acknowledged):
            assert acks.acquire(timeout=60)
        with process.handle:
            process.handle.send_signal(signal.SIGKILL)
            process.handle.wait(60)
    for each in working:
        each.result()


def check(client: Client, firm: Firm) -> None:
    """All of it is back, once."""
    at = f"/companies/{firm.company}"
    read = client.get(at)
    assert (read.status, read.headers["etag"], read.body) == (200, '"3"', firm.answer)
    for path in (f"/contacts/{firm.contact}", f"/notes/{firm.note}"):
        found = client.get(path)
        assert found.json["company_id"] == firm.company
        assert found.headers["etag"] == '"3"'
    own = {"field": "company_id", "operator": "eq", "value": firm.company}
    events = client.pages("/activities", filters=[own])
    told = [each["metadata"]["event"] for each in events]
    assert sorted(told) == ["created", "note_added", "restored"]


def test_a_restoration_is_done_once_or_not_at_all(
    migrated_database: Callable[[str], str],
) -> None:
    url, draws = migrated_database("restored"), random.Random(7)
    with stacks.running("together", url) as stack:
        tenant = new_tenant(stack)
        with closing(tenant.client()) as owner:
            kills = rounds("RESTORE_KILLS")
            restorers = [
                Restorer([ended(owner) for _ in range(EACH * kills)])
                for _ in range(CLIENTS)
            ]
    for _ in range(kills):
        killed_amid(url, tenant, restorers, draws.randint(CLIENTS, 3 * CLIENTS))
    with stacks.running("together", url) as stack:
        for each in restorers:
            each.work(Client(stack.http, tenant.tokens["owner"]), threading.Semaphore())
        with closing(Client(stack.http, tenant.tokens["owner"])) as client:
            firms = [firm for each in restorers for firm in each.done]
            for firm in firms:
                check(client, firm)
    assert len(firms) == CLIENTS * EACH * kills
    assert any(firm.sent > 1 for firm in firms), "no kill hit a restoration"
