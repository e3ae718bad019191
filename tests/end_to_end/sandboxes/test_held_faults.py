"""Faults that wait take nothing from others, and break nothing but their own answer."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from tests import stacks
from tests.client import VERSION, Client
from tests.end_to_end.sandboxes.boxes import inside, make
from tests.end_to_end.sandboxes.test_faults import plant
from tests.stacks import Stack
from tests.world import new_tenant

SECONDS = 6
STREAM = "/v1/changes/stream"
SMALL = {
    "PROSPECTCONNECT_REQUEST_DEADLINE_SECONDS": str(SECONDS),
    # Two of one tenant fill its half, four fill all.
    "PROSPECTCONNECT_MAX_IN_FLIGHT": "4",
}


@pytest.fixture(scope="module")
def stack(migrated_database: Callable[[str], str]) -> Iterator[Stack]:
    """The product with room for four requests at once."""
    with stacks.running("together", migrated_database("held"), SMALL) as stack:
        yield stack


@pytest.fixture
def owner(stack: Stack) -> Iterator[Client]:
    with closing(new_tenant(stack).client()) as client:
        yield client


def ask(owner: Client, sandbox: Any) -> int:
    with inside(owner, sandbox) as its:
        return its.get("/me").status


def test_faults_that_wait_leave_the_load_to_others(owner: Client) -> None:
    sandboxes = [make(owner), make(owner)]
    for each in sandboxes:
        plant(owner, each, answer="timeout", for_seconds=3600)
    with ThreadPoolExecutor(6) as pool:
        began = time.monotonic()
        waiting = [pool.submit(ask, owner, sandboxes[n % 2]) for n in range(6)]
        answers = []
        while not all(each.done() for each in waiting):
            answers.append(owner.get("/me").status)
            assert time.monotonic() - began < 10 * SECONDS
    # Those that came at the same moment may find no room; all that wait have left it.
    assert [each.result() for each in waiting].count(504) >= 2
    assert answers.count(200) > len(answers) / 2
    for each in sandboxes:
        assert owner.delete(f"/sandboxes/{each['id']}/faults").status == 204


def test_a_stream_and_a_file_break_as_any_answer_does(owner: Client) -> None:
    sandbox = make(owner)
    for fault, status in ((500, 500), ("reset", 0)):
        for after in (False, True):
            plant(owner, sandbox, answer=fault, after=after, for_requests=1)
            assert status_of(owner, sandbox, STREAM) == status


def status_of(owner: Client, sandbox: Any, path: str) -> int:
    """The status of a request; 0 where the connection broke."""
    with closing(http.client.HTTPConnection(owner.address, timeout=60)) as connection:
        headers = {"Authorization": f"Bearer {sandbox['token']}"}
        headers["Version"] = VERSION
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            return 0
        told = json.loads(answer.read())
        assert told["status"] == answer.status, told
        return answer.status
