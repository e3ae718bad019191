"""Usage: what each caller asks for, counted in memory until it is reported.

A good answer costs one increment. All is bounded: callers, what is counted of each, and
the requests that are noted. Nothing that a client sent is noted but the paths of faulty
fields.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from edge.problems import ProblemError

if TYPE_CHECKING:  # an exchange has a caller, whose tally is defined here
    from edge.calls.exchange import Exchange

MOST_TALLIES = 10_000
# Of a caller between two reports: what failed, and the first of what the rate limit
# refused and of what went well.
MOST_FAILED, MOST_LIMITED, MOST_SAMPLED = 20, 3, 3
# A tally without use is given up after so many reports: after the longest request.
MOST_IDLE = 20

_MOST_FAULTS, _MOST_PATH, _MOST_DETAIL = 8, 60, 500

# Whatever of a request stands in a sentence of ours stands in quotes.
_QUOTED = re.compile(r"""(['"]).*\1""", re.DOTALL)


class Noted(NamedTuple):
    """A request to remember. `at` is in Unix seconds."""

    at: float
    operation: str
    status: int
    problem: str
    reason: str
    detail: str
    trace_id: str
    milliseconds: float


@dataclass(slots=True)
class Tally:
    """What one caller has asked for since that was last reported."""

    receipt: bytes = b""
    good: dict[str, int] = field(default_factory=dict)
    failed: dict[tuple[str, str], int] = field(default_factory=dict)
    noted: list[Noted] = field(default_factory=list)
    # How many more may be noted.
    room_for_good: int = MOST_SAMPLED
    room_for_limited: int = MOST_LIMITED
    room_for_failed: int = MOST_FAILED
    idle: int = 0

    def take(self) -> "Tally":
        """What it holds; it is empty then, for whoever goes on counting with it."""
        taken = Tally(self.receipt, self.good, self.failed, self.noted)
        self.good, self.failed, self.noted = {}, {}, []
        self.room_for_good, self.room_for_failed = MOST_SAMPLED, MOST_FAILED
        self.room_for_limited = MOST_LIMITED
        return taken


class Tallies:
    """The tallies of all callers, by their receipts."""

    def __init__(self) -> None:
        self._tallies: dict[bytes, Tally] = {}

    def of(self, receipt: bytes) -> Tally:
        """The tally of a caller; one that is never reported when there is no room.

        A caller without a receipt, of services that give none, is not reported either.
        """
        tally = self._tallies.get(receipt)
        if tally is None:
            tally = Tally(receipt)
            if receipt and len(self._tallies) < MOST_TALLIES:
                self._tallies[receipt] = tally
        return tally

    def take(self) -> Iterator[Tally]:
        """What was counted since this was last asked, caller by caller."""
        for receipt, tally in list(self._tallies.items()):
            if tally.good or tally.failed:
                tally.idle = 0
                yield tally.take()
            else:
                tally.idle += 1
                if tally.idle > MOST_IDLE:
                    del self._tallies[receipt]


def count_good(exchange: "Exchange", status: int, started: float) -> None:
    """Counts a request that went well; `started` is in `time.monotonic` seconds."""
    tally, name = exchange.caller.tally, exchange.operation.name
    try:
        tally.good[name] += 1
    except KeyError:
        tally.good[name] = 1
    if tally.room_for_good:
        tally.room_for_good -= 1
        tally.noted.append(_noted(exchange, status, started))


def count_failed(exchange: "Exchange", problem: ProblemError, started: float) -> None:
    """Counts a request that failed; one without a caller is nobody's."""
    caller = getattr(exchange, "caller", None)
    if caller is None:
        return
    tally, kind = caller.tally, problem.kind
    key = exchange.operation.name, kind.slug
    tally.failed[key] = tally.failed.get(key, 0) + 1
    if _takes_room(tally, problem):
        tally.noted.append(_noted(exchange, kind.status, started, problem))


def _takes_room(tally: Tally, problem: ProblemError) -> bool:
    """Whether another request may be noted. Many that the rate limit refuses leave the
    room that failed ones have."""
    if problem.reason == "RATE_LIMITED":
        has_room = tally.room_for_limited > 0
        tally.room_for_limited -= has_room
    else:
        has_room = tally.room_for_failed > 0
        tally.room_for_failed -= has_room
    return has_room


def _noted(
    exchange: "Exchange",
    status: int,
    started: float,
    problem: ProblemError | None = None,
) -> Noted:
    milliseconds = (time.monotonic() - started) * 1_000
    return Noted(
        at=time.time() - milliseconds / 1_000,
        operation=exchange.operation.name,
        status=status,
        problem=problem.kind.slug if problem else "",
        reason=problem.reason if problem else "",
        detail=detail_of(problem) if problem else "",
        trace_id=exchange.trace.trace_id,
        milliseconds=milliseconds,
    )


def detail_of(problem: ProblemError) -> str:
    """What was wrong, without anything that the client sent but paths of fields."""
    if problem.reason != "VALIDATION_FAILED":
        return _QUOTED.sub("'…'", problem.detail)[:_MOST_DETAIL]
    faults = problem.members["errors"]
    shown = [f"{f.field[:_MOST_PATH]} ({f.code})" for f in faults[:_MOST_FAULTS]]
    more = len(faults) - len(shown) + problem.omitted
    told = ", ".join(shown) + (f" and {more} more" if more else "")
    return told[:_MOST_DETAIL]
