"""Types of changes as webhooks name them: one, all of a record, or all."""

from collections.abc import Iterable, Sequence

EVERY, OF_RECORD = "*", ".*"


def selects(patterns: Iterable[str], change_type: str) -> bool:
    """Whether one of the patterns stands for a type of changes."""
    of_record = change_type.partition(".")[0] + OF_RECORD
    return any(each in (EVERY, of_record, change_type) for each in patterns)


def selected(patterns: Sequence[str], known: Iterable[str]) -> list[str]:
    """Those of the known types that the patterns stand for."""
    return [each for each in known if selects(patterns, each)]
