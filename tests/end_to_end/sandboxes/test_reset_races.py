"""What is written while a sandbox is reset is not in it afterwards."""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.sandboxes.boxes import inside, make, state
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import new_tenant

WRITERS = 3


@pytest.fixture
def owner(stack: Stack) -> Iterator[Client]:
    with closing(new_tenant(stack).client()) as client:
        yield client


class Writer(threading.Thread):
    """Creates contacts in a sandbox, one after another, until it is told to end."""

    def __init__(self, owner: Client, sandbox: Any, number: int) -> None:
        super().__init__()
        self._given, self._number = (owner, sandbox), number
        self.ends = threading.Event()
        self.done: dict[str, float] = {}
        self.statuses: set[int] = set()

    def run(self) -> None:
        with inside(*self._given) as its:
            for each in itertools.count():
                if self.ends.is_set():
                    return
                email = f"w{self._number}n{each}@a.example"
                answer = its.post("/contacts", {"email": email})
                self.statuses.add(answer.status)
                if answer.status == 201:
                    self.done[email] = time.monotonic()


def test_no_write_from_before_a_reset_is_left_after_it(owner: Client) -> None:
    for _ in range(rounds("RESET_RACES")):
        sandbox = make(owner)
        writers = [Writer(owner, sandbox, n) for n in range(WRITERS)]
        for each in writers:
            each.start()
        assert owner.post(f"/sandboxes/{sandbox['id']}/reset").status == 200
        began = time.monotonic()
        looked = began
        while state(owner, sandbox) == "resetting":
            looked = began  # at which it was still being reset
            began = time.monotonic()
        with inside(owner, sandbox) as its:
            # It is ready, also for those that were refused a moment ago.
            assert its.post("/contacts", {"email": "then@a.example"}).status == 201
            for each in writers:
                each.ends.set()
            for each in writers:
                each.join()
            left = {each["email"] for each in its.pages("/contacts")}
        assert "then@a.example" in left
        for each in writers:
            assert each.statuses <= {201, 503}
            before = {email for email, at in each.done.items() if at < looked}
            assert not before & left
        assert owner.delete(f"/sandboxes/{sandbox['id']}").status == 204
