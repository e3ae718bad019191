"""A row as it was read: cells or a JSON value, or why it cannot be read."""

from dataclasses import dataclass
from typing import Any, Protocol

from services.importing.reading.content import ContentError
from services.importing.reading.lines import Lines

# More than the rows of a spreadsheet.
_MOST_EMPTY = 1_048_576
# So many empty lines are read before the reader asks whether the step goes on.
_EMPTY_AT_ONCE = 1_000


@dataclass(slots=True)
class Row:
    """A row; the first one is number 1. `end` is where the next one begins.

    `cells` are those of CSV, in the order of the columns. `value` is the value of a
    line of JSON. `fault` says why neither is there, `problem` as a document.
    """

    number: int
    sent: bytes
    end: int
    cells: list[str] | None = None
    value: Any = None
    fault: str = ""
    problem: dict[str, Any] | None = None


class Reader(Protocol):
    """Reads the rows of a content from the position of `lines` on.

    `number` is that of the row before.
    """

    lines: Lines
    number: int

    async def take(self, most: int) -> list[Row]:
        """The next rows; fewer, or none, where many empty lines are.

        At the end `lines` says so. Raises `ContentError`.
        """


class Empty:
    """Counts the empty lines that follow one another."""

    __slots__ = ("_count",)

    def __init__(self) -> None:
        self._count = 0

    def add(self) -> bool:
        """Counts one. Returns whether to stop here. Raises `ContentError`."""
        self._count += 1
        if self._count > _MOST_EMPTY:
            text = f"More than {_MOST_EMPTY:,} empty rows follow one another."
            raise ContentError(text)
        return self._count % _EMPTY_AT_ONCE == 0

    def end(self) -> None:
        """Notes that a row follows."""
        self._count = 0
