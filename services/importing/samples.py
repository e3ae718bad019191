"""The first rows of a dry run, as its answer shows them.

All of them together take some kilobytes, however long the rows are: an answer holds
the rows of many imports. A row that is not shown whole says so.
"""

from typing import Any

import orjson

from services.importing.drafts import Result, storable

Json = dict[str, Any]

SHOWN = 10
# So many bytes of JSON a row may have. A page has a hundred imports of ten rows each.
MOST_BYTES = 2 * 1024
# A longer text of a longer row is cut to so many characters, and then to fewer.
_LENGTHS = 200, 40
_MORE = "\N{HORIZONTAL ELLIPSIS}"


def sample(result: Result) -> Json:
    """What a dry run shows of a row."""
    values = storable(result.values)
    whole = {
        "row": result.row.number,
        "values": orjson.loads(orjson.dumps(values, default=float)),
        "problem": storable(result.problem),
    }
    if _size(whole) <= MOST_BYTES:
        return whole
    for most in _LENGTHS:
        cut: Json = {name: _cut(value, most) for name, value in whole.items()}
        if _size(cut) <= MOST_BYTES:
            return cut | {"is_cut": True}
    return _first(cut) | {"is_cut": True}


def _size(value: Any) -> int:
    return len(orjson.dumps(value))


def _cut(value: Any, most: int) -> Any:
    """A value whose long texts are cut."""
    if isinstance(value, str) and len(value) > most:
        return value[:most] + _MORE
    if isinstance(value, dict):
        return {_cut(name, most): _cut(each, most) for name, each in value.items()}
    if isinstance(value, list):
        return [_cut(each, most) for each in value]
    return value


def _first(row: Json) -> Json:
    """The first values of a row, and the first faults of its problem, that fit."""
    problem, kept = row["problem"], Json()
    if problem is not None:
        faults = problem.get("errors") or []
        problem = {n: e for n, e in problem.items() if n != "errors"}
        fitting = _fitting(faults, (MOST_BYTES - _size(problem)) // 2)
        problem |= {"errors": fitting} if faults else {}
    given = row["values"] if isinstance(row["values"], dict) else {}
    room = MOST_BYTES - _size({**row, "values": {}, "problem": problem}) - 20
    for name, value in given.items():
        room -= _size({name: value})
        if room < 0:
            break
        kept[name] = value
    return {**row, "values": kept, "problem": problem}


def _fitting(faults: list[Any], room: int) -> list[Any]:
    """The first faults; one at least."""
    kept = list[Any]()
    for each in faults:
        room -= _size(each) + 1
        if room < 0 and kept:
            break
        kept.append(each)
    return kept
