"""A row as it was read: cells or a JSON value, or why it cannot be read."""

from dataclasses import dataclass
from typing import Any, Protocol


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
    """Reads the rows of a content from its position on."""

    async def take(self, most: int) -> list[Row]:
        """The next rows, none at the end. Raises `ContentError`."""
