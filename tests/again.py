"""Runs the tests, then the few that failed beside others again, alone.

`python -m tests.again [OPTIONS OF PYTEST]` is `pytest`, with one difference. On two
cores that run four processes, a case can fail because the machine stood still for a
moment. Where no more than `MOST` cases failed, each runs `TIMES` times more, with
nothing beside it, and counts as passed if it passes every time. The run names them:
each is a fault of the case or of the product, which is looked for.

What looks for an event that happens seldom (a race, a crash, random input) fails at
once: such an event would not come again. So does an error in a teardown, which may be
about all tests before it.
"""

import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from typing import Final

import pytest

from tests.rounds import rounds

MOST = 4
TIMES = 3
SELDOM: Final = "seldom"  # the mark of what is not run again


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what looks for events that happen seldom."""
    for item in items:
        if isinstance(item, pytest.Function) and is_seldom(item):
            item.add_marker(SELDOM)


def is_seldom(item: pytest.Function) -> bool:
    """Whether a case has random input, or its module repeats races or crashes."""
    if getattr(item.obj, "is_hypothesis_test", False):
        return True
    return any(value is rounds for value in vars(item.module).values())


class Failures:
    """What failed in a run: what may run again, and what may not."""

    def __init__(self) -> None:
        self.again: list[str] = []
        self.is_final = False
        self.seed = 0

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keeps the seed of the run: what it chose by chance is chosen again."""
        self.seed = session.config.getoption("randomly_seed", 0)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be read fails at once."""
        self.is_final |= report.failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes down a case that failed."""
        if report.failed:
            self.again.append(report.nodeid)
            seldom = SELDOM in report.keywords
            self.is_final |= seldom or report.when not in {"setup", "call"}


def main(options: Sequence[str]) -> int:
    """Returns the exit code of the run, and 0 if what failed passes alone."""
    # What is started in the background ignores SIGINT, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    failures = Failures()
    code = int(pytest.main([*options], plugins=[failures]))
    few = 0 < len(failures.again) <= MOST
    if code != pytest.ExitCode.TESTS_FAILED or failures.is_final or not few:
        return code
    told = "\n  ".join(failures.again)
    print(f"Failed beside others; each runs {TIMES} times alone:\n  {told}", flush=True)
    alone = partial(passes_alone, [*options, f"--randomly-seed={failures.seed}"])
    if not all(alone(case) for case in failures.again for _ in range(TIMES)):
        return code
    print("Passed each time alone. Look for what disturbed them.")
    return 0


def passes_alone(options: Sequence[str], case: str) -> bool:
    """Runs one case, in a process of its own."""
    program = [sys.executable, "-m", "pytest", *options, "-n0", case]
    return subprocess.run(program, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
