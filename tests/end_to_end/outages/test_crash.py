"""What a crash leaves: every acknowledged create, and no create twice.

`CRASH_ROUNDS=1000` in the environment makes the proof longer.
"""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness import crash
from tests.harness.database.ready_made import ready_made
from tests.harness.programs.faulty_program import program
from tests.rounds import rounds

ROUNDS = rounds("CRASH_ROUNDS")
FAULTY_ROUNDS = 4

# From a crash to the line `ready`, on however busy a machine.
RECOVERY_SECONDS = 180.0


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A migrated database below /tmp, where PostgreSQL's account may read."""
    with tempfile.TemporaryDirectory(prefix="pc-") as folder:
        ready_made(Path(folder))
        yield Path(folder)


def test_nothing_acknowledged_is_lost_and_nothing_doubled(data_dir: Path) -> None:
    found = crash.run(data_dir, ROUNDS)
    assert found.lost == []
    assert found.doubled == []
    assert found.torn == []
    assert found.contradicted == []
    # The proof is worth something only if crashes hit requests.
    assert found.acknowledged >= ROUNDS * crash.CLIENTS
    assert found.repeated >= ROUNDS
    slowest, median = max(found.recoveries), statistics.median(found.recoveries)
    print(f"{found.acknowledged} acknowledged, {found.repeated} repeated in {ROUNDS}")
    print(f"crashes; ready again after {median:.1f} s, at most {slowest:.1f} s")
    assert slowest < RECOVERY_SECONDS


def test_a_batch_is_done_once_or_not_at_all(data_dir: Path) -> None:
    found = crash.run(data_dir, ROUNDS, send=crash.send_batch)
    assert found.lost == []
    assert found.doubled == []
    assert found.torn == []
    assert found.contradicted == []
    assert found.acknowledged >= ROUNDS * crash.CLIENTS
    assert found.repeated >= ROUNDS


@pytest.mark.canary
def test_a_key_kept_in_a_second_statement_is_found_out(data_dir: Path) -> None:
    found = crash.run(data_dir, FAULTY_ROUNDS, program("key_apart"))
    assert found.doubled != []
    assert found.lost == []


def contact(email: str, record_id: str, told: int = 1, keys: int = 1) -> dict[str, Any]:
    return {"email": email, "id": record_id, "told": told, "keys": keys}


def test_whatever_a_crash_may_break_is_found_out() -> None:
    """Planted: what the database and the clients know after a bad crash."""
    request = [crash.Request(f"k{n}", f"{n}@b.example") for n in range(4)]
    bodies = {each: f'"con_{n}"'.encode() for n, each in enumerate(request)}
    sender = crash.Sender(0, crash.send, acknowledged=bodies, contradicted=[request[3]])
    there = [
        contact("0@b.example", "con_0"),
        contact("0@b.example", "con_00"),
        contact("2@b.example", "con_2", told=0),
        contact("3@b.example", "con_3", keys=2),
    ]
    found = crash.judge([sender], there, [])
    assert found.lost == ["1@b.example"]
    assert found.doubled == ["0@b.example"]
    assert found.torn == ["2@b.example", "3@b.example"]
    assert found.contradicted == ["3@b.example"]
