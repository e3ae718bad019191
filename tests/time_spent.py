"""Tells where a run spent its time: by folder, the slowest cases, and what has grown.

The seconds are those of the processes that run tests, waits included. A machine that
has other work makes them longer; the share of a folder in all of them stays the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pytest

# The percentages of the seconds that each folder takes in a run of what has landed:
# those of the last whole run, without what `tests/landed.py` leaves out since then.
# Who sees that one has grown makes its tests cheaper, leaves some of them to
# `make nightly` (docs/testing.md), or writes the new share down and says why.
SHARES: Mapping[str, float] = MappingProxyType(
    {
        "clients": 2.0,
        "clients/command_line": 1.5,
        "clients/typescript": 2.1,
        "deploy/commands": 2.7,
        "deploy/embedded": 2.1,
        "deploy/files": 1.2,
        "deploy/observing": 1.3,
        "deploy/serving": 1.4,
        "edge/portal": 1.4,
        "end_to_end/accounts": 1.4,
        "end_to_end/changes": 1.9,
        "end_to_end/costs": 1.7,
        "end_to_end/documents": 1.3,
        "end_to_end/erasure": 2.5,
        "end_to_end/exports": 1.6,
        "end_to_end/http": 3.6,
        "end_to_end/imports": 2.4,
        "end_to_end/oauth": 3.2,
        "end_to_end/outages": 10.8,
        "end_to_end/rights": 7.3,
        "end_to_end/sandboxes": 2.2,
        "end_to_end/schema": 2.2,
        "foreign/browser": 6.5,
        "foreign/openapi": 3.3,
        "recipe": 1.9,
        "services/postgres": 1.3,
    }
)

_GROWTH = 1.5  # times the share that is written down
_LEAST = 2.0  # percent, below which nobody asks for a reason
_CASES = 3_000  # with fewer, a run says nothing about the whole
_SLOWEST = 10


class Spent:
    """The seconds of each case: of its setup, its call and its teardown."""

    def __init__(self) -> None:
        self.by_case = defaultdict[str, float](float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Adds a phase of a case."""
        self.by_case[report.nodeid] += report.duration

    def by_folder(self) -> Mapping[str, float]:
        """The seconds of each folder."""
        found = defaultdict[str, float](float)
        for nodeid, seconds in self.by_case.items():
            found[folder_of(nodeid)] += seconds
        return found

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """Prints all of it, where a run was long enough."""
        if len(self.by_case) >= _CASES:
            for line in self.lines():
                terminalreporter.write_line(line)

    def lines(self) -> Iterator[str]:
        """What there is to tell, a line each."""
        total = sum(self.by_case.values())
        yield f"{total:,.0f} worker-seconds for {len(self.by_case):,} cases:"
        for folder, seconds in longest_first(self.by_folder()):
            share = 100 * seconds / total
            yield f"{seconds:8.0f} s {share:5.1f} %  {folder}{grown(folder, share)}"
        yield "The slowest cases:"
        for nodeid, seconds in longest_first(self.by_case)[:_SLOWEST]:
            yield f"{seconds:8.1f} s  {nodeid}"


def pytest_configure(config: pytest.Config) -> None:
    """Counts in the process that prints: it is told of all cases."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Spent())


def longest_first(spent: Mapping[str, float]) -> list[tuple[str, float]]:
    """What took time, and its seconds."""
    return sorted(spent.items(), key=lambda each: -each[1])


def folder_of(nodeid: str) -> str:
    """The folder of a case below `tests/`, at most two deep."""
    folders = nodeid.partition("::")[0].split("/")[1:-1]
    return "/".join(folders[:2])


def grown(folder: str, share: float) -> str:
    """What to say of a folder whose share is larger than the one written down."""
    known = SHARES.get(folder, 0.0)
    if share < _LEAST or share < known * _GROWTH:
        return ""
    return f"  HAS GROWN: it was {known} %"
