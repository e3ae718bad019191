"""Rows and messages: a record's columns as its message's fields, and back."""

import decimal
from collections.abc import Callable
from datetime import date
from typing import Any

from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from services.clock import from_timestamp, to_timestamp
from services.custom_fields import to_json
from services.database import Row
from services.formats import plain
from services.record_type import Field, Kind, RecordType


class RowReader:
    """Reads the rows of one kind of record.

    `columns` is what to select, in order: the tenant, then the fields, then the
    version. A row of another tenant is refused, whatever statement brought it.
    """

    def __init__(self, record: RecordType) -> None:
        self._message = record.message
        self._readers = tuple(
            (index, item.name, _READERS.get(item.kind))
            for index, item in enumerate(record.fields, start=1)
        )
        self._version = len(record.fields) + 1
        names = ("business_id", *(item.name for item in record.fields), "version")
        self.columns = ", ".join(f"r.{name}" for name in names)
        self.width = len(names)

    def read(self, row: Row, business_id: str) -> Any:
        """The record in a row, its etag included."""
        if row[0] != business_id:
            raise AssertionError("a statement brought a row of another tenant")
        values = {"etag": str(row[self._version])}
        for index, name, reader in self._readers:
            value = row[index]
            if value is not None:
                values[name] = value if reader is None else reader(value)
        return self._message(**values)


_READERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.TIMESTAMP: to_timestamp,
    Kind.DATE: lambda day: Date(year=day.year, month=day.month, day=day.day),
    Kind.DECIMAL: lambda number: Decimal(value=plain(number)),
}


def column_value(item: Field, record: Message) -> Any:
    """The value of a field as its column takes it; None where it is unset."""
    value = getattr(record, item.name)
    if item.kind is Kind.TAGS:
        return list(value)
    if item.kind in (Kind.CUSTOM, Kind.METADATA):
        return to_json(value)
    if item.nullable and not record.HasField(item.name):
        return None
    writer = _WRITERS.get(item.kind)
    return value if writer is None else writer(value)


_WRITERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.TIMESTAMP: from_timestamp,
    Kind.DATE: lambda day: date(day.year, day.month, day.day),
    Kind.DECIMAL: lambda number: decimal.Decimal(number.value),
    Kind.ENUM: lambda number: number or None,
}
