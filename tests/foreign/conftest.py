"""What the tests with foreign clients share: a user at a browser, in each topology.

A test that needs a program which is not here says so and does not run. Where `CI` is
set it fails instead.
"""

import os
from collections.abc import Callable

import pytest

from tests.foreign.programs import missing
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Person


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Looks for what `make node` installs; programs are looked for before."""
    for marker in ("node", "browser"):
        if item.get_closest_marker(marker) and (reason := missing()):
            if os.environ.get("CI"):
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)


@pytest.fixture(scope="module")
def person(desk: Scene) -> Person:
    """The user at a browser, logged in."""
    person = Person(desk.tenant.stack.http)
    person.log_in(desk.email)
    return person


@pytest.fixture
def allow(person: Person) -> Callable[[str], str]:
    """The user, whom an app sends to an address; allows it and is sent to another."""

    def answer(url: str) -> str:
        base = f"http://{person.address}"
        assert url.startswith(f"{base}/oauth/authorize?")
        return person.answer(person.open(url.removeprefix(base))).location

    return answer
