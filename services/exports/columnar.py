"""Writes one Parquet file, as a process of its own; `parquet.py` has it.

pyarrow takes 40 MiB that a process does not give back, and holds up everything else
while it writes a group of rows. So it has a process, which ends with its file, and
which imports nothing else that is large. The process reads parts from its input and
writes parts to its output, each with its length before it: first what the file is, as
JSON; then some records at a time, a line each; then an empty part. Each part but the
first is answered with what follows in the file.
"""

import os
import struct
import sys
from collections.abc import Sequence
from typing import Any, BinaryIO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from services.exports.cells import Column, cutter_of

LENGTH = struct.Struct("<I")
# An answer begins with a byte that says whether it is a part of a file, or what failed.
GOOD, BAD = b"+", b"!"
# So many records are a row group, or those with so many bytes of JSON.
GROUP_ROWS, GROUP_BYTES = 5_000, 4 * 1024**2
_MOST_DIGITS = 38

_TYPES = {
    "text": pa.string(),
    "json": pa.string(),
    "whole": pa.int32(),
    "truth": pa.bool_(),
    "date": pa.date32(),
    "time": pa.timestamp("us", "UTC"),
    "texts": pa.list_(pa.string()),
}


class _Sink:
    """Collects what a writer writes."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._size += len(part)
        return len(part)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was written stays to be taken."""

    def taken(self) -> bytes:
        found = b"".join(self._parts)
        self._parts.clear()
        return found


class Columnar:
    """One Parquet file. `compression` is a name that Parquet has for it."""

    def __init__(self, columns: Sequence[Column], compression: str) -> None:
        self._cutter = cutter_of(columns)
        self._types = [_type_of(each) for each in columns]
        names = [each.name for each in columns]
        self._schema = pa.schema(list(zip(names, self._types, strict=True)))
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(
            self._sink, self._schema, compression=compression
        )
        self._batches: list[Any] = []
        self._rows = self._bytes = 0

    def add(self, lines: list[bytes]) -> bytes:
        """What follows for some records: row groups, once there are enough for one."""
        values = self._cutter.columns(lines)
        arrays = [_array(*each) for each in zip(values, self._types, strict=True)]
        self._batches.append(pa.record_batch(arrays, schema=self._schema))
        self._rows += len(lines)
        self._bytes += sum(map(len, lines))
        if self._rows >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._write_group()
        return self._sink.taken()

    def end(self) -> bytes:
        """The last row group, and the footer."""
        self._write_group()
        self._writer.close()
        return self._sink.taken()

    def _write_group(self) -> None:
        if self._batches:
            table = pa.Table.from_batches(self._batches, self._schema)
            self._writer.write_table(table, row_group_size=self._rows)
        self._batches, self._rows, self._bytes = [], 0, 0


def _type_of(column: Column) -> Any:
    if column.type == "decimal":
        return pa.decimal128(_MOST_DIGITS, column.decimals)
    return _TYPES[column.type]


def _array(values: list[Any], its: Any) -> Any:
    """The values of a column; texts of dates, times and numbers are read by Arrow."""
    if pa.types.is_string(its) or pa.types.is_list(its):
        return pa.array(values, its)
    return pa.array(values, pa.string()).cast(its)


def _read(source: BinaryIO) -> bytes:
    """The next part. Ends the process where there is none: nobody waits for it."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        sys.exit()
    (length,) = LENGTH.unpack(head)
    part = source.read(length)
    if len(part) < length:
        sys.exit()
    return part


def _tell(part: bytes) -> None:
    sys.stdout.buffer.write(LENGTH.pack(len(part)) + part)
    sys.stdout.buffer.flush()


def main() -> None:
    """Writes the file."""
    # Ctrl+C is for the worker, which then ends it. In a session of its own it would
    # have as much of the processor as the worker on some systems, at any priority.
    os.setpgid(0, 0)
    pa.set_memory_pool(pa.system_memory_pool())  # it gives back what is free
    pa.set_cpu_count(1)
    source = sys.stdin.buffer
    try:
        asked = orjson.loads(_read(source))
        columns = [
            Column(**each | {"others": frozenset(each["others"])})
            for each in asked["columns"]
        ]
        file = Columnar(columns, asked["compression"])
        while part := _read(source):
            _tell(GOOD + file.add(part.split(b"\n")))
        _tell(GOOD + file.end())
    except Exception as error:  # the other process is told
        _tell(BAD + repr(error)[:1_000].encode())


if __name__ == "__main__":
    main()
