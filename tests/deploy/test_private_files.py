"""What the product keeps on a machine is its own: no other user opens or locks it."""

import asyncio
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from deploy.embedded import postgres
from deploy.private_files import let_pass, open_private
from deploy.serving.limiters import open_limiter
from deploy.settings import Settings

SOMEBODY = 12_345  # a user's number


def open_to_others(folder: Path) -> list[str]:
    """What in a folder, itself included, others may do anything with."""
    found = [folder, *folder.iterdir()]
    return [each.name for each in found if each.lstat().st_mode & 0o007]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder below /tmp: pytest's own may be closed to PostgreSQL's account."""
    with tempfile.TemporaryDirectory(prefix="pc-") as folder:
        yield Path(folder) / "data"


def test_nothing_of_the_embedded_database_is_open_to_others(data_dir: Path) -> None:
    before = os.umask(0o022)
    try:
        with postgres.running(data_dir, lambda _: None):
            assert open_to_others(data_dir) == []
            names = {each.name for each in data_dir.iterdir()}
            assert names >= {"postgres.lock", "postgres.users", "postgres.log"}
            assert all(
                stat.S_IMODE(each.lstat().st_mode) == 0o600
                for each in data_dir.iterdir()
                if each.is_file()
            )
    finally:
        os.umask(before)


def test_nor_are_the_rate_limits(data_dir: Path) -> None:
    async def opened() -> None:
        async with AsyncExitStack() as parts:
            open_limiter(parts, Settings.read(data_dir=data_dir))

    asyncio.run(opened())
    assert (data_dir / "rate-limits").exists()
    assert open_to_others(data_dir) == []


def test_a_file_that_was_left_open_is_closed(tmp_path: Path) -> None:
    lock = tmp_path / "postgres.lock"
    lock.touch()
    lock.chmod(0o644)
    open_private(lock).close()
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600


def test_one_user_may_pass_and_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "closed" / "data"
    folder.mkdir(parents=True)
    for each in (folder, folder.parent):
        each.chmod(0o700)
    let_pass(folder, SOMEBODY)
    let_pass(folder, SOMEBODY)  # and again at the next start
    for each in (folder, folder.parent):
        assert not each.stat().st_mode & 0o007
        rights = os.getxattr(each, "system.posix_acl_access")
        assert rights.count(SOMEBODY.to_bytes(4, "little")) == 1
