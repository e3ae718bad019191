"""What all tests share: a real PostgreSQL, and the product running on it."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import pytest
from hypothesis import settings

from deploy.embedded import postgres
from services.postgres.schema import migrate
from tests import stacks
from tests.client import Client
from tests.harness.oauth_scene import Scene, opened_scene
from tests.harness.programs import program_path
from tests.promises import isolation
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

# Whoever runs the tests may have SIGHUP and SIGQUIT ignored, as `nohup` does; what the
# tests start would inherit that. What has a function for them starts programs that have
# not, and is not ended by them either.
for number in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, lambda *_: None)

settings.register_profile("thorough", max_examples=3000)  # --hypothesis-profile


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Holds a test back whose program is missing, and says so; in CI it fails."""
    for mark in item.iter_markers("needs_program"):
        (program,) = mark.args
        if program_path(program) is None:
            message = f"{program} is not installed: apt-get install {program}"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(message)


@pytest.fixture(scope="session")
def sql_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the session's PostgreSQL writes every statement that it is sent."""
    return tmp_path_factory.mktemp("data") / "postgres.log"


@pytest.fixture(scope="session")
def postgres_url(sql_log: Path) -> Iterator[str]:
    """A PostgreSQL of this session's own; its database `prospectconnect` is empty.

    At the end, every statement that it was sent must have named its tenant.
    """
    with postgres.running(sql_log.parent, lambda _: None) as url:
        asyncio.run(isolation.log_statements(url))
        yield url
        isolation.check(sql_log)


@pytest.fixture(scope="session")
def new_database(postgres_url: str) -> Callable[[str], str]:
    """Makes an empty database with a name and returns its URL."""

    async def create(name: str) -> None:
        link = await asyncpg.connect(postgres_url)
        await link.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"
            " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
        )
        await link.close()

    def make(name: str) -> str:
        asyncio.run(create(name))
        return postgres_url.replace("/prospectconnect?", f"/{name}?")

    return make


@pytest.fixture(scope="session")
def database_url(new_database: Callable[[str], str]) -> str:
    """A migrated database, shared by all tests; each makes tenants of its own."""
    url = new_database("shared")
    asyncio.run(migrate(url, lambda _: None))
    return url


@pytest.fixture(scope="session")
def running_stacks(database_url: str) -> Iterator[Callable[[str], Stack]]:
    """Starts the product in a topology when it is first asked for."""
    started: dict[str, Stack] = {}
    with ExitStack() as running:

        def stack(topology: str) -> Stack:
            if topology not in started:
                started[topology] = running.enter_context(
                    stacks.running(topology, database_url)
                )
            return started[topology]

        yield stack


@pytest.fixture(params=stacks.TOPOLOGIES)
def stack(
    request: pytest.FixtureRequest, running_stacks: Callable[[str], Stack]
) -> Stack:
    """The product, once in each topology."""
    return running_stacks(request.param)


@pytest.fixture
def tenant(stack: Stack) -> Tenant:
    """A tenant of this test's own."""
    return new_tenant(stack)


@pytest.fixture
def owner(tenant: Tenant) -> Iterator[Client]:
    """A client that calls as the tenant's owner."""
    client = tenant.client()
    yield client
    client.close()


@pytest.fixture(scope="module", params=stacks.TOPOLOGIES)
def desk(
    request: pytest.FixtureRequest, running_stacks: Callable[[str], Stack]
) -> Iterator[Scene]:
    """A scene on each topology for a module whose tests do not meet in it."""
    with opened_scene(running_stacks(request.param)) as scene:
        yield scene
