"""Requests for figures of a type of record, drawn at random.

Every operation, kind of field, kind of group, interval and order has its turn.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from tests.end_to_end.search import queries
from tests.end_to_end.search.search_cases import CUSTOM
from tests.promises.oracle import Record
from tests.promises.record_facts import RecordFacts
from tests.promises.search_words import VALUES

Query = dict[str, Any]

INTERVALS = ("day", "week", "month", "quarter", "year")
ZONES = (None, "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")
NUMBERS = ("sum", "avg", "median")
EXTREMES = ("min", "max")
LIMITS = (None, 1, 2, 7, 1_000)
TIMED = ("date", "timestamp")
_COMPARED = ("eq", "neq", "gt", "gte", "lt", "lte", "in", "not_in", "between")


def requests(
    records: Sequence[Record], facts: RecordFacts, random: Random
) -> Iterator[Query]:
    """Requests without end; `records` are those that the asker sees."""
    custom = CUSTOM if "tags" in facts.kinds else ()
    fields = [*facts.kinds, *custom]
    values = [queries.values_of(records, each, facts, VALUES) for each in fields]
    grouped = [each for each in fields if facts.kinds.get(each) != "links"]
    measured = _measured(facts, custom)
    while True:
        groups = random.sample(
            grouped, min(len(grouped), random.choice((0, 1, 1, 2, 3)))
        )
        some = random.sample(measured, random.randint(1, min(6, len(measured))))
        query: Query = {
            "group_by": [_group(each, facts, random) for each in groups],
            "measures": [
                {"op": op, "as": f"m{n}", **({"field": field} if field else {})}
                for n, (op, field) in enumerate(some)
            ],
        }
        if random.random() < 0.4:
            query["filters"] = [queries.nested(values, random, 4)]
        if random.random() < 0.1:
            query["search_text"] = random.choice(("a", "e", "é o"))
        _add_having(query, some, facts, random)
        _add_order(query, some, random)
        _add_fill(query, facts, random)
        if limit := random.choice(LIMITS):
            query["limit"] = limit
        yield query


def _measured(
    facts: RecordFacts, custom: Sequence[str]
) -> list[tuple[str, str | None]]:
    """Every operation with every field that it takes."""
    found: list[tuple[str, str | None]] = [("count", None)] * 3
    for name, kind in facts.kinds.items():
        if kind == "links":
            continue
        found.append(("count", name))
        if name not in ("merged_ids", "host_ids") and kind != "tags":
            found.append(("count_distinct", name))
        if kind == "number":
            found += [(op, name) for op in (*NUMBERS, *EXTREMES)] * 3
        if kind in TIMED:
            found += [(op, name) for op in EXTREMES]
    for name in custom:
        found += [(op, name) for op in ("count", *NUMBERS, *EXTREMES)]
    return found


def _group(name: str, facts: RecordFacts, random: Random) -> dict[str, Any]:
    group: dict[str, Any] = {"field": name}
    kind = facts.kinds.get(name)
    if kind == "timestamp" or (kind == "date" and random.random() < 0.7):
        group["interval"] = random.choice(INTERVALS)
        zone = random.choice(ZONES)
        if zone:
            group["time_zone"] = zone
    return group


def _is_apart(
    measure: tuple[str, str | None], groups: Sequence[Mapping[str, Any]]
) -> bool:
    """Whether a figure is an object by currency."""
    op, field = measure
    by_currency = any(each["field"] == "currency" for each in groups)
    return field == "value" and "count" not in op and not by_currency


def _add_having(
    query: Query,
    some: Sequence[tuple[str, str | None]],
    facts: RecordFacts,
    random: Random,
) -> None:
    fit = [
        f"m{n}"
        for n, (op, field) in enumerate(some)
        if not _is_apart((op, field), query["group_by"])
        and not (op in EXTREMES and facts.kinds.get(field or "") in TIMED)
    ]
    if not fit or random.random() < 0.7:
        return
    operator = random.choice((*_COMPARED, "is_empty", "is_not_empty"))
    condition: dict[str, Any] = {"field": random.choice(fit), "operator": operator}
    if operator == "between":
        condition["values"] = [0, random.choice((1, 2.5, 100))]
    elif operator in ("in", "not_in"):
        condition["values"] = [0, 1, 2]
    elif not operator.startswith("is"):
        condition["value"] = random.choice((0, 1, 2, 7.5, 1_000))
    group = random.choice((None, "not", "any", "all"))
    if group == "not":
        query["having"] = [{"not": condition}]
    else:
        query["having"] = [{group: [condition]} if group else condition]


def _add_order(
    query: Query, some: Sequence[tuple[str, str | None]], random: Random
) -> None:
    names = [each["field"] for each in query["group_by"]]
    names += [
        f"m{n}" for n, each in enumerate(some) if not _is_apart(each, query["group_by"])
    ]
    if names and random.random() < 0.6:
        query["order_by"] = random.choice(names)
    if random.random() < 0.4:
        query["sort_direction"] = random.choice(("asc", "desc"))


def _add_fill(query: Query, facts: RecordFacts, random: Random) -> None:
    """Dates are from the first to the last day there is: too many to fill between."""
    timed = [each for each in query["group_by"] if "interval" in each]
    is_near = all(facts.kinds.get(each["field"]) == "timestamp" for each in timed)
    if timed and is_near and random.random() < 0.4:
        query["fill"] = True
