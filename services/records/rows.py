"""Rows and messages: a record's columns as its message's fields, and back.

Both ways are one function for each kind of record, generated as Python source at
start: that beats a loop over the fields by two to three times, and a page of a
search is read row by row. Reading is faster still where `rows.c` is compiled; it
makes the same messages. What is generated looks so:

    def read(row, business_id, make=message):
        if row[0] != business_id: refuse()
        m = make(
            id=row[1],
            due_date=None if (v := row[2]) is None else date_fields(v),
            etag=str(row[4]),
        )
        fill(m.custom_fields, row[3])
        return m

    def values(m):
        has = m.HasField
        return [
            m.id,
            write_date(m.due_date) if has('due_date') else None,
        ]
"""

import decimal
from collections.abc import Callable
from datetime import date
from typing import Any, NoReturn

from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from services.clock import EPOCH_SECONDS, SECOND, from_timestamp
from services.kinds.custom_fields import fill, to_json
from services.kinds.formats import plain
from services.kinds.record_type import Field, Kind, RecordType
from services.postgres.database import Row

try:
    from services.records._rows import Packer
except ImportError:  # there was no compiler
    Packer = None  # type: ignore[assignment, misc]  # asked for before it is used


class RowCodec:
    """The rows of one kind of record.

    `columns` is what to select, in order: the tenant, then the fields, then the
    version; `width` is how many they are. `read` makes the record in a row, its etag
    included; `read_into` makes those of many and appends them to an answer's `data`.
    Both refuse a row of another tenant, whatever statement brought it. `values` are a
    record's fields as its columns take them, None where one is unset.
    """

    def __init__(self, record: RecordType, *, compiled: bool = True) -> None:
        names = ("business_id", *(item.name for item in record.fields), "version")
        self.columns = ", ".join(f"r.{name}" for name in names)
        self.width = len(names)
        self.values: Callable[[Message], list[Any]]
        self.values = _defined("values", _writer(record))
        self.read: Callable[[Row, str], Any]
        self.read_into: Callable[[Any, list[Row], str], None]
        packed = _packed(record) if compiled else None
        self.read, self.read_into = packed or _generated(record)


def _packed(record: RecordType) -> tuple[Any, Any] | None:
    """`read` and `read_into` by the compiled packer, where it can do the record."""
    if Packer is None or any(item.kind not in _PACKED for item in record.fields):
        return None
    numbers = record.message.DESCRIPTOR.fields_by_name
    packer = Packer(
        tuple(
            (numbers[item.name].number, _PACKED[item.kind], plain)
            for item in record.fields
        ),
        numbers["etag"].number,
    )
    pack, pack_all, parse = packer.row, packer.rows, record.message.FromString

    def read(row: Row, business_id: str) -> Any:
        return parse(pack(row, business_id))

    def read_into(answer: Any, rows: list[Row], business_id: str) -> None:
        answer.MergeFromString(pack_all(rows, business_id))

    return read, read_into


def _generated(record: RecordType) -> tuple[Any, Any]:
    """`read` and `read_into` by the generated function."""
    read = _defined("read", _reader(record), message=record.message)

    def read_into(answer: Any, rows: list[Row], business_id: str) -> None:
        for row in rows:
            read(row, business_id, answer.data.add)

    return read, read_into


def _defined(function: str, source: str, **names: Any) -> Any:
    scope = {**_NAMES, **names}
    exec(source, scope)  # noqa: S102 - made of descriptors, not of input
    return scope[function]


def _reader(record: RecordType) -> str:
    given, filled = [], []
    for index, item in enumerate(record.fields, start=1):
        if item.kind in _STRUCTS:
            filled.append(f"    fill(m.{item.name}, row[{index}])")
        else:
            given.append(f"        {item.name}={_read(item, f'row[{index}]')},")
    return "\n".join(
        [
            "def read(row, business_id, make=message):",
            "    if row[0] != business_id: refuse()",
            "    m = make(",
            *given,
            f"        etag=str(row[{len(record.fields) + 1}]),",
            "    )",
            *filled,
            "    return m",
        ]
    )


def _read(item: Field, column: str) -> str:
    reader = _READERS.get(item.kind)
    if reader is None:
        return column  # None leaves a field unset
    return f"None if (v := {column}) is None else {reader}(v)"


def _writer(record: RecordType) -> str:
    fields = [f"        {_written(item)}," for item in record.fields]
    head = ["def values(m):", "    has = m.HasField", "    return ["]
    return "\n".join([*head, *fields, "    ]"])


def _written(item: Field) -> str:
    value = f"m.{item.name}"
    if item.kind is Kind.TAGS:
        return f"{value}[:]"
    if item.kind in _STRUCTS:
        return f"to_json({value})"
    writer = _WRITERS.get(item.kind)
    if not item.nullable:
        return value if writer is None else f"{writer}({value})"
    if item.kind is Kind.ENUM:
        return f"{value} or None"
    if writer is None:
        return f"v if (v := {value}) or has({item.name!r}) else None"
    return f"{writer}({value}) if has({item.name!r}) else None"


def _refuse() -> NoReturn:
    raise AssertionError("a statement brought a row of another tenant")


# A message within a message is read as a dict of its fields, which saves an object.


def _timestamp_fields(moment: int) -> dict[str, int]:
    seconds, microseconds = divmod(moment, SECOND)
    return {"seconds": seconds + EPOCH_SECONDS, "nanos": microseconds * 1_000}


def _date_fields(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


def _decimal_fields(number: decimal.Decimal) -> dict[str, str]:
    return {"value": plain(number)}


def _write_date(day: Date) -> date:
    return date(day.year, day.month, day.day)


def _write_decimal(number: Decimal) -> decimal.Decimal:
    return decimal.Decimal(number.value)


# How the compiled packer calls what it can pack.
_PACKED = {
    Kind.STRING: "s",
    Kind.ID: "s",
    Kind.ENUM: "v",
    Kind.INTEGER: "v",
    Kind.BOOLEAN: "v",
    Kind.DECIMAL: "n",
    Kind.DATE: "d",
    Kind.TIMESTAMP: "t",
    Kind.TAGS: "l",
    Kind.CUSTOM: "j",
    Kind.METADATA: "j",
}
_STRUCTS = (Kind.CUSTOM, Kind.METADATA)

_READERS = {
    Kind.TIMESTAMP: "timestamp_fields",
    Kind.DATE: "date_fields",
    Kind.DECIMAL: "decimal_fields",
}
_WRITERS = {
    Kind.TIMESTAMP: "from_timestamp",
    Kind.DATE: "write_date",
    Kind.DECIMAL: "write_decimal",
}
# What the generated source calls.
_NAMES = {
    "refuse": _refuse,
    "timestamp_fields": _timestamp_fields,
    "date_fields": _date_fields,
    "decimal_fields": _decimal_fields,
    "fill": fill,
    "from_timestamp": from_timestamp,
    "write_date": _write_date,
    "write_decimal": _write_decimal,
    "to_json": to_json,
}
