"""Rows of CSV (RFC 4180): a header, and rows with as many cells.

What is damaged is its row's fault, and the next row begins with the next line: a quote
that is never closed does not swallow the rows after it. Lines without a single value,
which spreadsheets leave behind, are no rows. Those that have delimiters are counted, so
that the numbers of the rows after them are those of the spreadsheet.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from services.exports.guarding import unguarded
from services.importing.reading.content import ContentError
from services.importing.reading.lines import MOST_BYTES, Line, Lines, joined
from services.importing.reading.rows import Row
from services.imports.checks import MOST_COLUMNS

_DELIMITERS = (",", ";", "\t")
_MARK = "\ufeff"
_NO_CHARACTER = "\ufffd"

_TOO_LONG = f"The row has more than {MOST_BYTES:,} bytes."
_OPEN = "A quote is not closed."
# More than the rows of a spreadsheet.
_MOST_EMPTY = 1_048_576
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
    lines: Lines, charset: str, *, is_recoded: bool = False
) -> tuple[Form, int]:
    """The form of a table, and where its rows begin. Raises `ContentError`."""
    while True:
        line = await lines.take()
        if line is None:
            raise ContentError("The content has no header: it is empty.")
        if line.is_cut:
            raise ContentError("The header is too long.")
        if line.data.strip() not in (b"", b"\xef\xbb\xbf"):
            break
    taken = [line]
    while True:
        text = _header_text(taken, charset).removeprefix(_MARK)
        if text.count('"') % 2 == 0:
            break
        following = await lines.take()
        if following is None or len(taken) > MOST_COLUMNS:
            raise ContentError("A quote of the header is not closed.")
        taken.append(following)
    delimiter = max(_DELIMITERS, key=_outside_quotes(text).count)
    cells = [each.strip() for each in _parse(text, delimiter, strict=False)]
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


def _header_text(lines: Sequence[Line], charset: str) -> str:
    try:
        text = joined(lines).decode(charset)
    except UnicodeDecodeError:
        text = _NO_CHARACTER
    if _NO_CHARACTER in text:
        raise ContentError(f"The header is not in {charset}: give its charset.")
    return text


def _outside_quotes(text: str) -> str:
    return "".join(text.split('"')[::2])


def _parse(text: str, delimiter: str, *, strict: bool) -> list[str]:
    lines = text.split("\n")
    fed = [each + "\n" for each in lines[:-1]]
    rows = list(csv.reader([*fed, lines[-1]], delimiter=delimiter, strict=strict))
    return [cell for row in rows for cell in row]


class CsvRows:
    """Reads the rows of a table; `number` rows came before."""

    def __init__(self, lines: Lines, form: Form, number: int = 0) -> None:
        self._lines, self._form, self._number = lines, form, number
        self._nothing = f'{form.delimiter}" \t'.encode()

    async def take(self, most: int) -> list[Row]:
        """The next rows, none at the end. Raises `ContentError`."""
        found: list[Row] = []
        empty = 0
        while len(found) < most:
            line = await self._lines.take()
            if line is None:
                break
            if not line.is_cut and self._is_empty(line.data):
                self._number += bool(line.data)
                empty += 1
                if empty > _MOST_EMPTY:
                    text = f"More than {_MOST_EMPTY:,} empty rows follow one another."
                    raise ContentError(text)
                continue
            self._number += 1
            found.append(await self._row(line))
        return found

    def _is_empty(self, line: bytes) -> bool:
        """Whether a line has no value: delimiters, spaces and empty quotes alone."""
        if line.strip(self._nothing) or b'"""' in line:
            return False
        return line.count(b'"') == 2 * line.count(b'""')

    async def _row(self, line: Line) -> Row:
        if line.is_cut:
            return Row(self._number, line.data, line.end, fault=_TOO_LONG)
        if b'"' not in line.data:
            text = self._text(line.data)
            if text is None:
                return Row(self._number, line.data, line.end, fault=_BROKEN)
            return self._made(line.data, line.end, text.split(self._form.delimiter))
        return await self._quoted(line)

    async def _quoted(self, first: Line) -> Row:
        """A row with quotes: it may go on in further lines."""
        taken, size = [first], len(first.data)
        while True:
            data = joined(taken)
            text = self._text(data)
            if text is None:
                return Row(self._number, data, taken[-1].end, fault=_BROKEN)
            cells = self._cells(text)
            if cells is not None:
                return self._made(data, taken[-1].end, cells)
            while True:
                line = await self._lines.take()
                if line is None or line.is_cut or size > MOST_BYTES:
                    given_back = [*taken[1:], *([] if line is None else [line])]
                    self._lines.give_back(given_back)
                    return Row(self._number, first.data, first.end, fault=_OPEN)
                taken.append(line)
                size += len(line.data)
                if line.data.count(b'"') % 2:
                    break

    def _text(self, data: bytes) -> str | None:
        try:
            text = data.decode(self._form.charset)
        except UnicodeDecodeError:
            return None
        is_broken = self._form.is_recoded and _NO_CHARACTER in text
        return None if is_broken else text

    def _cells(self, text: str) -> list[str] | None:
        """The cells of a row, None if it goes on in the next line."""
        try:
            return _parse(text, self._form.delimiter, strict=True)
        except csv.Error as error:
            if "unexpected end" in str(error):
                return None
        try:
            return _parse(text, self._form.delimiter, strict=False)
        except csv.Error:
            return []

    def _made(self, data: bytes, end: int, cells: list[str]) -> Row:
        expected = len(self._form.columns)
        if len(cells) != expected:
            fault = f"The row has {len(cells):,} cells, the header {expected:,}."
            return Row(self._number, data, end, fault=fault)
        return Row(self._number, data, end, [unguarded(each) for each in cells])
