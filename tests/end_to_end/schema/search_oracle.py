"""What the contract says that a condition on a field of the tenant's own finds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

VALUES: Mapping[str, Sequence[Any]] = {
    "text": ["Ada", "ada", "ÄDA 1", "100%", "a_b", "a\\b", "Σίσυφος", "x" * 1200],
    "email": ["ada@engine.example", "Bob@engine.example", "zoe@a.example"],
    "phone": ["+49 30 1234", "(49) 301234", "030 99", "12345"],
    "url": ["https://a.example/X", "https://a.example/x", "http://b.example"],
    "country": ["DE", "FR", "JP"],
    "integer": [0, -3, 7, 2**53, -(2**53), 8],
    "decimal": [0.1, 0.25, -0.5, 7, 99999.999999999],
    "boolean": [True, False],
    "date": ["0001-01-01", "1999-12-31", "2026-06-17", "2026-06-18", "9999-12-31"],
    "timestamp": [
        "1999-12-31T23:59:59Z",
        "2026-06-17T12:30:00Z",
        "2026-06-17T12:30:00.25Z",
        "2026-06-17T12:30:00.3Z",
        "2026-06-17T12:30:01Z",
        "0900-01-01T00:00:00.000001Z",
    ],
    "select": ["gold", "iron"],
    "multi_select": [["gold"], ["iron"], ["iron", "gold"]],
}
_TEXTS = ("text", "email", "url", "country")
_RANGES = ("gt", "gte", "lt", "lte", "between")
NEGATIVE = {
    "neq": "eq",
    "not_in": "in",
    "not_contains": "contains",
    "none_of": "any_of",
    "is_not_empty": "is_empty",
}
_STRING = ("eq", "in", "contains", "starts_with", "ends_with")
POSITIVE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys((*_TEXTS, "phone"), _STRING),
    **dict.fromkeys(
        ("integer", "decimal", "date", "timestamp"), ("eq", "in", *_RANGES)
    ),
    "boolean": ("eq",),
    "select": ("eq", "in"),
    "multi_select": ("contains", "any_of", "all_of"),
}


def comparable(kind: str, value: Any) -> Any:
    """A value as it is compared."""
    if kind in _TEXTS:
        return value.lower()
    if kind == "phone":
        return "".join(each for each in value if each.isdigit())
    if kind == "timestamp":
        return datetime.fromisoformat(value).astimezone(UTC)
    return value


_HOLDS: Mapping[str, Callable[[Any, list[Any]], bool]] = {
    "eq": lambda held, given: held == given[0],
    "in": lambda held, given: held in given,
    "gt": lambda held, given: held > given[0],
    "gte": lambda held, given: held >= given[0],
    "lt": lambda held, given: held < given[0],
    "lte": lambda held, given: held <= given[0],
    "between": lambda held, given: given[0] <= held <= given[1],
    "starts_with": lambda held, given: held.startswith(given[0]),
    "ends_with": lambda held, given: held.endswith(given[0]),
    "contains": lambda held, given: given[0] in held,
    "any_of": lambda held, given: bool(set(held) & set(given)),
    "all_of": lambda held, given: set(held) >= set(given),
}


def holds(kind: str, operator: str, held: Any, given: list[Any]) -> bool:
    """What the contract says of a condition; an unset value is None."""
    if operator in NEGATIVE:
        return not holds(kind, NEGATIVE[operator], held, given)
    if operator == "is_empty":
        return held is None
    if held is None:
        return False
    if kind == "multi_select":
        return _HOLDS[operator](held, given)
    values = [comparable(kind, each) for each in given]
    return _HOLDS[operator](comparable(kind, held), values)


def conditions(kind: str) -> Iterator[dict[str, Any]]:
    """Conditions with every operator that a type takes, over values that are there."""
    values, field = VALUES[kind], "custom_fields.it"
    flat = ["gold", "iron"] if kind == "multi_select" else values
    for operator in POSITIVE[kind]:
        names = [operator, *(n for n, each in NEGATIVE.items() if each == operator)]
        for name in names:
            if operator in ("in", "any_of", "all_of"):
                some = [list(flat[:2]), list(flat[:1])]
                yield from (
                    {"field": field, "operator": name, "values": each} for each in some
                )
            elif operator == "between":
                low, high = sorted(values, key=lambda v: comparable(kind, v))[1:3]
                yield {"field": field, "operator": name, "values": [low, high]}
            else:
                parts = _parts(operator, flat)
                for each in parts:
                    yield {"field": field, "operator": name, "value": each}
    if kind != "boolean":
        yield {"field": field, "operator": "is_empty"}
        yield {"field": field, "operator": "is_not_empty"}


def _parts(operator: str, values: Sequence[Any]) -> list[Any]:
    if operator == "starts_with":
        return [each[:3] for each in values]
    if operator == "ends_with":
        return [each[-3:] for each in values]
    return list(values)
