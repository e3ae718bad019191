"""What the tests of the guides share: readers, each with a tenant of their own."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from services.roles import EVERY_SCOPE
from tests.guides.running import Reader
from tests.harness.people.oauth_scene import add_user
from tests.harness.people.person import Person
from tests.stacks import Stack
from tests.world import NO_LIMIT, Tenant, new_tenant


def allow(tenant: Tenant, target: str) -> str:
    """A user of the tenant logs in, lets the app in that asks, and gives its code."""
    email = f"ann@{tenant.name}.example"
    add_user(tenant, email)
    person = Person(tenant.stack.http)
    return person.answer(person.log_in(email, target)).told["code"]


def reader_of(
    tenant: Tenant,
    folder: Path,
    rate_limit: tuple[int, int] = NO_LIMIT,
    *,
    has_two: bool = False,
) -> Reader:
    """A reader who owns the tenant, with every scope; `has_two`: and another one."""
    folder.mkdir()
    other = new_tenant(tenant.stack).token(EVERY_SCOPE) if has_two else ""
    return Reader(
        http=tenant.stack.http,
        grpc=tenant.stack.grpc,
        tenant=tenant.name,
        token=tenant.token(EVERY_SCOPE, rate_limit=rate_limit),
        folder=folder,
        allow=partial(allow, tenant),
        other_token=other,
    )


@pytest.fixture
def new_reader(
    running_stacks: Callable[[str], Stack], tmp_path: Path
) -> Callable[..., Reader]:
    """Makes a reader with a tenant of this test's own."""
    tenant = new_tenant(running_stacks("together"))
    return partial(reader_of, tenant, tmp_path / "folder")


@pytest.fixture(scope="module")
def other_tenant(running_stacks: Callable[[str], Stack]) -> Tenant:
    """A tenant for tests that leave nothing in it."""
    return new_tenant(running_stacks("together"))


@pytest.fixture
def reader(other_tenant: Tenant, tmp_path: Path) -> Reader:
    """A reader whose pages leave nothing behind."""
    return reader_of(other_tenant, tmp_path / "folder")
