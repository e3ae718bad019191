"""Webhooks at receivers that others wrote, behind HAProxy and a private authority.

`standardwebhooks` (npm and Python) and `svix` check each request. Each of the receivers
answers badly once, and is served nevertheless.
"""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import pytest
from standardwebhooks.webhooks import Webhook

from tests import stacks
from tests.client import Client
from tests.foreign.programs import HERE
from tests.foreign.webhooks.proxied import https
from tests.harness.wire.certificates import Authority, new_authority
from tests.world import new_tenant

# How the first attempt ends, by what the receiver does.
FIRST: dict[str, tuple[int | None, str | None]] = {
    "good": (204, None),
    "slow_head": (504, None),
    "dripping_head": (504, None),
    "endless_body": (200, None),
    "redirect": (307, None),
    "reset": (502, None),
    "no_answer": (502, None),
    "rejected": (None, "connection_failed"),
    "gone": (410, None),
    "too_many": (429, None),
    "other_host": (None, "certificate_invalid"),
    "unknown_authority": (None, "certificate_invalid"),
}
# The proxy may break its own connection before its 502 is read.
BROKEN = {"reset": (None, "connection_failed")}
# Those whose second attempt is waited for: it follows after about five seconds.
AGAIN = ("slow_head", "dripping_head", "redirect", "reset", "no_answer")
ONCE = ("good", "endless_body", "gone", "too_many")


@dataclass(slots=True)
class Told:
    """What the receiver says of its requests, in their order."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def listen(self, lines: IO[str], ready: threading.Event) -> None:
        for line in lines:
            said = json.loads(line)
            if "ready" in said:
                ready.set()
                continue
            with self.came:
                self.requests.append(said)
                self.came.notify_all()
        ready.set()  # also if it has ended before it was ready, so that nobody waits

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        with self.came:
            assert self.came.wait_for(is_so, 120), self.requests

    def of(self, way: str) -> list[dict[str, Any]]:
        return [each for each in self.requests if each["way"] == way]


@contextmanager
def receiver(at: Path, secrets: dict[str, str]) -> Iterator[Told]:
    """Runs the receiver on a socket, with the secret of each way."""
    told, ready = Told(), threading.Event()
    given = json.dumps({"socket": str(at), "secrets": secrets})
    process = subprocess.Popen(
        ["node", "webhooks/receiver.mjs", given],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        reader = threading.Thread(target=told.listen, args=(process.stdout, ready))
        reader.start()
        try:
            assert ready.wait(60)
            assert process.poll() is None, "it did not start; its output says why"
            yield told
        finally:
            process.stdin.close()
            process.wait(60)
            reader.join(60)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def owner(
    authority: Authority, migrated_database: Callable[[str], str]
) -> Iterator[Client]:
    """The owner of a tenant where the operator trusts the authority."""
    trusting = {
        "PROSPECTCONNECT_WEBHOOKS_PRIVATE_ADDRESSES": "true",
        "SSL_CERT_FILE": str(authority.own.certificate),
    }
    url = migrated_database("foreign_webhooks")
    with stacks.running("together", url, trusting) as stack:
        client = new_tenant(stack).client()
        yield client
        client.close()


@pytest.mark.node
@pytest.mark.needs_program("haproxy")
@pytest.mark.needs_program("openssl")
def test_receivers_that_others_wrote_are_served_whatever_they_answer_first(
    owner: Client, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "theirs").mkdir()
    certificates = {
        "good": authority.sign("good"),
        "other_host": authority.sign("other_host", "DNS:other.example"),
        "unknown_authority": new_authority(tmp_path / "theirs").sign("unknown"),
    }
    at = Path(os.path.relpath(tmp_path / "receiver", HERE))
    with https(tmp_path, tmp_path / "receiver", certificates) as ports:
        made = {
            way: owner.create("/webhooks", _webhook(way, ports.get(way, ports["good"])))
            for way in FIRST
        }
        with receiver(at, {way: each["secret"] for way, each in made.items()}) as told:
            contact = owner.create("/contacts", {"email": "ada@engine.example"})
            told.wait_for(
                lambda: (
                    all(told.of(way) for way in ONCE)
                    and all(len(told.of(way)) == 2 for way in AGAIN)
                )
            )
            found = {way: _delivery(owner, made[way]) for way in FIRST}
    _judge(told, made, contact)
    _compare(found)
    gone = owner.get(f"/webhooks/{made['gone']['id']}").json
    assert (gone["active"], gone["disabled_reason"]) == (False, "gone")


def _judge(told: Told, made: dict[str, Any], contact: Any) -> None:
    """Each request was verified, by libraries of Node and of Python."""
    assert {each["way"] for each in told.requests} == {*ONCE, *AGAIN}
    for each in told.requests:
        assert each["good"] == [True] * 8, each
        webhook = Webhook(made[each["way"]]["secret"])
        event: Any = webhook.verify(each["body"].encode(), each["headers"])
        assert event["data"]["state"] == contact
    for way in AGAIN:
        first, second = told.of(way)
        assert first["id"] == second["id"]


def _compare(found: dict[str, Any]) -> None:
    """What came back is told as it was."""
    for way, expected in FIRST.items():
        attempt = found[way]["attempts"][0]
        ended = attempt["status"], attempt["error"]
        assert ended in (expected, BROKEN.get(way, expected)), (way, attempt)
    assert found["endless_body"]["attempts"][0]["answer"] == "x" * 1_024
    ends = {way: each["state"] for way, each in found.items()}
    for way in (*AGAIN, "good", "endless_body"):
        assert ends[way] == "delivered", (way, found[way])
    assert ends["gone"] == "given_up"
    waits = found["too_many"]
    asked = datetime.fromisoformat(waits["attempts"][0]["at"])
    if waits["state"] == "pending":
        due_at = datetime.fromisoformat(waits["due_at"])
        assert (due_at - asked).total_seconds() >= 7


def _webhook(way: str, port: int) -> dict[str, Any]:
    url = f"https://localhost:{port}/{way}"
    return {"url": url, "types": ["contact.created"], "include": ["state"]}


def _delivery(owner: Client, webhook: Any) -> Any:
    """The delivery of a webhook, once an attempt of it is written."""
    place = f"/webhooks/{webhook['id']}/deliveries"
    while True:
        (found,) = owner.search(place)["data"]
        last = found["attempts"][-1:]
        if last and (found["state"] != "pending" or last[0]["status"] != 204):
            return found
