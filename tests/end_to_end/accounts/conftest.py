"""The client that tests of the account's pages compare them with."""

from collections.abc import Iterator

import pytest

from tests.client import Client
from tests.harness.people.oauth_scene import Scene


@pytest.fixture
def client(desk: Scene) -> Iterator[Client]:
    """The tenant's owner, by the API."""
    opened_client = desk.tenant.client()
    yield opened_client
    opened_client.close()
