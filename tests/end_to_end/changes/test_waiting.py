"""A reader that waits is told at once what happens, and takes nothing from others."""

import threading
import time
from collections.abc import Iterator

import pytest

from tests.client import Answer, Client
from tests.end_to_end.changes.following import Reader, types
from tests.harness.at_once import at_once, crowd
from tests.world import Tenant

LONG = 20


@pytest.fixture
def readers(tenant: Tenant) -> Iterator[list[Client]]:
    """More clients than the process has connections to its database."""
    with crowd(tenant, 24) as opened:
        yield opened


def test_a_reader_waits_for_the_first_change(owner: Client, tenant: Tenant) -> None:
    reader = Reader(owner, resources=["contacts"])
    found: list[Answer] = []
    body = {"cursor": reader.cursor, **reader.query, "wait_seconds": LONG}
    waiting = threading.Thread(
        target=lambda: found.append(owner.post("/changes/read", body))
    )
    writer = tenant.client()
    began = time.monotonic()
    waiting.start()
    writer.create("/companies", {"name": "Acme"})  # is none of what it asks for
    made = writer.create("/contacts", {"email": "ada@engine.example"})
    waiting.join()
    assert time.monotonic() - began < LONG - 1
    (answer,) = found
    (change,) = answer.json["data"]
    assert change["record"]["id"] == made["id"]
    writer.close()


def test_it_is_answered_when_the_time_is_over(owner: Client) -> None:
    reader = Reader(owner)
    assert reader.page(wait_seconds=1) == []
    assert reader.has_more is False
    owner.create("/contacts", {"email": "ada@engine.example"})
    assert types(reader.page(wait_seconds=LONG)) == ["contact.created"]


def test_others_are_served_while_many_wait(
    owner: Client, readers: list[Client], tenant: Tenant
) -> None:
    cursor = Reader(owner).cursor
    body = {"cursor": cursor, "wait_seconds": LONG}
    answers: list[Answer] = []

    def wait() -> None:
        answers.extend(at_once(lambda c: c.post("/changes/read", body), readers))

    waiting = threading.Thread(target=wait)
    waiting.start()
    writer = tenant.client()
    began = time.monotonic()
    for _ in range(10):
        assert writer.get("/me").status == 200
    writer.create("/contacts", {"email": "ada@engine.example"})
    waiting.join()
    assert time.monotonic() - began < LONG - 1
    assert [types(each.json["data"]) for each in answers] == [
        ["contact.created"] for _ in readers
    ]
    writer.close()
