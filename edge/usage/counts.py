"""Counting of usage: each request is added to the tally of its caller.

A success costs one increment. Of a client's data, only the paths of faulty fields are
stored.
"""

import re
import time

from edge.problems import ProblemError
from edge.trace import Trace
from edge.usage.tallies import MOST_TOUCHED, Noted, Tally, TouchedTally
from edge.versions.contracts import Touched

_MOST_FAULTS, _MOST_PATH, _MOST_DETAIL = 8, 60, 500

# The refusals that the audit tells of.
AUDITED = frozenset(("SCOPE_DENIED", "ROLE_DENIED"))

# Our sentences put in quotes what they repeat of a request.
_QUOTED = re.compile(r"""(['"]).*\1""", re.DOTALL)


def count_good(
    tally: Tally, operation: str, status: int, trace: Trace, started: float
) -> None:
    """Counts a success; `started` is in `time.monotonic` seconds."""
    try:
        tally.good[operation] += 1
    except KeyError:
        tally.good[operation] = 1
    if tally.room_for_good:
        tally.room_for_good -= 1
        tally.noted.append(_noted(operation, status, trace, started))


def count_failed(
    tally: Tally,
    operation: str,
    problem: ProblemError,
    trace: Trace,
    started: float,
    address: str = "",
) -> None:
    """Counts a request that failed; `started` is in `time.monotonic` seconds.

    The `address` it came from is noted if a permission was missing.
    """
    kind = problem.kind
    key = operation, kind.slug
    tally.failed[key] = tally.failed.get(key, 0) + 1
    if _takes_room(tally, problem):
        noted = _noted(operation, kind.status, trace, started, problem)
        is_told = problem.reason in AUDITED
        tally.noted.append(noted._replace(address=address) if is_told else noted)


def count_touched(
    tally: Tally, called: tuple[str, str], touched: Touched, trace: Trace
) -> None:
    """Counts a request that a newer contract would change.

    `called` are its operation and its contract.
    """
    key = *called, str(touched.day)
    found = tally.touched.get(key)
    if found is None:
        if len(tally.touched) >= MOST_TOUCHED:
            return
        found = tally.touched[key] = TouchedTally()
    found.requests += 1
    found.at, found.trace_id = time.time(), trace.trace_id
    found.members = touched.members


def _takes_room(tally: Tally, problem: ProblemError) -> bool:
    """Whether another failed request may be noted.

    Requests that the rate limit refused have a number of their own: they are many, and
    would leave no room for the others.
    """
    if problem.reason == "RATE_LIMITED":
        has_room = tally.room_for_limited > 0
        tally.room_for_limited -= has_room
    else:
        has_room = tally.room_for_failed > 0
        tally.room_for_failed -= has_room
    return has_room


def _noted(
    operation: str,
    status: int,
    trace: Trace,
    started: float,
    problem: ProblemError | None = None,
) -> Noted:
    milliseconds = (time.monotonic() - started) * 1_000
    return Noted(
        at=time.time() - milliseconds / 1_000,
        operation=operation,
        status=status,
        problem=problem.kind.slug if problem else "",
        reason=problem.reason if problem else "",
        detail=detail_of(problem) if problem else "",
        trace_id=trace.trace_id,
        milliseconds=milliseconds,
    )


def detail_of(problem: ProblemError) -> str:
    """The description of a problem. Of the client's data it has only field paths."""
    if problem.reason != "VALIDATION_FAILED":
        return _QUOTED.sub("'…'", problem.detail)[:_MOST_DETAIL]
    faults = problem.members["errors"]
    shown = [f"{f.field[:_MOST_PATH]} ({f.code})" for f in faults[:_MOST_FAULTS]]
    more = len(faults) - len(shown) + problem.omitted
    told = ", ".join(shown) + (f" and {more} more" if more else "")
    return told[:_MOST_DETAIL]
