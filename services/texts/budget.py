"""What filling one text may take: work, characters, and memory.

Work counts in units of about 5 µs, the same for each run, so that a template that is
filled once is filled always.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from liquid.exceptions import ResourceLimitError

MOST_WORK = 20_000
# The most characters of a value, of all variables, and of what is written.
MOST_TEXT, MOST_KEPT, MOST_WRITTEN = 64 * 1024, 256 * 1024, 512 * 1024
MOST_ITEMS = 1_000
# Beyond it numbers are no longer exact, and take room as they grow.
MOST_NUMBER = 10**15
# So many characters are worth one unit.
_PER_UNIT = 64


class TooMuch(ResourceLimitError):
    """Filling a text would take too much."""

    def __init__(self, message: str) -> None:
        super().__init__(message, token=None)


class Budget:
    """What is left of the work that filling a text may take."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MOST_WORK

    def spend(self, units: int) -> None:
        """Takes units of work. Raises `TooMuch` once none are left."""
        self._left -= units
        if self._left < 0:
            raise TooMuch("This takes too long to fill.")

    def pay(self, characters: int) -> None:
        """Takes the work that so many characters are."""
        self.spend(1 + characters // _PER_UNIT)


def measured(value: Any) -> int:
    """The characters of a value. Raises `TooMuch` for one that is too large."""
    size = 1
    if isinstance(value, str):
        size = len(value)
    elif isinstance(value, int | float):
        if not -MOST_NUMBER <= value <= MOST_NUMBER:
            raise TooMuch("A number has at most 15 digits before its point.")
    elif isinstance(value, range) or (
        isinstance(value, Sequence | Mapping) and len(value) > MOST_ITEMS
    ):
        raise TooMuch(f"A list has at most {MOST_ITEMS} elements.")
    elif isinstance(value, list | tuple):
        size = sum(len(each) + 1 if isinstance(each, str) else 1 for each in value)
    if size > MOST_TEXT:
        raise TooMuch(f"A value has at most {MOST_TEXT} characters.")
    return size
