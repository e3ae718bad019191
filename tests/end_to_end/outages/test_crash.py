"""What a crash leaves: every acknowledged create, and no create twice.

`CRASH_ROUNDS=1000` in the environment makes the proof longer.
"""

import os
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import crash
from tests.harness.faulty_program import program

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "15"))
FAULTY_ROUNDS = 4

# From a crash to the line `ready`, on however busy a machine.
RECOVERY_SECONDS = 60.0


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder below /tmp: pytest's own may be closed to PostgreSQL's account."""
    with tempfile.TemporaryDirectory(prefix="pc-") as folder:
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


def test_a_key_kept_in_a_second_statement_is_found_out(data_dir: Path) -> None:
    found = crash.run(data_dir, FAULTY_ROUNDS, program("key_apart"))
    assert found.doubled != []
    assert found.lost == []
