"""Writes results: as a table for people, and as JSON or CSV for programs."""

import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from pcrm.telling import plain

FORMATS = ("table", "json", "jsonl", "csv")

_INDENT = "  "
_WIDEST = 60  # characters of a cell of a table
_SHOWN = 8  # columns of a table, if none are asked for
_AT_ONCE = 100  # records by which a table is laid out, and printed
# What people look for first, in this order.
_FIRST = (
    *("id", "name", "label", "key", "slug", "email", "title", "type", "state"),
    *("rows", "created", "failed", "undone_by"),
)
_LAST = {"created_at", "updated_at", "created_by"}
# A spreadsheet runs such cells. They get a `'`, as in the server's exports, and so do
# texts that look as if they had got one.
_RUNS = re.compile("'*[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]")
_QUOTE = json.JSONEncoder(ensure_ascii=False).encode


def default_format() -> str:
    """A table for people at a terminal, JSON for programs."""
    return "table" if sys.stdout.isatty() else "json"


def write_record(record: Any, form: str, columns: Sequence[str] = ()) -> None:
    """Writes one record, or any other JSON value."""
    if form == "json":
        _write(f"{json_text(record)}\n")
    elif form == "jsonl":
        _write(f"{compact(record)}\n")
    elif form == "csv":
        rows = record if isinstance(record, list) else [record]
        _write_csv(iter(rows), columns)
    elif isinstance(record, Mapping):
        names = columns or list(record)
        width = max((len(each) for each in names), default=0)
        for name in names:
            _write(f"{_cell(name):<{width}}  {_cell(value_at(record, name))}\n")
    else:
        _write(f"{_cell(record)}\n")


def write_records(
    records: Iterable[Any], form: str, columns: Sequence[str] = ()
) -> None:
    """Writes records as they come."""
    if form == "json":
        mark = "[\n"
        for each in records:
            _write(f"{mark}{_INDENT}{json_text(each, 1)}")
            mark = ",\n"
        _write("[]\n" if mark == "[\n" else "\n]\n")
    elif form == "jsonl":
        for each in records:
            _write(f"{compact(each)}\n")
    elif form == "csv":
        _write_csv(iter(records), columns)
    else:
        _write_table(iter(records), columns)


def json_text(value: Any, level: int = 0) -> str:
    """A value as indented JSON, with all digits of its numbers."""
    inner, outer = _INDENT * (level + 1), _INDENT * level
    if isinstance(value, Mapping) and value:
        members = (
            f"{inner}{_quoted(name)}: {json_text(each, level + 1)}"
            for name, each in value.items()
        )
        return "{\n" + ",\n".join(members) + f"\n{outer}}}"
    if isinstance(value, list) and value:
        items = (f"{inner}{json_text(each, level + 1)}" for each in value)
        return "[\n" + ",\n".join(items) + f"\n{outer}]"
    return compact(value)


def compact(value: Any) -> str:
    """A value as JSON in one line. Control characters are escaped in all texts."""
    if isinstance(value, Mapping):
        members = (f"{_quoted(name)}:{compact(each)}" for name, each in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    if isinstance(value, Decimal):
        return str(value)
    return _quoted(value)


def _quoted(value: Any) -> str:
    told = _QUOTE(value)
    return told if plain(told) == told else json.dumps(value)


def value_at(record: Any, path: str) -> Any:
    """The value at a path such as `custom_fields.seats`; None for nothing."""
    for name in path.split("."):
        if not isinstance(record, Mapping):
            return None
        record = record.get(name)
    return record


def _write(text: str) -> None:
    sys.stdout.write(text)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return compact(value)


def _cell(value: Any) -> str:
    return plain(_text(value).replace("\n", " ").replace("\t", " "))


def _write_csv(records: Iterator[Any], columns: Sequence[str]) -> None:
    """Writes CSV; without columns, those of the first record."""
    first = next(records, None)
    if first is None and not columns:
        return
    names = columns or (list(first) if isinstance(first, Mapping) else ["value"])
    _write(_line(_cells(names)))
    for each in chain([] if first is None else [first], records):
        found = each if isinstance(each, Mapping) else {"value": each}
        _write(_line(_cells([value_at(found, name) for name in names])))


def _cells(values: Sequence[Any]) -> list[str]:
    """Values as cells, which no spreadsheet runs, and no terminal if it shows them."""
    told = list[str]()
    for value in values:
        text, is_number = _text(value), isinstance(value, int | float | Decimal)
        told.append(f"'{text}" if _RUNS.match(text) and not is_number else text)
    return [plain(text) for text in told] if _is_shown() else told


def _line(texts: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(texts)
    return buffer.getvalue()


def _is_shown() -> bool:
    return sys.stdout.isatty()


def _write_table(records: Iterator[Any], columns: Sequence[str]) -> None:
    names: Sequence[str] = columns
    is_first = True
    while page := [each or {} for each in islice(records, _AT_ONCE)]:
        names = names or _chosen(page)
        rows = [[_cell(value_at(each, name)) for name in names] for each in page]
        widths = [
            min(_WIDEST, max(len(name), *(len(row[place]) for row in rows)))
            for place, name in enumerate(names)
        ]
        if is_first:
            _write_row([_cell(name).upper() for name in names], widths)
        for row in rows:
            _write_row(row, widths)
        is_first = False


def _write_row(texts: Sequence[str], widths: Sequence[int]) -> None:
    cells = (
        text if len(text) <= width else f"{text[: width - 1]}…"
        for text, width in zip(texts, widths, strict=True)
    )
    padded = (f"{c:<{width}}" for c, width in zip(cells, widths, strict=True))
    _write(f"{'  '.join(padded).rstrip()}\n")


def _chosen(page: Sequence[Any]) -> Sequence[str]:
    """The columns of a table: those that say something, the telling ones first."""
    names = [
        name
        for name in page[0]
        if name not in _LAST
        and any(value_at(each, name) not in (None, "", [], {}) for each in page)
        and not isinstance(value_at(page[0], name), Mapping)
    ]
    order = {name: place for place, name in enumerate(_FIRST)}
    names.sort(key=lambda name: order.get(name, len(order)))
    return names[:_SHOWN] or list(page[0])[:_SHOWN]
