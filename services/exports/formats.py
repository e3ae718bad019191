"""The formats of files: what a file begins with, and how it holds records.

A format is made anew for each file. It gets records as JSON text and returns the bytes
that follow in the file.
"""

import csv
import io
from collections.abc import Callable
from typing import Protocol

from prospectconnect.jobs.v1 import exports_pb2 as pb

from services.exports.cells import cutter_of
from services.exports.columns import columns_of
from services.exports.parquet import Parquet
from services.exports.selection import Selection


class Format(Protocol):
    """One file that is being written.

    `held` are the bytes of JSON of those records that it has not given back yet.
    """

    @property
    def held(self) -> int: ...

    async def add(self, lines: list[bytes]) -> bytes:
        """What follows in the file, for these records or earlier ones."""

    async def end(self) -> bytes:
        """What the file ends with."""

    async def abandon(self) -> None:
        """Ends what has not ended yet."""


# Begins a file. The bytes of its beginning come with its first records, or its end.
Begin = Callable[[], Format]


# By this spreadsheet programs know that a table is UTF-8.
_MARK = "\ufeff"


class Lines:
    """A record in each line, as JSON."""

    held = 0

    async def add(self, lines: list[bytes]) -> bytes:
        """The lines."""
        return b"\n".join((*lines, b""))

    async def end(self) -> bytes:
        """Nothing."""
        return b""

    async def abandon(self) -> None:
        """There is nothing to end."""


class Table:
    """Comma-separated values (RFC 4180) with a header, in UTF-8."""

    held = 0

    def __init__(self, selection: Selection, mark: str = "") -> None:
        """`mark` stands before the header."""
        columns = columns_of(selection, keyed=True)
        self._rows = cutter_of(columns).rows
        header = io.StringIO()
        csv.writer(header).writerow([each.name for each in columns])
        self._header = f"{mark}{header.getvalue()}".encode()

    async def add(self, lines: list[bytes]) -> bytes:
        """The rows."""
        return await self.end() + self._rows(lines)

    async def end(self) -> bytes:
        """The header, if there was no row."""
        header, self._header = self._header, b""
        return header

    async def abandon(self) -> None:
        """There is nothing to end."""


def beginning(export: pb.Export, selection: Selection) -> Begin:
    """What begins the files of a selection."""
    if export.format == pb.EXPORT_FORMAT_NDJSON:
        return Lines
    if export.format == pb.EXPORT_FORMAT_CSV:
        return lambda: Table(selection, _MARK if export.byte_order_mark else "")
    columns = columns_of(selection, keyed=False)
    is_compressed = export.compression == pb.EXPORT_COMPRESSION_GZIP
    return lambda: Parquet(columns, is_compressed=is_compressed)


_ENDINGS = {
    pb.EXPORT_FORMAT_CSV: (".csv", "text/csv; charset=utf-8; header=present"),
    pb.EXPORT_FORMAT_NDJSON: (".ndjson", "application/x-ndjson"),
    pb.EXPORT_FORMAT_PARQUET: (".parquet", "application/vnd.apache.parquet"),
}


def is_packed(export: pb.Export) -> bool:
    """Whether each file as a whole is compressed. Parquet compresses its pages."""
    is_table = export.format != pb.EXPORT_FORMAT_PARQUET
    return is_table and export.compression == pb.EXPORT_COMPRESSION_GZIP


def ending_of(export: pb.Export) -> str:
    """What the names of an export's files end with."""
    return _ENDINGS[export.format][0] + (".gz" if is_packed(export) else "")


def media_type_of(export: pb.Export) -> str:
    """The media type of an export's files."""
    return "application/gzip" if is_packed(export) else _ENDINGS[export.format][1]
