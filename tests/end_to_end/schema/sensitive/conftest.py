"""What the tests of sensitive fields share."""

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.world import Tenant


@pytest.fixture
def manager(tenant: Tenant, open_client: OpenClient) -> Client:
    """A client that may do everything with contacts, and nothing with the schema."""
    return open_client(tenant.tokens["manager"])
