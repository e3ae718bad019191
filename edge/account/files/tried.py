"""What a dry run has read: its columns, and its first rows as they would be sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.json_format import MessageToDict
from prospectconnect.jobs.v1 import imports_pb2

from edge.problems import Fault
from edge.web.parameters import Parameters

# Where the faults of columns stand.
_MAPPING = "import.mapping."
# The column of a file of rejected rows that says what is wrong.
_PROBLEM = "_problem"
# So much of a cell is shown.
_MOST_CELL = 120


@dataclass(frozen=True, slots=True)
class Row:
    """One of the first rows: its number, its values by columns, why it is rejected."""

    number: int
    cells: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """A dry run. `columns` have a column, its field, and what is wrong with that.

    Both are "" if there is none. `is_whole`: it has judged all rows of the file.
    """

    columns: tuple[tuple[str, str, str], ...]
    fields: tuple[str, ...]
    rows: tuple[Row, ...]
    missing: tuple[str, ...]
    is_whole: bool


def shown(tried: imports_pb2.Import) -> Tried:
    """What the pages show of a dry run that has ended."""
    result: dict[str, Any] = MessageToDict(tried.result)
    mapping: Mapping[str, str] = result.get("mapping") or {}
    rows = result.get("rows") or []
    columns = [str(each) for each in result.get("columns") or []]
    fields = tuple(dict.fromkeys(_fields(rows)))
    return Tried(
        columns=tuple((each, _path(mapping.get(each)), "") for each in columns),
        fields=fields,
        rows=tuple(_row(each, fields) for each in rows),
        missing=tuple(map(str, result.get("missing") or [])),
        is_whole=bool(result.get("is_whole", True)),
    )


def typed(tried: Tried, parameters: Parameters, faults: Iterable[Fault]) -> Tried:
    """The dry run with the fields that a form gives. Some are wrong."""
    wrong = {each.field: each.message for each in faults}
    columns = tuple(
        (name, parameters.get(f"c{place}"), wrong.get(f"{_MAPPING}{name}"[:200], ""))
        for place, (name, _, _) in enumerate(tried.columns)
    )
    return replace(tried, columns=columns)


def let_go(its: imports_pb2.Import) -> list[str]:
    """The columns of a file that give no field. What told the problems is none."""
    fields = its.result.fields
    if "unmapped" not in fields:
        return []
    names = (each.string_value for each in fields["unmapped"].list_value.values)
    return [each for each in names if each != _PROBLEM]


def _path(value: Any) -> str:
    """The field of a column; the first one, where it gives several."""
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, str) else ""


def _fields(rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """The fields that any of the rows gives, in their order."""
    for each in rows:
        for name, _ in _flat(each.get("values") or {}):
            yield name


def _row(row: Mapping[str, Any], fields: Iterable[str]) -> Row:
    values = dict(_flat(row.get("values") or {}))
    return Row(
        number=int(row.get("row") or 0),
        cells=tuple(values.get(name, "") for name in fields),
        faults=faults_of(row.get("problem") or {}),
    )


def faults_of(problem: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a row is rejected: each fault with its field."""
    faults = problem.get("errors") or []
    told = tuple(f"{each.get('field')}: {each.get('message')}" for each in faults)
    return told or tuple(filter(None, [str(problem.get("detail") or "")]))


def _flat(values: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, str]]:
    """The values by their paths: those of objects below these."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))[:_MOST_CELL]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)[:_MOST_CELL]
