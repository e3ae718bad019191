"""What the tests of clients share: the product, and a network before it that fails."""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.clients.programs import CLIENTS, FAST, Account
from tests.clients.unreliable import Network, unreliable
from tests.foreign.programs import missing
from tests.stacks import Stack
from tests.world import Tenant, new_tenant


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Holds back what needs the packages for Node where there are none."""
    marked = any(item.get_closest_marker(name) for name in ("node", "browser"))
    if marked and (reason := missing()):
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.node) if name == "node" else name
        for name in CLIENTS
    ]
)
def client(request: pytest.FixtureRequest) -> str:
    """Each client in turn."""
    name: str = request.param
    return name


@pytest.fixture
def tenant(running_stacks: Callable[[str], Stack]) -> Tenant:
    """A tenant of this test's own; one topology is as good as the other here."""
    return new_tenant(running_stacks("together"))


@pytest.fixture
def network(tenant: Tenant) -> Iterator[Network]:
    """What lies between client and API; everything passes until a test says so."""
    with unreliable(tenant.stack.http) as network:
        yield network


@pytest.fixture
def account(tenant: Tenant, network: Network) -> Account:
    """The owner, calling through the network, four times at most."""
    return Account(network.address, tenant.tokens["owner"], {"attempts": 4, **FAST})
