"""The formats of files: what a file begins with, and how it holds records.

A format is made anew for each file. It gets records as JSON text and returns the bytes
that follow in the file.
"""

import csv
import io
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

from prospectconnect.jobs.v1 import exports_pb2 as pb

from services.exports.columns import as_json, columns_of, getter, parsed
from services.exports.guarding import guarded
from services.exports.selection import Selection

_BETWEEN = "|"


class Format(Protocol):
    """One file that is being written."""

    def add(self, lines: Sequence[bytes]) -> bytes:
        """What follows in the file for some records."""

    def end(self) -> bytes:
        """What the file ends with."""


# Begins a file. The bytes of its beginning come with its first records, or its end.
Begin = Callable[[], Format]


class Lines:
    """A record in each line, as JSON."""

    def add(self, lines: Sequence[bytes]) -> bytes:
        """The lines."""
        return b"\n".join((*lines, b""))

    def end(self) -> bytes:
        """Nothing."""
        return b""


class Table:
    """Comma-separated values (RFC 4180) with a header, in UTF-8."""

    def __init__(self, selection: Selection) -> None:
        columns = columns_of(selection, keyed=True)
        self._getters = [getter(each) for each in columns]
        self._text = io.StringIO()
        self._write = csv.writer(self._text)
        self._write.writerow([each.name for each in columns])

    def add(self, lines: Sequence[bytes]) -> bytes:
        """The rows."""
        getters = self._getters
        self._write.writerows(
            [cell(get(record)) for get in getters] for record in map(parsed, lines)
        )
        return self._taken()

    def end(self) -> bytes:
        """The header, if there was no row."""
        return self._taken()

    def _taken(self) -> bytes:
        text = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        return text.encode()


def cell(value: Any) -> str:
    """A value as the text of a cell, which no spreadsheet runs."""
    if value is None:
        return ""
    if not isinstance(value, str):
        if value is True or value is False:
            return "true" if value else "false"
        text = _composed(value) if isinstance(value, (list, dict)) else str(value)
    else:
        text = value
    return guarded(text)


def _composed(value: Any) -> str:
    """A list, its elements with `|` between them, or JSON."""
    if not value:
        return ""
    is_list = isinstance(value, list)
    if is_list and all(isinstance(each, str) and _is_plain(each) for each in value):
        joined: str = _BETWEEN.join(value)
        if not joined.startswith("["):
            return joined
    return as_json(value)


def _is_plain(element: str) -> bool:
    """Whether an import reads an element of a list as it is between two `|`."""
    return element != "" and _BETWEEN not in element and element == element.strip()


def has_parquet() -> bool:
    """Whether this installation has the extra `parquet`."""
    return find_spec("pyarrow") is not None


def beginning(export: pb.Export, selection: Selection) -> Begin:
    """What begins the files of a selection."""
    if export.format == pb.EXPORT_FORMAT_NDJSON:
        return Lines
    if export.format == pb.EXPORT_FORMAT_CSV:
        return lambda: Table(selection)
    from services.exports.parquet import Columnar  # noqa: PLC0415 - an extra

    is_compressed = export.compression == pb.EXPORT_COMPRESSION_GZIP
    return lambda: Columnar(selection, is_compressed=is_compressed)


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
