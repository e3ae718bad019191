"""The faults of a body: those that the edge found, then those of the services."""

from collections.abc import Sequence
from dataclasses import replace

from edge.problems import Fault

# The most faults in one answer: more do not help, and would make a very long answer.
MAX_FAULTS = 1000


def all_faults(
    ours: Sequence[Fault], theirs: Sequence[Fault], omitted: int
) -> tuple[list[Fault], int]:
    """The edge's faults, then the services' faults that are new, and how many more.

    If the services explain a field that the edge could not read, their message is used:
    they know which values the field takes.
    """
    if not ours:
        return list(theirs), omitted
    known = {fault.field for fault in ours}
    fresh = [fault for fault in theirs if not _within(fault.field, known)]
    better = {fault.field: fault.message for fault in theirs}
    explained = [
        replace(fault, message=better.get(fault.field, fault.message)) for fault in ours
    ]
    shown, more = cut([*explained, *fresh])
    return shown, more + omitted


def cut(faults: list[Fault]) -> tuple[list[Fault], int]:
    """As many faults as an answer shows, and how many more there are."""
    return faults[:MAX_FAULTS], max(0, len(faults) - MAX_FAULTS)


def _within(path: str, known: set[str]) -> bool:
    """Whether a path is a known one or below one."""
    ends = [index for index, char in enumerate(path) if char in ".["]
    return any(path[:end] in known for end in (*ends, len(path)))
