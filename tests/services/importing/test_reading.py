"""Damaged files: what is wrong with a row is that row's fault alone."""

import asyncio
import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from services.importing.ahead import _taken
from services.importing.reading import csv_rows
from services.importing.reading.content import ContentError
from services.importing.reading.csv_rows import CsvRows, Form
from services.importing.reading.lines import Line, Lines, joined
from services.imports import rejected
from services.imports.contents import PIECE_BYTES
from tests.services.importing.tables import content_of, read


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b"a,b\n1,2\n", [["1", "2"]]),
        (b"a,b\r\n1,2\r\n\r\n3,4", [["1", "2"], ["3", "4"]]),
        (b"a,b\r1,2\r3,4\r", [["1", "2"], ["3", "4"]]),
        (b"\xef\xbb\xbfa;b\n1;2,5\n", [["1", "2,5"]]),
        (b"a\tb\n1\t\n", [["1", ""]]),
        (b'a,b\n"x ""y"", z","1\n2"\n3,4\n', [['x "y", z', "1\n2"], ["3", "4"]]),
        (b'a,b\r\n"1\r\n2","\r3\n4"\r\n', [["1\r\n2", "\r3\n4"]]),
        (b'a,b\r"1\r2",3\r', [["1\r2", "3"]]),
        (b'a,b\n5" pipe,2\n3,4\n', [['5" pipe', "2"], ["3", "4"]]),
        (b"a,b\n'=1+1,2\n", [["=1+1", "2"]]),
        (b"a,b\n1\n2,3\n", ["The row has 1 cells, the header 2.", ["2", "3"]]),
        (b"a,b\n1,2,3\n2,3\n", ["The row has 3 cells, the header 2.", ["2", "3"]]),
        (b'a,b\n"1,2\n3,4\n', ["A quote is not closed.", ["3", "4"]]),
        (
            b"a,b\n\xff,2\n3,4\n",
            ["A byte is no character of the charset.", ["3", "4"]],
        ),
        (b'a;b\n1;2\n;\n3;4\n;;;;\n"" ; \n', [["1", "2"], ["3", "4"]]),
        (b'a,b\n,"\n"\n"""",\n', [["", "\n"], ['"', ""]]),
        (b"a,b\n1\x00,2\n", [["1\x00", "2"]]),
        (b"a,b\n" + b"x" * 3_000_000 + b"\n3,4\n", ["long", ["3", "4"]]),
    ],
)
def test_a_damaged_row_does_not_harm_its_neighbours(
    tmp_path: Path, data: bytes, rows: list[Any]
) -> None:
    found = read(tmp_path, data)
    found = ["long" if "more than" in str(each) else each for each in found]
    assert found == rows


@pytest.mark.parametrize("charset", ["utf-16", "cp1252", "shift_jis", "gb18030"])
def test_a_charset_is_read_as_it_says(tmp_path: Path, charset: str) -> None:
    name = {"shift_jis": "表示", "gb18030": "中文"}.get(
        charset, "Łódź" if "16" in charset else "Zoë"
    )
    data = f"name,city\n{name},x\n".encode(charset)
    assert read(tmp_path, data, charset) == [[name, "x"]]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no header"),
        (b"\n \n", "no header"),
        (b"\n" * 1_001 + b"a\n", "too many empty lines"),
        (b" " * 1_000_000 + b"\n" + b" " * 100_000 + b"\na\n", "too many empty lines"),
        (b"a\n" + b"\n" * 1_048_577, "empty rows follow one another"),
        (b",,\n", "names no column"),
        (b"a,b,a\n", "twice"),
        (b'"a\n', "quote of the header"),
        (b"a,b\0\n1,2\n", "NUL character"),
        (b"a,b\rc\n1,2\n", "no line of CSV"),
        (b"\xff\xfea\x00", "not in utf-8"),
        (",".join(map(str, range(10_000))).encode() + b"\n1\n", "10,000 columns"),
        (b"x" * 3_000_000, "too long"),
        (gzip.compress(b"a\n" + bytes(range(256)) * 99)[:-20], "cut off"),
        (b"\x1f\x8bnothing of the kind", "cannot be unpacked"),
        (gzip.compress(b"a\n" + b"\0" * 80 * 1024**2), "unpacks to more"),
    ],
)
def test_a_content_that_cannot_be_read_says_why(
    tmp_path: Path, data: bytes, why: str
) -> None:
    with pytest.raises(ContentError, match=why):
        read(tmp_path, data)


@pytest.mark.parametrize("packed", [False, True])
def test_reading_goes_on_from_any_position(tmp_path: Path, packed: bool) -> None:
    whole = b"".join(b"%07d,%b\n" % (n, b"x" * 100) for n in range(25_000))
    data = gzip.compress(whole) if packed else whole

    async def from_there(position: int) -> bytes:
        content = await content_of(tmp_path, data)
        await content.seek(position)
        assert content.position == position
        return await content.read()

    for position in (0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 5, len(whole)):
        block = asyncio.run(from_there(position))
        assert whole[position:].startswith(block)
        assert bool(block) == (position < len(whole))


@pytest.mark.parametrize(
    "lines",
    [
        b'x,"\n' + b'",x"y,"\n' * 1_500,
        b'x",",\n' * 1_500,
        b'x,"\n' + b"\n" * 1_500,
        b'x,"\n' + b'y,""\n' * 1_500,
    ],
)
def test_a_quote_costs_no_more_than_its_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: bytes
) -> None:
    work = {"bytes": 0}
    parse, take = csv_rows._parse, Lines.take

    def parsed(text: str, delimiter: str, *, strict: bool) -> list[str]:
        work["bytes"] += len(text)
        return parse(text, delimiter, strict=strict)

    async def taken(self: Lines) -> Line | None:
        line = await take(self)
        work["bytes"] += 0 if line is None else len(line.data) + 1
        return line

    monkeypatch.setattr(csv_rows, "_parse", parsed)
    monkeypatch.setattr(Lines, "take", taken)
    data = b"a,b,c\n" + lines
    read(tmp_path, data)
    assert work["bytes"] <= 6 * len(data)


def test_some_empty_lines_may_come_before_a_header(tmp_path: Path) -> None:
    assert read(tmp_path, b"\n" * 1_000 + b"a\n1\n") == [["1"]]


def test_empty_lines_end_a_step_that_finds_no_row(tmp_path: Path) -> None:
    async def steps(gap: int) -> list[list[int]]:
        content = await content_of(tmp_path, b"1\n" + b"\n" * gap + b"2\n")
        reader, found = CsvRows(Lines(content), Form("utf-8", False, ",", ("a",))), []
        while not reader.lines.is_at_end:
            rows = await _taken(reader, 100)
            found.append([each.number for each in rows])
        return found

    assert asyncio.run(steps(20_000)) == [[1, 2]]
    first, *between, last = asyncio.run(steps(200_000))
    assert (first, last) == ([1], [2])
    assert between == [[]] * 5


def test_a_header_is_bounded_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = list[int]()

    def counted(lines: Sequence[Line]) -> bytes:
        data = joined(lines)
        decoded.append(len(data))
        return data

    monkeypatch.setattr(csv_rows, "joined", counted)
    with pytest.raises(ContentError, match="131,072 bytes"):
        read(tmp_path, b'"' + (b"x" * 10_000 + b"\n") * 300 + b'"\n')
    with pytest.raises(ContentError, match="not closed"):
        read(tmp_path, b'"' + b"x\n" * 300)
    assert read(tmp_path, b'"a\n' + b"x\n" * 300 + b'",b\n1,2\n') == [["1", "2"]]
    assert sum(decoded) < 2_000


def test_utf_16_without_its_mark_is_no_content(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="byte order mark"):
        read(tmp_path, "a,b\n1,2\n".encode("utf-16-le"), "utf-16")
    data = b"\xff\xfe" + "a,b\n".encode("utf-16-le") + b"\x00\xd8,\x002\x00\n\x00"
    (row,) = read(tmp_path, data, "utf-16")
    assert row == "A byte is no character of the charset."


def test_an_old_problem_is_replaced() -> None:
    problem = {"detail": "new"}
    for sent in (b'{"_problem":"a\\"b","x":1.50}', b'{"x":1.50}'):
        assert rejected.with_problem(sent, problem) == b'{"_problem":"new","x":1.50}'
    assert rejected.with_problem(b'{"_problem":"a"}', problem) == b'{"_problem":"new"}'
    assert rejected._without(b'"a;b";1;"x\ny"', 0, "utf-8", ";") == b'1;"x\ny"'
    assert rejected._without(b'"a', 3, "utf-8", ";") == b'"a'
