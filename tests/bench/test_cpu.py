"""Processor time includes that of a whole tree of processes."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.bench.cpu import cpu_seconds

WORK = "import time\nwhile time.process_time() < 0.1: pass\n"
WAIT = "print('done', flush=True)\nimport sys\nsys.stdin.read()\n"
CHILD = f"subprocess.run([sys.executable, '-c', {WORK!r}])\n"
LIVING = f"subprocess.Popen([sys.executable, '-c', {WORK + WAIT!r}])\n"

PROGRAMS = {
    "its own": WORK + WAIT,
    "of a child that is gone": f"import subprocess, sys\n{CHILD}{WAIT}",
    "of a child that lives": f"import subprocess, sys\n{LIVING}sys.stdin.read()\n",
}


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> Iterator[int]:
    """A program that has used a tenth of a second, in one of several ways."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAMS[request.param]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"done\n"
        yield running.pid


def test_all_that_a_program_has_used_is_counted(program: int) -> None:
    assert sum(cpu_seconds(program).values()) >= 0.09  # ended processes count in ticks
