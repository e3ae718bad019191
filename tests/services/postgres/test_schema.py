"""The schema and its server: made once however many start, refused when unsafe."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from deploy.embedded import postgres
from services.errors import Unavailable
from services.iam.logins import find_user
from services.postgres.database import Database
from services.postgres.migrations import FOLDER, HEAD, run
from services.postgres.schema import check_server, is_current, migrate, version_of
from services.server import close_services, open_services
from services.settings import ServiceSettings

BUSINESS = "biz_" + "0" * 24

MIGRATIONS = len([*(FOLDER / "versions").glob("[0-9]*.py")])


@pytest.fixture
def empty_url(new_database: Callable[[str], str]) -> str:
    """An empty database of this test's own."""
    return new_database("schema")


def on(url: str, work: Callable[[Database], Awaitable[object]]) -> None:
    async def run() -> None:
        database = await Database.open(url)
        try:
            await work(database)
        finally:
            await database.close()

    asyncio.run(run())


def test_starts_at_once_migrate_once(empty_url: str) -> None:
    reports: list[str] = []

    async def together() -> None:
        await asyncio.gather(*(migrate(empty_url, reports.append) for _ in range(3)))

    async def check(database: Database) -> None:
        assert await version_of(database) == HEAD
        assert await is_current(database)

    asyncio.run(together())
    assert reports == [f"Making the tables of schema {HEAD}"]
    on(empty_url, check)
    asyncio.run(migrate(empty_url, reports.append))
    assert len(reports) == 1


def test_users_of_before_can_log_in(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was made when addresses had no directory is found by theirs."""
    with monkeypatch.context() as earlier:
        earlier.setattr(run, "HEAD", "0003")
        asyncio.run(migrate(empty_url, lambda _: None))

    async def make(database: Database) -> None:
        await database.run(
            "INSERT INTO tenants (business_id, name, limit_requests, limit_seconds)"
            " VALUES ($1, 'a', 1, 1)",
            BUSINESS,
        )
        await database.run(
            "INSERT INTO roles (business_id, name, grants) VALUES ($1, 'owner', '{}')",
            BUSINESS,
        )
        await database.run(
            "INSERT INTO users (business_id, id, name, email, role, created_at,"
            " updated_at) VALUES ($1, 'usr_1', 'Ada', 'Ada@b.example', 'owner', now(),"
            " now())",
            BUSINESS,
        )

    async def find(database: Database) -> None:
        found = await find_user(database, "ada@B.example", "")
        assert (found.business_id, found.user_id) == (BUSINESS, "usr_1")

    on(empty_url, make)
    asyncio.run(migrate(empty_url, lambda _: None))
    on(empty_url, find)


def test_services_refuse_a_database_without_a_schema(empty_url: str) -> None:
    with pytest.raises(Unavailable, match="older"):
        asyncio.run(open_services(ServiceSettings(empty_url)))


def test_services_refuse_an_older_schema_and_take_a_newer_one(empty_url: str) -> None:
    asyncio.run(migrate(empty_url, lambda _: None))

    for version in (HEAD, "9999"):
        on(empty_url, partial(_say, version))
        asyncio.run(_open_and_close(empty_url))
    on(empty_url, partial(_say, "0001"))
    with pytest.raises(Unavailable, match="older"):
        asyncio.run(_open_and_close(empty_url))


async def _say(version: str, database: Database) -> None:
    """Lets a schema say that it is of a version."""
    await database.run("UPDATE alembic_version SET version_num = $1", version)


async def _open_and_close(url: str) -> None:
    await close_services(await open_services(ServiceSettings(url)))


@pytest.mark.parametrize("value", ["off", "local"])
def test_a_database_that_answers_before_it_wrote_is_refused(
    empty_url: str, value: str
) -> None:
    async def weaken() -> None:
        link = await asyncpg.connect(empty_url)
        name = await link.fetchval("SELECT current_database()")
        await link.execute(f"ALTER DATABASE {name} SET synchronous_commit = {value}")
        await link.close()

    on(empty_url, check_server)
    asyncio.run(weaken())
    for start in (migrate(empty_url, print), open_services(ServiceSettings(empty_url))):
        with pytest.raises(Unavailable, match="synchronous_commit"):
            asyncio.run(start)


@pytest.fixture(scope="module")
def other_server() -> Iterator[str]:
    """A PostgreSQL that these tests may spoil."""
    with (
        TemporaryDirectory(prefix="pc-") as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        yield url


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_could_lose_a_write_is_refused(
    other_server: str, setting: str
) -> None:
    on(other_server, check_server)
    asyncio.run(_set(other_server, f"SET {setting} = off", setting, "off"))
    with pytest.raises(Unavailable, match=setting):
        on(other_server, check_server)
    asyncio.run(_set(other_server, f"RESET {setting}", setting, "on"))
    on(other_server, check_server)


async def _set(url: str, change: str, setting: str, value: str) -> None:
    """Changes a setting of the server and waits until connections have it."""
    link = await asyncpg.connect(url)
    await link.execute(f"ALTER SYSTEM {change}")
    await link.execute("SELECT pg_reload_conf()")
    while await link.fetchval(f"SHOW {setting}") != value:
        await link.close()
        link = await asyncpg.connect(url)
    await link.close()


def test_a_database_that_folds_ascii_alone_is_refused(other_server: str) -> None:
    async def create() -> None:
        link = await asyncpg.connect(other_server)
        await link.execute(
            "CREATE DATABASE ascii TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
        )
        await link.close()

    asyncio.run(create())
    with pytest.raises(Unavailable, match="upper and lower case"):
        on(other_server.replace("/prospectconnect?", "/ascii?"), check_server)


def test_a_database_out_of_reach_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        on(f"postgresql://postgres@/none?host={tmp_path}", check_server)


def test_folding_is_blind_to_case_and_accents(database_url: str) -> None:
    """For every character, so that a text found with one spelling is with all."""
    blind_to_case = """
        SELECT count(*) FROM (
          SELECT chr(code) AS c FROM generate_series(1, 0x1ffff) AS code
          WHERE code NOT BETWEEN 0xd800 AND 0xdfff
        ) AS characters WHERE fold(c) <> fold(lower(c))
    """
    pairs = [
        ("Éa", "ea"),
        ("E\u0301", "e"),
        ("Łódź", "lodz"),
        ("ΣΊΣΥΦΟΣ", "σισυφος"),
        ("STRASSE", "straße"),
        ("Ti™", "TITM"),
    ]

    async def check(database: Database) -> None:
        row = await database.row(blind_to_case)
        assert row is not None
        assert row[0] == 0
        for one, other in pairs:
            row = await database.row("SELECT fold($1), fold($2)", one, other)
            assert row is not None
            assert row[0] == row[1]

    on(database_url, check)
