"""How long an answer takes does not tell a record of another tenant from none.

`TIMING_REQUESTS=10000` asks longer; the more requests, the smaller a difference shows.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests import stacks
from tests.client import Client
from tests.end_to_end.rights.timing import Times, compared, timed, welch
from tests.harness.programs.faulty_program import program
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import new_tenant

REQUESTS = rounds("TIMING_REQUESTS")
# By chance alone, one run in some 100,000 is beyond it.
BOUND = 4.5
MOST_SAMPLES = 20
NEVER = f"/contacts/con_{UNKNOWN_DIGITS}"
SOUGHT = {"get": Client.get, "delete": Client.delete}


@contextmanager
def foreign(stack: Stack) -> Iterator[tuple[Client, str]]:
    """A client, and the path of a contact of another tenant."""
    with closing(new_tenant(stack).client()) as stranger:
        contact = stranger.create("/contacts", {"email": "eve@b.example"})["id"]
        with closing(new_tenant(stack).client()) as client:
            client.create("/contacts", {"email": "ada@b.example"})
            yield client, f"/contacts/{contact}"


@pytest.mark.parametrize("method", SOUGHT)
def test_time_tells_nothing_of_another_tenants_record(
    stack: Stack, method: str
) -> None:
    with foreign(stack) as (client, path):
        ask = SOUGHT[method]
        assert ask(client, path).status == ask(client, NEVER).status == 404
        asks = (lambda: ask(client, path), lambda: ask(client, NEVER))
        t = compared(timed(asks, REQUESTS))
    print(f"{method}, {stack.topology}: t = {t:.2f} of {REQUESTS} requests")
    assert abs(t) < BOUND


@pytest.mark.canary
def test_a_moment_more_would_be_seen(database_url: str) -> None:
    """Planted: a millisecond more for an id that somebody has.

    The sample grows until the difference shows, which takes longer on a busy machine.
    """
    taken: Times = ([], [])
    with (
        stacks.running(
            "together", database_url, program=program("somebodys_takes_longer")
        ) as stack,
        foreign(stack) as (client, path),
    ):
        asks = (lambda: client.get(path), lambda: client.get(NEVER))
        for seed in range(MOST_SAMPLES):
            others, nobodys = timed(asks, REQUESTS, seed)
            taken[0].extend(others)
            taken[1].extend(nobodys)
            if compared(taken) > BOUND:
                return
    raise AssertionError(f"t = {compared(taken):.2f} of {len(taken[0])} pairs")


def test_samples_of_one_kind_are_alike() -> None:
    first, second = [1.0, 2.0, 3.0] * 50, [3.0, 1.0, 2.0] * 50
    assert welch(first, second) == 0
    assert welch([each + 1 for each in first], second) > BOUND
