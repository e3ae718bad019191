"""What the tests of the guides share: readers, each with a tenant of their own."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from services.roles import RESOURCES
from tests.guides.running import Reader
from tests.harness.oauth_scene import add_user
from tests.harness.person import Person
from tests.stacks import Stack
from tests.world import NO_LIMIT, Tenant, new_tenant

SCOPES = tuple(f"{resource}.all" for resource in (*RESOURCES, "token"))


@pytest.fixture
def tenant(running_stacks: Callable[[str], Stack]) -> Tenant:
    """A tenant of this test's own."""
    return new_tenant(running_stacks("together"))


def allow(tenant: Tenant, target: str) -> str:
    """A user of the tenant logs in, lets the app in that asks, and gives its code."""
    email = f"ann@{tenant.name}.example"
    add_user(tenant, email)
    person = Person(tenant.stack.http)
    return person.answer(person.log_in(email, target)).told["code"]


@pytest.fixture
def new_reader(tenant: Tenant, tmp_path: Path) -> Callable[..., Reader]:
    """Makes a reader who owns the tenant, with every scope."""

    def make(rate_limit: tuple[int, int] = NO_LIMIT) -> Reader:
        folder = tmp_path / "folder"
        folder.mkdir()
        return Reader(
            http=tenant.stack.http,
            grpc=tenant.stack.grpc,
            tenant=tenant.name,
            token=tenant.token(SCOPES, rate_limit=rate_limit),
            folder=folder,
            allow=partial(allow, tenant),
        )

    return make
