"""Rows of CSV (RFC 4180): a header, and rows with as many cells.

What is damaged is its row's fault, and the next row begins with the next line: a quote
that is never closed does not swallow the rows after it. Lines without a single value,
which spreadsheets leave behind, are no rows. Those that have delimiters are counted, so
that the numbers of the rows after them are those of the spreadsheet.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.exports.guarding import unguarded
from services.importing.reading.content import ContentError
from services.importing.reading.lines import MOST_BYTES, Line, Lines, joined
from services.importing.reading.rows import Empty, Row
from services.imports.checks import MOST_COLUMNS
from services.pauses import Pauses

_DELIMITERS = (",", ";", "\t")
_MARK = "\ufeff"
_NO_CHARACTER = "\ufffd"

_TOO_LONG = f"The row has more than {MOST_BYTES:,} bytes."
_OPEN = "A quote is not closed."
# So many empty lines, and bytes, may come before the header.
_MOST_BEFORE = 1_000
_LATE = (
    "The content has no header: it begins with too many empty lines. At most"
    f" {_MOST_BEFORE:,} may come before the header."
)
# The names of the columns are a part of each answer about the import.
MOST_HEADER = 128 * 1024
_MOST_LINES = 10_000
# What may stand between quotes, and how much of it is looked at without a pause.
_WITHIN_QUOTES = re.compile(rb'(?:[^"]++|"")*+')
_QUOTE, _MOST_AT_ONCE, _LOOKED_AT_ONCE = 0x22, 32 * 1024, 500
_BROKEN = "A byte is no character of the charset."

csv.field_size_limit(MOST_BYTES)


@dataclass(frozen=True, slots=True)
class Form:
    """How a table is written. `is_recoded`: U+FFFD stands for what is no character."""

    charset: str
    is_recoded: bool
    delimiter: str
    columns: tuple[str, ...]


async def read_header(
    lines: Lines, charset: str, delimiter: str = "", *, is_recoded: bool = False
) -> tuple[Form, int]:
    """The form of a table, and where its rows begin. Raises `ContentError`.

    Without a delimiter it is recognized by the header.
    """
    for _ in range(_MOST_BEFORE + 1):
        line = await lines.take()
        if line is None:
            raise ContentError("The content has no header: it is empty.")
        if line.is_cut:
            raise ContentError("The header is too long.")
        if line.data.strip() not in (b"", b"\xef\xbb\xbf"):
            break
        if line.end > MOST_BYTES:
            raise ContentError(_LATE)
    else:
        raise ContentError(_LATE)
    taken = await _header_lines(lines, line)
    if sum(len(each.data) for each in taken) > MOST_HEADER:
        raise ContentError(f"The header has more than {MOST_HEADER:,} bytes.")
    text = _header_text(taken, charset)
    if not delimiter:
        delimiter = max(_DELIMITERS, key=_outside_quotes(text).count)
    try:
        cells = [each.strip() for each in _parse(text, delimiter, strict=False)]
    except csv.Error as error:
        raise ContentError("The header is no line of CSV.") from error
    if len(cells) > MOST_COLUMNS:
        text = (
            f"The header has {len(cells):,} columns; at most {MOST_COLUMNS:,} may be."
        )
        raise ContentError(text)
    if not any(cells):
        raise ContentError("The header names no column.")
    named = [each for each in cells if each]
    twice = next((each for each in named if named.count(each) > 1), None)
    if twice is not None:
        raise ContentError(f"The header names the column {twice[:100]!r} twice.")
    return Form(charset, is_recoded, delimiter, tuple(cells)), taken[-1].end


async def _header_lines(lines: Lines, first: Line) -> list[Line]:
    """The lines of a header: it goes on as long as a quote is open."""
    taken, size, quotes = [first], len(first.data), first.data.count(b'"')
    while quotes % 2 and size <= MOST_HEADER:
        following = await lines.take()
        if following is None or following.is_cut or len(taken) > MOST_COLUMNS:
            raise ContentError("A quote of the header is not closed.")
        taken.append(following)
        size += len(following.data)
        quotes += following.data.count(b'"')
    return taken


def _header_text(lines: Sequence[Line], charset: str) -> str:
    try:
        text = joined(lines).decode(charset)
    except UnicodeDecodeError:
        text = _NO_CHARACTER
    if _NO_CHARACTER in text:
        raise ContentError(f"The header is not in {charset}: give its charset.")
    if "\0" in text:
        raise ContentError("The header has a NUL character (U+0000).")
    return text.removeprefix(_MARK)


def _outside_quotes(text: str) -> str:
    return "".join(text.split('"')[::2])


def _parse(text: str, delimiter: str, *, strict: bool) -> list[str]:
    lines = text.split("\n")
    fed = [each + "\n" for each in lines[:-1]]
    rows = list(csv.reader([*fed, lines[-1]], delimiter=delimiter, strict=strict))
    return [cell for row in rows for cell in row]


async def _stays_open(
    line: bytes, delimiter: bytes, pauses: Pauses, *, is_open: bool
) -> bool:
    """Whether a quote is open at the end of a line; `is_open`: it is at its begin.

    A cell is quoted if it begins with a quote. What follows a closed one is damage, and
    ends the row with its line.
    """
    at, looked = 0, 0
    while True:
        looked += 1
        if not looked % _LOOKED_AT_ONCE:
            await pauses.between()
        if not is_open:
            if line[at : at + 1] == b'"':
                at, is_open = at + 1, True
                continue
            at = line.find(delimiter, at) + 1
            if not at:
                return False
            continue
        found = _WITHIN_QUOTES.match(line, at, at + _MOST_AT_ONCE)
        at = found.end() if found else at
        if at >= len(line):
            return True
        if line[at] != _QUOTE:  # not all was looked at
            await pauses.between()
            continue
        following = line[at + 1 : at + 2]
        if following == b'"':  # what was looked at ended between two
            at += 2
            await pauses.between()
        elif following == delimiter:
            at, is_open = at + 2, False
        else:
            return False


class CsvRows:
    """Reads the rows of a table; `number` rows came before."""

    def __init__(self, lines: Lines, form: Form, number: int = 0) -> None:
        self.lines, self.number, self._form = lines, number, form
        self._empty, self._pauses = Empty(), Pauses()
        self._nothing = f'{form.delimiter}" \t'.encode()
        self._delimiter = form.delimiter.encode()
        # Where a row that was open at the end of an earlier line is open still.
        self._open_to = 0

    async def take(self, most: int) -> list[Row]:
        """The next rows; see `Reader`. Raises `ContentError`."""
        found = list[Row]()
        while len(found) < most:
            line = await self.lines.take()
            if line is None:
                break
            if not line.is_cut and self._is_empty(line.data):
                self.number += bool(line.data)
                if self._empty.add():
                    break
                continue
            self.number += 1
            self._empty.end()
            found.append(await self._row(line))
        return found

    def _is_empty(self, line: bytes) -> bool:
        """Whether a line has no value: delimiters, spaces and empty quotes alone."""
        if line.strip(self._nothing) or b'"""' in line:
            return False
        return line.count(b'"') == 2 * line.count(b'""')

    async def _row(self, line: Line) -> Row:
        if line.is_cut:
            return Row(self.number, line.data, line.end, fault=_TOO_LONG)
        if b'"' not in line.data:
            text = self._text(line.data)
            if text is None:
                return Row(self.number, line.data, line.end, fault=_BROKEN)
            return self._made(line.data, line.end, text.split(self._form.delimiter))
        return await self._quoted(line)

    async def _quoted(self, first: Line) -> Row:
        """A row with quotes: it may go on in further lines.

        Each line is looked at once for this, and what was taken is parsed once. Where a
        quote is found to stay open, so does one that a later row opens before there.
        """
        taken, size = [first], len(first.data)
        its = self._delimiter, self._pauses
        is_open = await _stays_open(first.data, *its, is_open=False)
        while is_open and first.end >= self._open_to:
            line = await self.lines.take()
            if line is not None:
                taken.append(line)
                size += len(line.data) + len(line.mark)
            is_long = size > MOST_BYTES or len(taken) > _MOST_LINES
            if line is None or line.is_cut or is_long:
                self._open_to = taken[-1 if line is None else -2].end
                self.lines.give_back(taken[1:])
                break
            is_open = await _stays_open(line.data, *its, is_open=True)
        if is_open:
            return Row(self.number, first.data, first.end, fault=_OPEN)
        data, end = joined(taken), taken[-1].end
        text = self._text(data)
        if text is None:
            return Row(self.number, data, end, fault=_BROKEN)
        return self._made(data, end, self._cells(text))

    def _text(self, data: bytes) -> str | None:
        try:
            text = data.decode(self._form.charset)
        except UnicodeDecodeError:
            return None
        is_broken = self._form.is_recoded and _NO_CHARACTER in text
        return None if is_broken else text

    def _cells(self, text: str) -> list[str]:
        """The cells of a row, none if it is no CSV."""
        for strict in (True, False):
            try:
                return _parse(text, self._form.delimiter, strict=strict)
            except csv.Error:
                continue
        return []

    def _made(self, data: bytes, end: int, cells: list[str]) -> Row:
        expected = len(self._form.columns)
        if len(cells) != expected:
            fault = f"The row has {len(cells):,} cells, the header {expected:,}."
            return Row(self.number, data, end, fault=fault)
        return Row(self.number, data, end, [unguarded(each) for each in cells])
