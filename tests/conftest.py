"""What all tests share: a real PostgreSQL, and the product running on it."""

import asyncio
import itertools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

from deploy.embedded import postgres
from tests import stacks
from tests.client import Client
from tests.harness import made_once
from tests.harness.database import ready_made
from tests.harness.people.oauth_scene import Scene, opened_scene
from tests.harness.programs.system import PACKAGES, Programs, named_by
from tests.promises import isolation
from tests.stacks import Stack
from tests.world import Tenant, kept, new_tenant

# Whoever runs the tests may have SIGHUP and SIGQUIT ignored, as `nohup` does; what the
# tests start would inherit that. What has a function for them starts programs that have
# not, and is not ended by them either.
for number in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, lambda *_: None)

pytest_plugins = ["tests.again", "tests.let_go", "tests.selection", "tests.time_spent"]

PROGRAMS = pytest.StashKey[Programs]()

# How long an example takes tells of the machine and of what else it does.
settings.register_profile(
    "untimed",
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("untimed")
settings.register_profile("thorough", max_examples=3000)  # --hypothesis-profile


def pytest_configure(config: pytest.Config) -> None:
    """Collects links to the programs that tests may start."""
    folder = TemporaryDirectory(prefix="pc-")
    config.add_cleanup(folder.cleanup)
    Path(folder.name).chmod(0o755)  # PostgreSQL's account uses them as well
    if not hasattr(config, "workerinput"):  # the processes that it starts have its own
        place = Path(folder.name) / "shared"
        place.mkdir()
        os.environ[made_once.PLACE] = str(place)
    # Debian puts some programs where only root looks.
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
    config.stash[PROGRAMS] = Programs.below(Path(folder.name), path)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Lets a test find the programs that it names.

    Where one is missing, the test is held back and says so; in CI it fails.
    """
    programs, names = item.config.stash[PROGRAMS], named_by(item)
    os.environ["PATH"] = programs.only(names)
    if missing := programs.missing(names):
        packages = " ".join(PACKAGES.get(name, name) for name in missing)
        message = f"{', '.join(missing)} not installed: apt-get install {packages}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)


@pytest.fixture(scope="session")
def sql_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the session's PostgreSQL writes every statement that it is sent."""
    return tmp_path_factory.mktemp("data") / "postgres.log"


@pytest.fixture(scope="session")
def postgres_url(sql_log: Path) -> Iterator[str]:
    """A PostgreSQL of this session's own.

    At the end, every statement that it was sent must have named its tenant.
    """
    ready_made.ready_made(sql_log.parent)
    with (
        ready_made.write_ahead_log_in_memory(sql_log.parent),
        postgres.running(sql_log.parent, lambda _: None) as url,
    ):
        asyncio.run(isolation.log_statements(url))
        yield url
        isolation.check(sql_log)


@pytest.fixture(scope="session")
def new_database(postgres_url: str) -> Callable[..., str]:
    """Makes an empty database, or a copy of another one, and returns its URL.

    Its name begins with a word and ends with a number, so that none is made twice: a
    module's fixture runs again when another process takes some of its tests.
    """
    numbers = itertools.count()

    def make(word: str, *template: str) -> str:
        name = f"{word}_{next(numbers)}"
        asyncio.run(ready_made.create_database(postgres_url, name, *template))
        return ready_made.url_of(name, postgres_url)

    return make


@pytest.fixture(scope="session")
def migrated_database(new_database: Callable[..., str]) -> Callable[[str], str]:
    """Makes a database with the newest schema and nothing in it; returns its URL."""
    return lambda word: new_database(word, ready_made.MIGRATED)


@pytest.fixture(scope="session")
def database_url(migrated_database: Callable[[str], str]) -> Iterator[str]:
    """A migrated database, shared by all tests; each makes tenants of its own."""
    url = migrated_database("shared")
    with kept(url):
        yield url


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
