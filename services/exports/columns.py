"""Records as rows of a table: which columns there are, and what their cells hold.

The columns are known before the first record is read. What has no fixed columns, such
as custom fields without a definition, is JSON in one cell.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from services.exports.selection import Selection
from services.kinds.own_fields import OwnFields
from services.kinds.record_type import Field, FieldType
from services.kinds.sensitive import MASKED
from services.records.rows import public_names


class Number(str):
    """A number of JSON that is not whole or large, with its digits as written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: a field of the record, or one key of a struct.

    `others` are the keys of a struct that have columns of their own. `field` is None
    for what came along with a record.
    """

    name: str
    field: Field | None = None
    key: str = ""
    others: frozenset[str] = frozenset()


# Larger numbers are not whole ones to what writes JSON.
_MOST_DIGITS = 18


def _whole(text: str) -> int | Number:
    return int(text) if len(text) <= _MOST_DIGITS else Number(text)


_decode = json.JSONDecoder(parse_float=Number, parse_int=_whole).decode


def parsed(line: bytes) -> Mapping[str, Any]:
    """A record of JSON text; numbers keep their digits."""
    found: Mapping[str, Any] = _decode(line.decode())
    return found


def as_json(value: Any) -> str:
    """A part of a record as JSON text again."""
    option = orjson.OPT_PASSTHROUGH_SUBCLASS
    return orjson.dumps(value, default=_written, option=option).decode()


def _written(number: Number) -> orjson.Fragment:
    return orjson.Fragment(str(number))


def columns_of(selection: Selection, *, keyed: bool) -> tuple[Column, ...]:
    """The columns of a selection.

    `keyed`: custom fields with a definition have columns of their own.
    """
    kind, asked = selection.kind, selection.call.asked
    names = None if asked is None else asked.names
    found: list[Column] = []
    for name in public_names(kind):
        if name == MASKED:
            if selection.own.masked:
                found.append(Column(name))
            continue
        if names is not None and name not in names[0] and name not in dict(names[1]):
            continue
        field = kind.by_name.get(name)
        if field is None or field.type is not FieldType.CUSTOM or not keyed:
            found.append(Column(name, field))
            continue
        parts = () if names is None else dict(names[1]).get(name, ())
        found += _keyed(name, field, selection.own, parts)
    if asked is not None:
        found += [Column(each.path) for each in asked.links if not each.parent]
        found += [Column("associations")] if asked.lists else []
    return tuple(found)


def _keyed(
    name: str, field: Field, own: OwnFields, parts: tuple[str, ...]
) -> list[Column]:
    """The columns of custom fields: one for each key that is known."""
    if parts:
        return [Column(f"{name}.{key}", field, key) for key in parts]
    keys = [key for key, each in own.by_key.items() if not each.archived]
    known = [Column(f"{name}.{key}", field, key) for key in sorted(keys)]
    return [*known, Column(name, field, others=frozenset(keys))]


def getter(column: Column) -> Callable[[Mapping[str, Any]], Any]:
    """What takes the value of a column from a record."""
    name, key, others = column.name, column.key, column.others
    if key:
        whole = name.removesuffix(f".{key}")
        return lambda record: (record.get(whole) or {}).get(key)
    if others:
        return lambda record: {
            k: v for k, v in (record.get(name) or {}).items() if k not in others
        }
    return lambda record: record.get(name)
