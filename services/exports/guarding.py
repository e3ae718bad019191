"""Cells that no spreadsheet runs, and the way back.

A spreadsheet runs a cell that begins with one of a few characters; some take the wide
forms of East Asian writing for the same ones. Such a text gets a `'` before it. So does
a text that would look like one that got it: what is taken off is then always what was
put there. `csv_cell.h` has the same characters.
"""

import re

RUNS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_RUNS = re.compile(f"'*[{re.escape(RUNS)}]")
_FIRST = frozenset("'" + RUNS)


def guarded(text: str) -> str:
    """A text as a cell, which no spreadsheet runs."""
    return f"'{text}" if text[:1] in _FIRST and _RUNS.match(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell: the inverse of `guarded`."""
    return cell[1:] if cell[:1] == "'" and _RUNS.match(cell) else cell
