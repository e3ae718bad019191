"""An oracle of figures: what a request for them must be answered with.

It computes with the records as the API returns them, exactly, and shares no code with
the services.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cmp_to_key
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from tests.promises import oracle
from tests.promises.record_facts import RecordFacts

Record = Mapping[str, Any]
Row = dict[str, Any]
Key = tuple[Any, ...]

ZERO = Decimal(0)
UNSET: tuple[Any, ...] = (None, "", [])

# Which amounts are in a currency, and where it is told.
CURRENCY_OF = {"value": "currency"}

COUNTS = ("count", "count_distinct")


def figures(
    records: Iterable[Record],
    query: Mapping[str, Any],
    facts: RecordFacts,
    companies: Iterable[Record] = (),
) -> list[Row]:
    """All rows, in order."""
    names = {each["id"]: oracle.fold(each["name"]) for each in companies}
    found = [
        record
        for record in records
        if all(oracle.matches(record, e, facts) for e in query.get("filters", ()))
        and oracle.has_words(record, query.get("search_text", ""), facts, names)
    ]
    groups, fields = query.get("group_by", []), facts.kinds
    by_key: dict[Key, list[Record]] = defaultdict(list)
    for record in found:
        values = [_group_values(record, each, fields) for each in groups]
        for key in product(*values):
            by_key[key].append(record)
    if not groups:
        by_key.setdefault((), [])
    if query.get("fill"):
        _fill(by_key, groups)
    names_of = [each["field"] for each in groups]
    rows = [_row(key, its, query, names_of) for key, its in by_key.items()]
    kept = [row for row in rows if all(_holds(row, e) for e in query.get("having", ()))]
    return [
        {"group": dict(zip(names_of, map(_shown, row["key"]), strict=True)), **row["m"]}
        for row in sorted(kept, key=_order(query, names_of, facts))
    ]


def value_of(record: Record, field: str) -> Any:
    """The value of a field, None if it is unset."""
    holder, _, key = field.partition(".")
    value = record[holder].get(key) if key else record[holder]
    return None if value in UNSET and value is not False else exact(value)


def exact(value: Any) -> Any:
    """A number as a decimal, any other value as it is."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(repr(value)) if is_number else value


def _group_values(
    record: Record, group: Mapping[str, Any], kinds: Mapping[str, str]
) -> Sequence[Any]:
    value = value_of(record, group["field"])
    if isinstance(value, list):
        return list(dict.fromkeys(exact(each) for each in value)) or [None]
    if "interval" not in group or value is None:
        return [value]
    if kinds.get(group["field"]) == "timestamp":
        zone = ZoneInfo(group.get("time_zone", "UTC"))
        return [start_of(datetime.fromisoformat(value).astimezone(zone), group)]
    return [start_of(date.fromisoformat(value), group)]


def start_of(day: date, group: Mapping[str, Any]) -> "Bucket":
    """The interval in which a day lies."""
    day = date(day.year, day.month, day.day)
    if group["interval"] == "week":
        day -= timedelta(days=day.weekday())
    elif group["interval"] == "month":
        day = day.replace(day=1)
    elif group["interval"] == "quarter":
        day = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    elif group["interval"] == "year":
        day = day.replace(month=1, day=1)
    return Bucket((day, group["interval"]))


class Bucket(tuple[date, str]):
    """The first day of an interval, and what that is."""

    __slots__ = ()

    @property
    def shown(self) -> str:
        day, interval = self
        if interval == "quarter":
            return f"{day.year:04d}-Q{(day.month - 1) // 3 + 1}"
        return day.isoformat()[: {"month": 7, "year": 4}.get(interval, 10)]

    @property
    def next(self) -> "Bucket":
        day, interval = self
        step = {"day": 1, "week": 7, "month": 31, "quarter": 93, "year": 366}
        return start_of(day + timedelta(days=step[interval]), {"interval": interval})


def _shown(value: Any) -> Any:
    return value.shown if isinstance(value, Bucket) else value


def _fill(by_key: dict[Key, list[Record]], groups: Sequence[Mapping[str, Any]]) -> None:
    timed = [n for n, each in enumerate(groups) if "interval" in each]
    series: dict[int, list[Bucket]] = {}
    for n in timed:
        held = sorted({key[n] for key in by_key if key[n] is not None})
        run = held[:1]
        while run and run[-1] != held[-1]:
            run.append(run[-1].next)
        series[n] = run
    others = {tuple(v for n, v in enumerate(k) if n not in timed) for k in by_key}
    for other, *buckets in product(others, *series.values()):
        rest, at = iter(other), dict(zip(series, buckets, strict=True))
        key = tuple(at[n] if n in at else next(rest) for n in range(len(groups)))
        by_key.setdefault(key, [])


def _row(
    key: Key, records: Sequence[Record], query: Mapping[str, Any], names: Sequence[str]
) -> Row:
    return {
        "key": key,
        "m": {e["as"]: _measure(records, e, names) for e in query["measures"]},
    }


def _measure(
    records: Sequence[Record], measure: Mapping[str, Any], names: Sequence[str]
) -> Any:
    op, field = measure["op"], measure.get("field")
    if field is None:
        return Decimal(len(records))
    given = [(r, v) for r in records if (v := value_of(r, field)) is not None]
    if "." in field and op not in COUNTS:  # of values of any type, the numbers
        given = [(r, v) for r, v in given if isinstance(v, Decimal)]
    if op == "count":
        return Decimal(len(given))
    currency = CURRENCY_OF.get(field)
    if op == "count_distinct":
        pairs = {(repr(_plain(v)), r[currency] if currency else "") for r, v in given}
        return Decimal(len(pairs))
    if currency is None or currency in names:
        return _figure(op, [value for _, value in given])
    apart: dict[str, list[Any]] = defaultdict(list)
    for record, value in given:
        apart[record[currency]].append(value)
    return {name: _figure(op, apart[name]) for name in sorted(apart)}


def _plain(value: Any) -> Any:
    return value.normalize() if isinstance(value, Decimal) else value


def _figure(op: str, values: Sequence[Any]) -> Any:
    if not values:
        return None
    if op in ("min", "max"):
        read: Callable[[Any], Any] = lambda value: value  # noqa: E731
        if isinstance(values[0], str) and "T" in values[0]:
            read = datetime.fromisoformat
        return (min if op == "min" else max)(values, key=read)
    with localcontext() as context:
        context.prec = 400
        total = sum(values, ZERO)
        if op == "sum":
            return total
        if op == "avg":
            digits = Decimal("0.000001")
            return (total / len(values)).quantize(digits, ROUND_HALF_UP)
        ordered, half = sorted(values), len(values) // 2
        if len(values) % 2:
            return ordered[half]
        return (ordered[half - 1] + ordered[half]) / 2


def _holds(row: Row, condition: Mapping[str, Any]) -> bool:
    for name, of in (("any", any), ("all", all)):
        if name in condition:
            return of([_holds(row, each) for each in condition[name]])
    if "not" in condition:
        return not _holds(row, condition["not"])
    value, operator = row["m"][condition["field"]], condition["operator"]
    positive = {"neq": "eq", "not_in": "in", "is_not_empty": "is_empty"}.get(operator)
    if positive:
        return not _holds(row, {**condition, "operator": positive})
    if operator == "is_empty":
        return value is None
    if value is None:
        return False
    values = [exact(each) for each in condition.get("values", [condition.get("value")])]
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
        values = [datetime.fromisoformat(each) for each in values]
    return oracle.compares(value, operator, values)


def _order(
    query: Mapping[str, Any], names: Sequence[str], facts: RecordFacts
) -> Callable[[Row], Any]:
    by = query.get("order_by")
    is_figure = by is not None and by not in names
    direction = query.get("sort_direction", "desc" if is_figure else "asc")
    sign = 1 if direction == "asc" else -1
    rest = [n for n, name in enumerate(names) if name != by]
    first = [names.index(by)] if by in names else []

    def values(row: Row) -> list[Any]:
        figure = [_in_time(row["m"][by])] if is_figure else []
        return figure + [
            _comparable(row["key"][n], facts, names[n]) for n in first + rest
        ]

    def compare(one: Row, other: Row) -> int:
        for a, b in zip(values(one), values(other), strict=True):
            if a == b:
                continue
            if a is None or b is None:
                return 1 if a is None else -1
            return sign if a > b else -sign
        return 0

    return cmp_to_key(compare)


def _in_time(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _comparable(value: Any, facts: RecordFacts, name: str) -> Any:
    """A value of a group as its order compares it: choices by their place."""
    if name in facts.choices and value is not None:
        return facts.choices[name].index(value)
    if "." in name and value is not None:  # values of any type, by their text
        if isinstance(value, Decimal):
            return format(value.normalize(), "f").encode()
        return json.dumps(value, ensure_ascii=False).encode()
    return value.encode() if isinstance(value, str) else value
