"""Queries made of the data that they search: conditions that hit, and that miss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.promises.facts_of_crm import CONTACTS
from tests.promises.oracle import (
    KINDS,
    LINKS,
    OPERATORS,
    READERS,
    SEVERAL,
    Filter,
    Record,
)
from tests.promises.record_facts import RecordFacts

CUSTOM = ("plan", "company", "markets", "enterprise", "revenue_millions", "nowhere")
FIELDS = (*KINDS, *(f"custom_fields.{key}" for key in CUSTOM))

EXTERNAL = "external_ids."
MOST_DEPTH = 5

_MISSES = {
    "string": "no such text",
    "id": "con_000000000000000000000000",
    "number": 12_345.5,
    "boolean": True,
    "timestamp": "1999-12-31T23:59:59Z",
    "date": "1999-12-31",
    "links": "deal_000000000000000000000000",
    "tags": "no such tag",
    "external": "no such id",
}


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a field that the data holds, and the kinds that it is compared as.

    `others` are values that the data need not hold; there is one of a kind at least.
    """

    field: str
    held: Sequence[Any]
    kinds: tuple[str, ...]
    others: Mapping[str, Sequence[Any]]

    def of(self, kind: str, random: Random) -> Any:
        """A value of a kind: mostly one that is held, in any spelling."""
        held = [value for value in self.held if _is(kind, value)]
        if not held or random.random() < 0.15:
            return random.choice(self.others[kind])
        value = random.choice(held)
        if kind in ("string", "tags", "external"):
            return random.choice((str, str.upper, str.lower))(value)
        return value


def values_of(
    records: Sequence[Record],
    field: str,
    facts: RecordFacts = CONTACTS,
    others: Mapping[str, Sequence[Any]] | None = None,
) -> Values:
    """Draws the values of a field together; those of arrays one by one."""
    held: list[Any] = []
    for record in records:
        value = _value(record, field, facts)
        held += value if isinstance(value, list) else [value]
    missed: dict[str, Sequence[Any]] = {
        kind: [miss, *(others or {}).get(kind, ())] for kind, miss in _MISSES.items()
    }
    if field in facts.choices:
        missed["id"] = facts.choices[field]
    given = [value for value in held if value is not None]
    return Values(field, given, kinds(field, facts), missed)


def conditions(values: Values, random: Random) -> list[Filter]:
    """A condition for each kind and operator that the field takes."""
    return [
        _condition(values, kind, operator, random)
        for kind in values.kinds
        for operator in OPERATORS[kind]
    ]


def kinds(field: str, facts: RecordFacts = CONTACTS) -> tuple[str, ...]:
    """The kinds of value that a field may be compared with."""
    if field in facts.kinds:
        return (facts.kinds[field],)
    if field.startswith(EXTERNAL):
        return ("external",)
    return ("string", "number", "boolean", "tags")


def nested(everything: Sequence[Values], random: Random, depth: int = 0) -> Filter:
    """A random filter, groups within groups."""
    if depth == MOST_DEPTH or random.random() < 0.2 + 0.1 * depth:
        values = random.choice(everything)
        kind = random.choice(values.kinds)
        return _condition(values, kind, random.choice(OPERATORS[kind]), random)
    group = random.choice(("any", "all", "not"))
    if group == "not":
        return {"not": nested(everything, random, depth + 1)}
    count = random.randint(1, 3)
    return {group: [nested(everything, random, depth + 1) for _ in range(count)]}


def _condition(values: Values, kind: str, operator: str, random: Random) -> Filter:
    condition = {"field": values.field, "operator": operator}
    if operator in ("is_empty", "is_not_empty"):
        return condition
    if operator == "between":
        both = sorted((values.of(kind, random) for _ in range(2)), key=READERS[kind])
        return {**condition, "values": both}
    if operator in SEVERAL:
        count = random.randint(1, 3)
        return {**condition, "values": [values.of(kind, random) for _ in range(count)]}
    value = values.of(kind, random)
    if "contains" in operator or operator.endswith("_with"):
        value = value if kind == "tags" else _piece(value, operator, random)
    return {**condition, "value": value}


def _piece(text: str, operator: str, random: Random) -> str:
    """A part of a text where the operator looks for one."""
    length = random.randint(1, max(1, min(len(text), 8)))
    if operator == "starts_with":
        return text[:length]
    if operator == "ends_with":
        return text[-length:]
    start = random.randint(0, max(0, len(text) - length))
    return text[start : start + length]


def _value(record: Record, field: str, facts: RecordFacts) -> Any:
    if facts.kinds.get(field) == "links":
        return [record.get(each) for each in facts.ends or LINKS]
    if field in facts.kinds:
        return record[field]
    if field.startswith(EXTERNAL):
        return record["external_ids"].get(field.removeprefix(EXTERNAL))
    return record["custom_fields"].get(field.removeprefix("custom_fields."))


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, str):
        return kind not in ("boolean", "number")
    return kind == "number"
