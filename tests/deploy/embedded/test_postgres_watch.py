"""The embedded PostgreSQL is started again where it ended by itself."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest
from structlog.testing import capture_logs

from deploy.embedded import postgres
from deploy.embedded.watch import kept_up
from tests.deploy.embedded.test_postgres import is_stopped, postmaster_pid, query
from tests.harness.database.row_lock import until

_PATIENCE_SECONDS = 180.0


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder below /tmp: pytest's own may be closed to PostgreSQL's account."""
    with TemporaryDirectory(prefix="pc-") as folder:
        yield Path(folder) / "data"


def answers(url: str) -> bool:
    try:
        return query(url, "SELECT 1") == 1
    except (OSError, asyncpg.PostgresError):
        return False


def test_a_killed_one_is_back_with_what_it_held(data_dir: Path) -> None:
    with postgres.running(data_dir, print) as url, kept_up(data_dir):
        query(url, "CREATE TABLE kept AS SELECT 7 AS value")
        os.kill(was := postmaster_pid(data_dir), signal.SIGKILL)
        until(lambda: not answers(url), _PATIENCE_SECONDS)
        until(lambda: answers(url), _PATIENCE_SECONDS)
        assert postmaster_pid(data_dir) != was
        assert query(url, "SELECT value FROM kept") == 7
    assert is_stopped(data_dir)


def test_one_that_was_stopped_is_back(data_dir: Path) -> None:
    with postgres.running(data_dir, print) as url, kept_up(data_dir):
        os.kill(postmaster_pid(data_dir), signal.SIGINT)
        until(lambda: not answers(url), _PATIENCE_SECONDS)
        until(lambda: answers(url), _PATIENCE_SECONDS)
    assert is_stopped(data_dir)


def test_what_does_not_start_is_told_once_and_tried_on(data_dir: Path) -> None:
    with (
        capture_logs() as logs,
        postgres.running(data_dir, print) as url,
        kept_up(data_dir),
    ):
        version = data_dir / "postgres" / "PG_VERSION"
        right = version.read_text()
        version.write_text("9\n")
        os.kill(postmaster_pid(data_dir), signal.SIGINT)
        attempts = data_dir / "postgres.log"
        until(
            lambda: attempts.read_text().count("incompatible") >= 2, _PATIENCE_SECONDS
        )
        version.write_text(right)
        until(lambda: answers(url), _PATIENCE_SECONDS)
    events = [entry["event"] for entry in logs]
    assert events == ["postgres_ended", "postgres_does_not_start", "postgres_started"]
    assert "incompatible" in logs[1]["why"]


def test_it_is_looked_after_once_its_pid_can_be_read_again(data_dir: Path) -> None:
    with postgres.running(data_dir, print) as url, kept_up(data_dir):
        pid_file = data_dir / "postgres" / "postmaster.pid"
        right, pid = pid_file.read_bytes(), postmaster_pid(data_dir)
        with capture_logs() as logs:
            pid_file.write_bytes(b"\xff\xfe no number\n")
            until(lambda: bool(logs), _PATIENCE_SECONDS)
        pid_file.write_bytes(right)
        os.kill(pid, signal.SIGKILL)
        until(lambda: not answers(url), _PATIENCE_SECONDS)
        until(lambda: answers(url), _PATIENCE_SECONDS)


def test_nothing_is_made_where_its_folder_has_gone(data_dir: Path) -> None:
    with postgres.running(data_dir, print) as url, kept_up(data_dir):
        elsewhere = data_dir.with_name("elsewhere")
        with capture_logs() as logs:
            data_dir.rename(elsewhere)
            until(lambda: len(logs) == 2, _PATIENCE_SECONDS)
        assert "Is its disk mounted?" in logs[1]["why"]
        assert not data_dir.exists()
        elsewhere.rename(data_dir)
        assert answers(url)


def test_it_is_not_started_for_those_who_leave(data_dir: Path) -> None:
    with postgres.running(data_dir, print), kept_up(data_dir):
        os.kill(postmaster_pid(data_dir), signal.SIGINT)
    until(lambda: is_stopped(data_dir), _PATIENCE_SECONDS)
