"""Reads tables from a store, as the worker of imports reads them."""

import asyncio
from pathlib import Path
from typing import Any

from services.files.stores import Files
from services.importing.reading.content import Content
from services.importing.reading.csv_rows import CsvRows, Form, read_header
from services.importing.reading.lines import Lines
from services.importing.reading.rows import Row
from services.imports.contents import PIECE_BYTES

FOLDER = "biz_1/imports/imp_1/"


async def content_of(place: Path, data: bytes, wide: str = "") -> Content:
    """A content in the store, in pieces as they are sent."""
    files = Files(str(place))
    for number, start in enumerate(range(0, len(data), PIECE_BYTES)):
        piece = data[start : start + PIECE_BYTES]
        await files.put(f"{FOLDER}1/x/{number:05}", piece)
    sendings = {"1": {"name": "x", "bytes": len(data)}}
    return Content(files, FOLDER, sendings, wide)


async def rows_of(
    place: Path, data: bytes, charset: str = "utf-8"
) -> tuple[Form, list[Row]]:
    """The form of a table, and its rows."""
    wide = charset if charset.startswith("utf-16") else ""
    content = await content_of(place, data, wide)
    await content.seek(0)
    given = "utf-8" if wide else charset
    form, position = await read_header(Lines(content), given, is_recoded=bool(wide))
    await content.seek(position)
    reader, found = CsvRows(Lines(content), form), list[Row]()
    while not reader.lines.is_at_end:
        found += await reader.take(7)
    return form, found


def read(place: Path, data: bytes, charset: str = "utf-8") -> list[Any]:
    """The cells of each row, or its fault."""
    _, rows = asyncio.run(rows_of(place, data, charset))
    return [row.fault or row.cells for row in rows]
