"""Records of JSON text, cut into the cells of a table.

If a compiler was available, `cells.c` cuts them, about ten times as fast as the loops
here; both make the same cells. This module needs none of the others: the process that
writes Parquet imports it too.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from services.exports.guarding import guarded

try:
    from services.exports._cells import Cutter as _Compiled
except ImportError:  # there was no compiler
    _Compiled = None  # type: ignore[assignment, misc]  # tested before it is used

_BETWEEN = "|"


class Number(str):
    """A number of JSON that is not whole or large, with its digits as written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: a member of the record, or one key of an object in it.

    `others` are the keys of an object that have columns of their own. `type` is what a
    column of Parquet holds: `text`, `whole`, `truth`, `date`, `time`, `texts`,
    `decimal` with `decimals` behind the point, or `json`.
    """

    name: str
    key: str = ""
    others: frozenset[str] = frozenset()
    type: str = "json"
    decimals: int = 0


class Cutter(Protocol):
    """Cuts records into the cells of some columns."""

    def rows(self, lines: list[bytes], /) -> bytes:
        """Rows of comma-separated values."""

    def columns(self, lines: list[bytes], /) -> list[list[Any]]:
        """The values of each column: texts, lists of texts, or None."""


def cutter_of(columns: Sequence[Column], *, compiled: bool = True) -> Cutter:
    """What cuts records into these columns."""
    if not compiled or _Compiled is None:
        return _Looped(columns)
    fields: dict[str, tuple[int, list[tuple[bytes, int]]]] = {}
    for place, column in enumerate(columns):
        if column.key:
            known = fields.setdefault(_whole_of(column), (-1, []))
            known[1].append((orjson.dumps(column.key), place))
        else:
            keys = fields.get(column.name, (-1, []))[1]
            fields[column.name] = place, keys
    names = sorted(
        (orjson.dumps(name), place, tuple(sorted(keys)))
        for name, (place, keys) in fields.items()
    )
    forms = "".join(_FORMS.get(each.type, "t") for each in columns)
    return _Compiled(tuple(names), forms.encode(), lambda text: _composed(parsed(text)))


_FORMS = {"json": "j", "texts": "l"}


class _Looped:
    """Cuts by loops over the records."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._getters = [getter(each) for each in columns]
        writes: dict[str, Callable[[Any], Any]] = {"json": as_json, "texts": list}
        self._writes: list[Callable[[Any], Any]] = [
            writes.get(each.type, _as_text) for each in columns
        ]

    def rows(self, lines: list[bytes], /) -> bytes:
        text = io.StringIO()
        csv.writer(text).writerows(
            [cell(get(record)) for get in self._getters]
            for record in map(parsed, lines)
        )
        return text.getvalue().encode()

    def columns(self, lines: list[bytes], /) -> list[list[Any]]:
        records = [parsed(each) for each in lines]
        return [
            [None if (v := get(each)) is None else write(v) for each in records]
            for get, write in zip(self._getters, self._writes, strict=True)
        ]


# Larger numbers are not whole ones to what writes JSON. A zero may have a sign.
_MOST_DIGITS = 18


def _whole(text: str) -> int | Number:
    is_plain = len(text) <= _MOST_DIGITS and text != "-0"
    return int(text) if is_plain else Number(text)


_decode = json.JSONDecoder(parse_float=Number, parse_int=_whole).decode


def parsed(line: bytes) -> Any:
    """What JSON text says; numbers keep their digits."""
    return _decode(line.decode())


def as_json(value: Any) -> str:
    """A part of a record as JSON text again."""
    option = orjson.OPT_PASSTHROUGH_SUBCLASS
    return orjson.dumps(value, default=_written, option=option).decode()


def _written(number: Number) -> orjson.Fragment:
    return orjson.Fragment(str(number))


def _whole_of(column: Column) -> str:
    """The name of the object whose key a column has."""
    return column.name.removesuffix(f".{column.key}")


def getter(column: Column) -> Callable[[Mapping[str, Any]], Any]:
    """What takes the value of a column from a record."""
    name, key, others = column.name, column.key, column.others
    if key:
        whole = _whole_of(column)
        return lambda record: (record.get(whole) or {}).get(key)
    if others:
        return lambda record: (
            {k: v for k, v in (record.get(name) or {}).items() if k not in others}
            or None
        )
    return lambda record: record.get(name)


def cell(value: Any) -> str:
    """A value as the text of a cell, which no spreadsheet runs."""
    return "" if value is None else guarded(_as_text(value))


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is True or value is False:
        return "true" if value else "false"
    return _composed(value) if isinstance(value, (list, dict)) else str(value)


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
