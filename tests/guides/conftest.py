"""What the tests of the guides share: readers, each with a tenant of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.roles import RESOURCES
from tests.guides.running import Reader
from tests.stacks import Stack
from tests.world import NO_LIMIT, Tenant, new_tenant

SCOPES = tuple(f"{resource}.all" for resource in (*RESOURCES, "token"))


@pytest.fixture
def tenant(running_stacks: Callable[[str], Stack]) -> Tenant:
    """A tenant of this test's own."""
    return new_tenant(running_stacks("together"))


@pytest.fixture
def new_reader(tenant: Tenant, tmp_path: Path) -> Callable[..., Reader]:
    """Makes a reader who owns the tenant, with every scope."""

    def make(rate_limit: tuple[int, int] = NO_LIMIT) -> Reader:
        token = tenant.token(SCOPES, rate_limit=rate_limit)
        stack, folder = tenant.stack, tmp_path / "folder"
        folder.mkdir()
        return Reader(stack.http, stack.grpc, tenant.name, token, folder)

    return make
