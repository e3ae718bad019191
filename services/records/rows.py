"""Converts rows to messages.

If a compiler was available, `rows.c` does it, about ten times as fast as the loop here;
both make the same messages. `row_values.py` converts messages to rows.
"""

import decimal
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import Struct, Value
from prospectconnect.options.v1 import options_pb2

from services.clock import EPOCH_SECONDS, SECOND
from services.kinds.custom_fields import fill
from services.kinds.formats import plain
from services.kinds.record_type import STRUCTS, Field, FieldType, RecordType
from services.postgres.database import Row
from services.records.row_values import values_of
from services.records.values.aggregation_json import aggregation_of
from services.records.values.filter_json import filters_of

try:
    from services.records._rows import Packer
except ImportError:  # there was no compiler
    Packer = None  # type: ignore[assignment, misc]  # tested before it is used


@dataclass(frozen=True, slots=True)
class Part:
    """Some fields of a record, as they are read, and the names that answers tell."""

    fields: tuple[Field, ...]
    told: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def public_names(kind: RecordType) -> tuple[str, ...]:
    """The fields of a record that answers show."""
    return tuple(
        item.name
        for item in kind.message.DESCRIPTOR.fields
        if not (policy := item.GetOptions().Extensions[options_pb2.field]).internal
        and not policy.shown_once
    )


class RowReader:
    """Makes records of one kind, or parts of such records, from rows.

    `columns` is the list to select, `width` the number of columns: the tenant, the
    fields, then the version. Others may follow. `read` makes a record from a row, with
    its etag. `read_into` makes records from many rows and appends them to an answer's
    `data`. `pack` makes a page that has them in its `data`, serialized. All refuse a
    row of another tenant, for any statement that returned it.

    Of rows that are `sent` the columns come as the bytes of one, where the reader is
    compiled. That costs a third, and nobody can look into them.
    """

    def __init__(
        self, record: RecordType, part: Part, *, compiled: bool, sent: bool = False
    ) -> None:
        names = ("r.business_id", *(item.sql for item in part.fields), "r.version")
        self.columns = ", ".join(names)
        self.width = len(names)
        self.read: Callable[[Row, str], Any]
        self.read_into: Callable[[Any, list[Row], str], None]
        self.pack: Callable[[list[Row], str], bytes]
        packed = _packed(record, part, sent) if compiled else None
        self.read, self.read_into, self.pack = packed or _looped(record, part)
        if sent and packed is not None:
            self.columns, self.width = f"record_send(ROW({self.columns}))", 1


@lru_cache(maxsize=512)
def beside(reader: RowReader, names: tuple[str, ...]) -> RowReader:
    """The same reader, of rows in which these columns follow what it reads."""
    wider = copy(reader)
    wider.columns = ", ".join((reader.columns, *(f"r.{name}" for name in names)))
    wider.width += len(names)
    return wider


class RowCodec(RowReader):
    """Converts the rows of one kind of record.

    `sent` reads rows that nobody looks into. `values` converts a record to the values
    of its columns, None for an unset field.
    """

    def __init__(self, record: RecordType, *, compiled: bool = True) -> None:
        part = Part(record.fields)
        super().__init__(record, part, compiled=compiled)
        self.sent = RowReader(record, part, compiled=compiled, sent=True)
        self.values: Callable[[Message], list[Any]] = values_of(record)


def _packed(record: RecordType, part: Part, sent: bool) -> tuple[Any, Any, Any] | None:
    """Returns the compiled functions, None if they cannot do the kind."""
    if Packer is None or any(item.type not in _PACKED for item in part.fields):
        return None
    numbers = record.message.DESCRIPTOR.fields_by_name
    told: Any = record.message()
    if part.told:
        told.answered_fields.extend(part.told)
    packer = Packer(
        tuple(
            (numbers[item.name].number, _PACKED[item.type], plain)
            for item in part.fields
        ),
        numbers["etag"].number,
        told.SerializeToString(),
        sent,
    )
    pack, pack_all, parse = packer.row, packer.rows, record.message.FromString

    def read(row: Row, business_id: str) -> Any:
        return parse(pack(row, business_id))

    def read_into(answer: Any, rows: list[Row], business_id: str) -> None:
        answer.MergeFromString(pack_all(rows, business_id))

    return read, read_into, pack_all


def _looped(record: RecordType, part: Part) -> tuple[Any, Any, Any]:
    """Returns the functions as loops over the fields."""
    places = tuple(enumerate(part.fields, start=1))
    plain_fields = tuple(
        (place, item.name, _READERS.get(item.type))
        for place, item in places
        if item.type not in STRUCTS
    )
    structs = tuple((p, item.name) for p, item in places if item.type in STRUCTS)
    version = len(part.fields) + 1
    told = {"answered_fields": part.told} if part.told else {}

    def read(row: Row, business_id: str, make: Any = record.message) -> Any:
        if row[0] != business_id:
            raise AssertionError("a statement brought a row of another tenant")
        given: dict[str, Any] = {"etag": str(row[version]), **told}
        for place, name, reader in plain_fields:
            value = row[place]
            if value is not None:
                given[name] = value if reader is None else reader(value)
        for place, name in structs:
            if row[place] == _EMPTY:
                given[name] = _EMPTY
        made = make(**given)
        for place, name in structs:
            if row[place]:
                fill(getattr(made, name), row[place])
        return made

    def read_into(answer: Any, rows: list[Row], business_id: str) -> None:
        for row in rows:
            read(row, business_id, answer.data.add)

    def pack(rows: list[Row], business_id: str) -> bytes:
        page: Any = GetMessageClass(page_of(record))()
        read_into(page, rows, business_id)
        return bytes(page.SerializeToString())

    return read, read_into, pack


@lru_cache(maxsize=64)
def page_of(record: RecordType) -> Any:
    """The descriptor of a page of records: what their search answers with."""
    message: Any = record.message.DESCRIPTOR
    for method in message.file.services_by_name[f"{message.name}Service"].methods:
        policy = method.GetOptions().Extensions[options_pb2.method]
        if policy.standard == options_pb2.STANDARD_METHOD_SEARCH:
            return method.output_type
    raise ValueError(f"{record.resource} has no search")


_EMPTY: dict[str, Any] = {}

# A nested message is given to protobuf as a dict of its fields, which saves an object.


def _value_message(value: Any) -> Value:
    struct = Struct()
    fill(struct, {"value": value})
    return struct.fields["value"]


def _timestamp_fields(moment: int) -> dict[str, int]:
    seconds, microseconds = divmod(moment, SECOND)
    return {"seconds": seconds + EPOCH_SECONDS, "nanos": microseconds * 1_000}


def _date_fields(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


def _decimal_fields(number: decimal.Decimal) -> dict[str, str]:
    return {"value": plain(number)}


_READERS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.TIMESTAMP: _timestamp_fields,
    FieldType.DATE: _date_fields,
    FieldType.DECIMAL: _decimal_fields,
    FieldType.VALUE: _value_message,
    FieldType.FILTERS: filters_of,
    FieldType.FIGURES: aggregation_of,
}


# The field types that the compiled packer knows, by its own codes.
_PACKED = {
    FieldType.STRING: "s",
    FieldType.ID: "s",
    FieldType.ENUM: "v",
    FieldType.INTEGER: "v",
    FieldType.BOOLEAN: "v",
    FieldType.DECIMAL: "n",
    FieldType.DATE: "d",
    FieldType.TIMESTAMP: "t",
    FieldType.TAGS: "l",
    FieldType.IDS: "l",
    FieldType.CUSTOM: "j",
    FieldType.METADATA: "j",
    FieldType.EXTERNAL: "j",
}
