"""Parquet files, by pyarrow, which the extra `parquet` installs.

Texts, whole numbers, dates, times and money have columns of their types; what has no
fixed form is JSON text.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from services.exports.columns import (
    Column,
    as_json,
    columns_of,
    getter,
    parsed,
)
from services.exports.selection import Selection
from services.kinds.record_type import FieldType

# So many records are a row group, or those with so many bytes of JSON.
GROUP_ROWS, GROUP_BYTES = 5_000, 4 * 1024**2
_MOST_DIGITS = 38

_TEXT, _LIST = pa.string(), pa.list_(pa.string())
_TIME = pa.timestamp("us", "UTC")
_TYPES: Mapping[FieldType, Any] = {
    FieldType.STRING: _TEXT,
    FieldType.ID: _TEXT,
    FieldType.ENUM: _TEXT,
    FieldType.INTEGER: pa.int32(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.DATE: pa.date32(),
    FieldType.TIMESTAMP: _TIME,
    FieldType.TAGS: _LIST,
    FieldType.IDS: _LIST,
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
    """One Parquet file."""

    def __init__(self, selection: Selection, *, is_compressed: bool) -> None:
        columns = columns_of(selection, keyed=False)
        self._columns = [(getter(each), *_typed(each)) for each in columns]
        names = [each.name for each in columns]
        types = [each[1] for each in self._columns]
        self._schema = pa.schema(list(zip(names, types, strict=True)))
        self._sink = _Sink()
        compression = "gzip" if is_compressed else "none"
        self._writer = pq.ParquetWriter(
            self._sink, self._schema, compression=compression
        )
        self._batches: list[Any] = []
        self._rows = self._bytes = 0

    def add(self, lines: Sequence[bytes]) -> bytes:
        """A row group, once there are enough records for one."""
        records = [parsed(each) for each in lines]
        arrays = [
            _array([get(record) for record in records], its, write)
            for get, its, write in self._columns
        ]
        self._batches.append(pa.record_batch(arrays, schema=self._schema))
        self._rows += len(records)
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


Write = Callable[[Any], Any] | None


def _typed(column: Column) -> tuple[Any, Write]:
    """The type of a column, and what makes text of its values where they are none."""
    field = column.field
    if field is not None and field.type in _TYPES:
        return _TYPES[field.type], None
    if field is not None and field.type is FieldType.DECIMAL:
        decimals = field.policy.decimals if field.policy.HasField("decimals") else -1
        if decimals >= 0:
            return pa.decimal128(_MOST_DIGITS, decimals), str
        return _TEXT, str
    return _TEXT, as_json


def _array(values: list[Any], its: Any, write: Write) -> Any:
    """The values of a column; texts of dates, times and numbers are read by Arrow."""
    if write is not None:
        values = [None if each is None else write(each) for each in values]
    if pa.types.is_temporal(its) or pa.types.is_decimal(its):
        return pa.array(values, _TEXT).cast(its)
    return pa.array(values, its)
