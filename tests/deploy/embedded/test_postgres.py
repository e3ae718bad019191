"""The embedded PostgreSQL: shared by processes, and back by itself after a crash."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded import postgres
from deploy.errors import PostgresError

# Uses the server of a data folder until its standard input ends.
USE = """
import sys
from pathlib import Path
from deploy.embedded import postgres
with postgres.running(Path(sys.argv[1]), print) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder below /tmp: pytest's own may be closed to PostgreSQL's account."""
    with tempfile.TemporaryDirectory(prefix="pc-") as folder:
        yield Path(folder) / "data"


@contextmanager
def another_process(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """Runs a second user of the server, ready when this yields."""
    with subprocess.Popen(
        [sys.executable, "-c", USE, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("postgresql://"):
            assert process.poll() is None
        try:
            yield process
        finally:
            process.kill()


def query(url: str, sql: str) -> object:
    """Runs one statement and returns the first value of its answer."""

    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(run())


def postmaster_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def is_stopped(data_dir: Path) -> bool:
    return not (data_dir / "postgres" / "postmaster.pid").exists()


def test_durable_and_checked(data_dir: Path) -> None:
    with postgres.running(data_dir, print) as url:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            assert query(url, f"SHOW {name}") == "on"
        assert query(url, "SHOW data_checksums") == "on"
        locale = "SELECT datlocale FROM pg_database WHERE datname = current_database()"
        assert query(url, locale) == "C.UTF-8"
        assert query(url, "SELECT lower('ÄÉ')") == "äé"


def test_second_start_finds_what_the_first_wrote(data_dir: Path) -> None:
    with postgres.running(data_dir, print) as url:
        query(url, "CREATE TABLE kept AS SELECT 7 AS value")
    assert is_stopped(data_dir)
    with postgres.running(data_dir, print) as url:
        assert query(url, "SELECT value FROM kept") == 7


def test_server_stays_as_long_as_another_process_uses_it(data_dir: Path) -> None:
    with another_process(data_dir) as other:
        with postgres.running(data_dir, print) as url:
            assert query(url, "SELECT 1") == 1
        assert not is_stopped(data_dir)
        other.communicate("")
    assert is_stopped(data_dir)


def test_last_user_stops_the_server_of_a_killed_one(data_dir: Path) -> None:
    with another_process(data_dir) as other:
        other.kill()
        other.wait()
        assert not is_stopped(data_dir)
        with postgres.running(data_dir, print) as url:
            assert query(url, "SELECT 1") == 1
    assert is_stopped(data_dir)


def test_comes_back_when_everything_was_killed(data_dir: Path) -> None:
    with another_process(data_dir) as other:
        with postgres.running(data_dir, print) as url:
            query(url, "CREATE TABLE kept AS SELECT 7 AS value")
        os.kill(postmaster_pid(data_dir), signal.SIGKILL)
        other.kill()
        other.wait()
        with postgres.running(data_dir, print) as url:
            assert query(url, "SELECT value FROM kept") == 7


def test_pid_of_another_program_in_a_stale_file(data_dir: Path) -> None:
    with postgres.running(data_dir, print):
        stale = (data_dir / "postgres" / "postmaster.pid").read_text()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        lines = [str(stranger.pid), *stale.splitlines()[1:]]
        (data_dir / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
        with postgres.running(data_dir, print) as url:
            assert query(url, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_long_path(data_dir: Path) -> None:
    with postgres.running(data_dir / ("long" * 30), print) as url:
        assert query(url, "SELECT 1") == 1


def test_unfinished_setup_is_done_anew(data_dir: Path) -> None:
    (data_dir / "postgres.unfinished" / "base").mkdir(parents=True)
    with postgres.running(data_dir, print) as url:
        assert query(url, "SELECT 1") == 1


def test_says_why_it_does_not_start(data_dir: Path) -> None:
    with postgres.running(data_dir, print):
        pass
    (data_dir / "postgres" / "PG_VERSION").write_text("9\n")
    with (
        pytest.raises(PostgresError, match="database files are incompatible"),
        postgres.running(data_dir, print),
    ):
        pass
