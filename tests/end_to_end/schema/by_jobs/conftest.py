"""The product for tests of jobs, to which its requests leave fewer records."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests import stacks
from tests.end_to_end.schema.by_jobs.many import MOST
from tests.harness.programs.brief_program import program
from tests.stacks import Stack


@pytest.fixture(scope="session")
def brief_stacks(database_url: str) -> Iterator[Callable[[str], Stack]]:
    """Starts the product in a topology when it is first asked for."""
    started: dict[str, Stack] = {}
    with ExitStack() as running:

        def stack(topology: str) -> Stack:
            if topology not in started:
                started[topology] = running.enter_context(
                    stacks.running(topology, database_url, program=program(MOST))
                )
            return started[topology]

        yield stack


@pytest.fixture(params=stacks.TOPOLOGIES)
def stack(
    request: pytest.FixtureRequest, brief_stacks: Callable[[str], Stack]
) -> Stack:
    """The product, once in each topology."""
    return brief_stacks(request.param)
