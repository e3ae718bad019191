"""The values that templates are given, and how they are printed as a whole."""

from collections.abc import Mapping, Sequence
from typing import Any


class Values(dict[str, Any]):
    """Values by name. Printed as a whole they are nothing."""

    def __str__(self) -> str:
        return ""


class Several(list[Any]):
    """A list. Printed, its elements follow each other, also within another list."""

    def __str__(self) -> str:
        return "".join("" if each is None else str(each) for each in self)


def pairs(values: Mapping[str, Any]) -> list[Several]:
    """Values by name as a loop goes through them: a name and a value each."""
    return [pair(each) for each in values.items()]


def pair(named: Sequence[Any]) -> Several:
    """A name and its value; what is not there is empty."""
    return Several("" if each is None else each for each in named)
