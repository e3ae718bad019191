"""Migrations on a database in use: they give way, and the program before goes on."""

import asyncio
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from services.errors import Unavailable
from services.postgres.migrations import FOLDER, HEAD, run
from services.postgres.schema import migrate
from tests.harness.database.long_locks import faults, statements
from tests.harness.database.row_lock import held

VERSIONS = sorted((FOLDER / "versions").glob("[0-9]*.py"))

# The last one that was written before anybody served. What came later is checked.
BASELINE = "0006"

# What is refused and allowed all the same: the fault's beginning, and why.
_FEW = "there are as few secrets as names"
ALLOWED = {
    **dict.fromkeys(
        (
            "UPDATE secrets ",
            "ALTER TABLE secrets DROP CONSTRAINT ",
            "ALTER TABLE secrets ADD PRIMARY KEY ",
            "CREATE UNIQUE INDEX secrets_newest ",
        ),
        _FEW,
    ),
    "ALTER TABLE host_times DROP CONSTRAINT ": "a foreign key goes without a look",
}

READ_TOKENS = "SELECT id FROM tokens WHERE business_id = $1"

# What was cut short is dropped first, so that it can be built again.
BESIDE = (
    "COMMIT",
    "DROP INDEX CONCURRENTLY IF EXISTS contacts_x",
    "CREATE INDEX CONCURRENTLY contacts_x ON contacts (business_id, city)",
    "BEGIN",
)


@pytest.fixture
def empty_url(new_database: Callable[[str], str]) -> str:
    """An empty database of this test's own."""
    return new_database("migrations")


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/adding-a-resource.md"])
def test_the_migrations_that_a_page_names_are_there(page: str) -> None:
    """So it names none that is to come: the next one has another number each time."""
    named = re.findall(r"\b\d{4}_\w+\.py", (FOLDER.parents[2] / page).read_text())
    assert set(named) <= {file.name for file in VERSIONS}


@pytest.mark.parametrize("file", VERSIONS, ids=lambda file: file.stem)
def test_a_migration_takes_no_long_lock(file: Path) -> None:
    found = faults(statements(file))
    if file.name[:4] > BASELINE:
        assert [each for each in found if not each.startswith(tuple(ALLOWED))] == []
    if file.name == "0005_indexes.py":  # which the check must see
        assert len(found) > 50


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX contacts_x ON contacts (business_id, city)",
        "CREATE UNIQUE INDEX IF NOT EXISTS x ON contacts (business_id, city)",
        "CREATE INDEX CONCURRENTLY x ON contacts (business_id, city)",
        "ALTER TABLE contacts ALTER COLUMN city SET NOT NULL",
        "ALTER TABLE contacts ALTER city TYPE varchar(10)",
        "ALTER TABLE contacts ADD COLUMN x uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE contacts ADD COLUMN x text NOT NULL",
        "ALTER TABLE contacts ADD COLUMN x text, ALTER COLUMN city SET NOT NULL",
        "ALTER TABLE contacts ADD COLUMN x text GENERATED ALWAYS AS (city) STORED",
        "ALTER TABLE contacts ADD COLUMN x text REFERENCES users",
        "ALTER TABLE contacts ADD UNIQUE (business_id, city)",
        "ALTER TABLE contacts ADD FOREIGN KEY (business_id, x) REFERENCES users",
        "ALTER TABLE contacts ADD CHECK (city <> '')",
        "ALTER TABLE contacts DROP COLUMN city",
        "ALTER TABLE contacts RENAME COLUMN city TO town",
        "UPDATE contacts SET city = ''",
        "DELETE FROM contacts",
        "INSERT INTO cities SELECT city FROM contacts",
        "LOCK TABLE contacts",
        "TRUNCATE contacts",
        "DROP TABLE contacts",
        "VACUUM FULL contacts",
        "REINDEX TABLE contacts",
        "DO $$ BEGIN DELETE FROM contacts; END $$",
    ],
)
def test_a_long_lock_is_found_out(sql: str) -> None:
    assert len(faults([sql])) == 1


@pytest.mark.parametrize(
    "planted",
    [
        BESIDE,
        ("ALTER TABLE contacts ADD COLUMN x text, ADD COLUMN y integer DEFAULT 0",),
        ("ALTER TABLE contacts ADD COLUMN x boolean NOT NULL DEFAULT false",),
        ("ALTER TABLE contacts ADD CONSTRAINT c CHECK (city <> '') NOT VALID",),
        ("CREATE TABLE new (a text)", "CREATE INDEX i ON new (a)"),
        ("CREATE TABLE new (a text)", "INSERT INTO new VALUES ('a')"),
    ],
)
def test_what_is_short_passes(planted: tuple[str, ...]) -> None:
    assert faults(planted) == []
    if planted == BESIDE:
        assert len(faults(BESIDE[2:3])) == len(faults(BESIDE[::2])) == 1


def migrate_to(version: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(run, "HEAD", version)
        asyncio.run(migrate(url, lambda _: None))


def test_a_migration_gives_way_to_whoever_asks_after_it(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody holds a table that it must change; others want to read it meanwhile."""
    migrate_to("0005", empty_url, monkeypatch)
    monkeypatch.setattr(run, "LOCK_MILLISECONDS", 300)
    said: list[str] = []

    def migrate_beside() -> None:
        asyncio.run(migrate(empty_url, said.append))

    async def read_until_it_has_given_way_twice() -> None:
        link = await asyncpg.connect(empty_url)
        while len(said) < 2:
            await link.fetch(READ_TOKENS, "", timeout=60)
        await link.close()

    with (
        held(empty_url, READ_TOKENS, "") as lock,
        ThreadPoolExecutor() as threads,
    ):
        migrating = threads.submit(migrate_beside)
        asyncio.run(read_until_it_has_given_way_twice())
        assert not migrating.done()
        lock.release()
        migrating.result()
    assert said[-1].startswith(f"migrated to {HEAD}")


def test_an_empty_database_is_told_of_once(empty_url: str) -> None:
    said: list[str] = []
    asyncio.run(migrate(empty_url, said.append))
    asyncio.run(migrate(empty_url, said.append))
    assert said == [f"Making the tables of schema {HEAD}"]


def test_a_lock_that_is_never_let_go_is_told(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate_to("0005", empty_url, monkeypatch)
    monkeypatch.setattr(run, "LOCK_MILLISECONDS", 50)
    monkeypatch.setattr(run, "ATTEMPTS", 2)
    with (
        held(empty_url, READ_TOKENS, ""),
        pytest.raises(Unavailable, match="locks"),
    ):
        asyncio.run(migrate(empty_url, lambda _: None))


INDEX_BESIDE = """
from alembic import op

revision = "9998"
down_revision = "{HEAD}"


def upgrade():
    op.execute("ALTER TABLE contacts ADD COLUMN x text")
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS contacts_x")
        op.execute("CREATE INDEX CONCURRENTLY contacts_x ON contacts (business_id, x)")
"""


def test_an_index_is_built_beside_those_who_write(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(migrate(empty_url, lambda _: None))
    folder = shutil.copytree(FOLDER, tmp_path / "migrations")
    file = folder / "versions" / "9998_beside.py"
    file.write_text(INDEX_BESIDE.replace("{HEAD}", HEAD))
    assert faults(statements(file)) == []
    monkeypatch.setattr(run, "FOLDER", folder)
    monkeypatch.setattr(run, "HEAD", "9998")
    said: list[str] = []
    asyncio.run(run.upgrade(empty_url, said.append))
    assert said == ["migrated to 9998: "]

    async def is_valid() -> object:
        link = await asyncpg.connect(empty_url)
        try:
            return await link.fetchval(
                "SELECT indisvalid FROM pg_index"
                " WHERE indexrelid = 'contacts_x'::regclass"
            )
        finally:
            await link.close()

    assert asyncio.run(is_valid())
