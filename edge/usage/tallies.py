"""Tallies: the requests of each caller, kept in memory until they are reported.

The number of callers is bounded, and so is the memory for each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_TALLIES = 10_000
# The most requests of a caller that are noted between two reports: failed ones, ones
# that the rate limit refused, and samples of successful ones.
MOST_FAILED, MOST_LIMITED, MOST_SAMPLED = 20, 3, 3
# An unused tally is dropped after so many reports: later than the longest request ends.
MOST_IDLE = 20
# The most kinds of requests that a newer contract would change, between two reports.
MOST_TOUCHED = 100


class Noted(NamedTuple):
    """A request that is reported by itself. `at` is in Unix seconds."""

    at: float
    operation: str
    status: int
    problem: str
    reason: str
    detail: str
    trace_id: str
    milliseconds: float
    # Where it came from, of what the audit tells of.
    address: str = ""


@dataclass(slots=True)
class TouchedTally:
    """Requests of one kind that a newer contract would change, and the latest of them.

    `at` is in Unix seconds.
    """

    requests: int = 0
    at: float = 0.0
    trace_id: str = ""
    members: tuple[str, ...] = ()


# The operation, the contract that a request had, and the first that changes it.
TouchedKey = tuple[str, str, str]


@dataclass(slots=True)
class Tally:
    """The requests of one caller since the last report."""

    receipt: bytes = b""
    good: dict[str, int] = field(default_factory=dict)
    failed: dict[tuple[str, str], int] = field(default_factory=dict)
    noted: list[Noted] = field(default_factory=list)
    touched: dict[TouchedKey, TouchedTally] = field(default_factory=dict)
    # How many more may be noted.
    room_for_good: int = MOST_SAMPLED
    room_for_limited: int = MOST_LIMITED
    room_for_failed: int = MOST_FAILED
    idle: int = 0

    def take(self) -> "Tally":
        """Its contents; counting goes on from zero."""
        taken = Tally(self.receipt, self.good, self.failed, self.noted, self.touched)
        self.good, self.failed, self.noted, self.touched = {}, {}, [], {}
        self.room_for_good, self.room_for_failed = MOST_SAMPLED, MOST_FAILED
        self.room_for_limited = MOST_LIMITED
        return taken


class Tallies:
    """The tallies of all callers, by their receipts."""

    def __init__(self) -> None:
        self._tallies: dict[bytes, Tally] = {}

    def of(self, receipt: bytes) -> Tally:
        """The tally of a caller.

        If the table is full, or the caller has no receipt because the services issue
        none, it is a tally that is never reported.
        """
        tally = self._tallies.get(receipt)
        if tally is None:
            tally = Tally(receipt)
            if receipt and len(self._tallies) < MOST_TALLIES:
                self._tallies[receipt] = tally
        return tally

    def take(self) -> Iterator[Tally]:
        """The counts since the last call of `take`, one tally for each caller."""
        for receipt, tally in list(self._tallies.items()):
            if tally.good or tally.failed:
                tally.idle = 0
                yield tally.take()
            else:
                tally.idle += 1
                if tally.idle > MOST_IDLE:
                    del self._tallies[receipt]
