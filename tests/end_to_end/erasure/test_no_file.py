"""After a vacuum no file of the database holds a word, but for the write-ahead log."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from tests.client import Client
from tests.end_to_end.erasure.planting import plant
from tests.harness.database.row_lock import until
from tests.world import Tenant

# As the page on backups says.
CLEAN = ("ANALYZE", "VACUUM (FULL)", "CHECKPOINT")
# These keep what was: docs/backup.md says for how long.
KEEP = ("pg_wal",)


def run(tenant: Tenant, *statements: str) -> Path:
    """Runs statements, and returns the folder of the data."""

    async def work() -> Path:
        link = await asyncpg.connect(tenant.stack.database_url)
        try:
            for each in statements:
                await link.execute(each)
            return Path(await link.fetchval("SHOW data_directory"))
        finally:
            await link.close()

    return asyncio.run(work())


def files_with(folder: Path, words: list[str]) -> set[str]:
    sought = [word.encode() for word in words]
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in KEEP
        for data in [path.read_bytes()]
        if any(word in data for word in sought)
    }


@pytest.mark.nightly
def test_no_file_holds_a_word_after_a_vacuum(
    tenant: Tenant, owner: Client, stranger: Client
) -> None:
    person = plant(owner)
    plant(stranger)  # PostgreSQL keeps the statistics of a table that has become empty
    folder = run(tenant, "ANALYZE", "CHECKPOINT")
    assert files_with(folder, person.words), "it is not looked where they are"
    body = {"reason": "Asked for it.", "include_shared": True}
    assert owner.post(f"{person.path}/erase", body).status == 200
    # Other sessions may still see old versions for a moment, which a vacuum then keeps.
    until(lambda: not files_with(run(tenant, *CLEAN), person.words), 60)
