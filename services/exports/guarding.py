"""Cells that no spreadsheet runs, and the way back.

A spreadsheet runs a cell that begins with one of a few characters. Such a text gets a
`'` before it. So does a text that would look like one that got it: what is taken off is
then always what was put there.
"""

import re

_RUNS = re.compile(r"'*[=+\-@\t\r]")
_FIRST = frozenset("'=+-@\t\r")


def guarded(text: str) -> str:
    """A text as a cell, which no spreadsheet runs."""
    return f"'{text}" if text[:1] in _FIRST and _RUNS.match(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell: the inverse of `guarded`."""
    return cell[1:] if cell[:1] == "'" and _RUNS.match(cell) else cell
