"""An oracle: the correct result of a search, computed only from the records.

It implements the contract's sections 4, 7 and 8 on records as the API returns them, and
shares no code with the services.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, cmp_to_key
from typing import Any

from tests.promises.facts_of_crm import CONTACTS
from tests.promises.oracle_records import RECORDS
from tests.promises.record_facts import RecordFacts

Record = Mapping[str, Any]
Filter = Mapping[str, Any]
World = Mapping[str, Sequence[Record]]  # all records of a tenant, by their paths

KINDS, ORDERS = CONTACTS.kinds, CONTACTS.orders

_EMPTINESS = ("is_empty", "is_not_empty")
_MEMBERSHIP = ("eq", "neq", "in", "not_in")
_PIECES = ("contains", "not_contains", "starts_with", "ends_with")
_SETS = ("contains", "not_contains", "any_of", "all_of", "none_of")
_RANGE = ("gt", "gte", "lt", "lte", "between")

OPERATORS: dict[str, tuple[str, ...]] = {
    "string": (*_MEMBERSHIP, *_PIECES, *_EMPTINESS),
    "number": (*_MEMBERSHIP, *_RANGE, *_EMPTINESS),
    "date": (*_MEMBERSHIP, *_RANGE, *_EMPTINESS),
    "timestamp": (*_MEMBERSHIP, *_RANGE, *_EMPTINESS),
    "id": (*_MEMBERSHIP, *_EMPTINESS),
    "links": (*_MEMBERSHIP, *_EMPTINESS),
    "external": (*_MEMBERSHIP, *_EMPTINESS),
    "boolean": ("eq", "neq"),
    "tags": (*_SETS, *_EMPTINESS),
}
SEVERAL = ("in", "not_in", "between", "any_of", "all_of", "none_of")

LINKS = {
    "contact_id": "contacts",
    "to_contact_id": "contacts",
    "company_id": "companies",
    "deal_id": "deals",
    "custom_record_id": "objects/licenses/records",
}

DIRECTIONS = ("asc", "desc")

_NEGATIVE = {
    "neq": "eq",
    "not_in": "in",
    "not_contains": "contains",
    "none_of": "any_of",
    "is_not_empty": "is_empty",
}


def seen_by(user: str, world: World) -> World:
    """The records of a tenant that a user sees who sees only their own."""

    def own(record: Record, facts: RecordFacts) -> bool:
        return not facts.owner or record[facts.owner] in (user, None)

    def seen(record: Record, facts: RecordFacts) -> bool:
        is_told = facts.by_links and record.get("source") == "system"
        if own(record, facts) and not is_told:
            return True
        return facts.by_links and any(
            linked["id"] == record.get(link) and own(linked, RECORDS[path])
            for link, path in LINKS.items()
            for linked in world[path]
        )

    found = {
        path: [each for each in records if seen(each, RECORDS[path])]
        for path, records in world.items()
    }
    there = {each["id"] for records in found.values() for each in records}
    led = {path: (*its.ends, *its.seen_by.split()) for path, its in RECORDS.items()}
    return {
        path: [e for e in records if all(e[each] in there for each in led[path])]
        for path, records in found.items()
    }


def search(
    records: Iterable[Record],
    query: Mapping[str, Any],
    facts: RecordFacts = CONTACTS,
    companies: Iterable[Record] = (),
) -> list[str]:
    """The ids of all results of a search, in order.

    `companies` are those whose names are searched for contacts: all, if the caller sees
    all, or none.
    """
    names = {each["id"]: fold(each["name"]) for each in companies}
    found = [
        record
        for record in records
        if all(matches(record, each, facts) for each in query.get("filters", ()))
        and has_words(record, query.get("search_text", ""), facts, names)
    ]
    order = query.get("order_by", "created_at")
    direction = query.get("sort_direction", "desc")
    comparison = _comparison(order, direction, READERS[facts.kinds[order]])
    return [record["id"] for record in sorted(found, key=cmp_to_key(comparison))]


def matches(record: Record, each: Filter, facts: RecordFacts) -> bool:
    """Whether a record fulfils a condition or a group."""
    if "any" in each:
        return any(matches(record, part, facts) for part in each["any"])
    if "all" in each:
        return all(matches(record, part, facts) for part in each["all"])
    if "not" in each:
        return not matches(record, each["not"], facts)
    operator = each["operator"]
    positive = _NEGATIVE.get(operator)
    values = each["values"] if "values" in each else [each.get("value")]
    holds = _holds(record, each["field"], positive or operator, values, facts)
    return holds if positive is None else not holds


def has_words(
    record: Record, text: str, facts: RecordFacts, companies: Mapping[str, str]
) -> bool:
    """Whether every word occurs in the searchable text."""
    texts = [fold(record[name]) for name in facts.searched if record[name] is not None]
    texts += [""] * bool(facts.ends or facts.seen_by)  # empty, not unset
    number = ""
    if "phone" in facts.searched:
        number = digits(record["phone"] or "")
        texts += [number, companies.get(record["company_id"], "")]

    def occurs(word: str) -> bool:
        is_number = re.fullmatch(r"[0-9+\-.()/#x]+", word) and digits(word)
        return any(fold(word) in each for each in texts) or bool(
            is_number and digits(word) in number
        )

    return all(map(occurs, text.split()))


@cache
def lower(text: str) -> str:
    """Text in lower case, character by character."""
    return "".join(character.lower()[0] for character in text)


@cache
def fold(text: str) -> str:
    """Text in lower case without accents."""
    parts = unicodedata.normalize("NFKD", text)
    kept = _ACCENTS.sub("", parts)
    plain = lower(kept).replace("ß", "ss")
    return plain.translate(_PLAIN)


# Marks of the Latin, Greek and Cyrillic scripts; a vowel sign of Hindi is no accent.
_ACCENTS = re.compile("[\u0300-\u036f]")
_PLAIN = str.maketrans("øłđħŧıς", "oldhtiσ")  # noqa: RUF001 - the two sigmas


def digits(text: str) -> str:
    """The digits of a telephone number."""
    return re.sub(r"[^0-9]", "", text)


def _holds(
    record: Record,
    field: str,
    operator: str,
    values: Sequence[Any],
    facts: RecordFacts,
) -> bool:
    """Whether a positive operator matches; an unset value matches only `is_empty`."""
    if field.startswith("custom_fields."):
        key = field.removeprefix("custom_fields.")
        return _holds_custom(record["custom_fields"].get(key), operator, values)
    if field.startswith("external_ids."):
        value = record["external_ids"].get(field.removeprefix("external_ids."))
        return value is None if operator == "is_empty" else value in values
    kind = facts.kinds[field]
    if kind == "links":
        links = [record[e] for e in facts.ends or LINKS if record.get(e) is not None]
        return not links if operator == "is_empty" else any(e in values for e in links)
    value = record[field]
    if operator == "is_empty":
        return value is None or value == []
    if value is None:
        return False
    if kind == "tags":
        return _has_tags(value, operator, values)
    if isinstance(value, list):  # of ids
        return any(each in values for each in value)
    if field == "phone":
        numbers = [digits(each) for each in values if digits(each)]
        return bool(numbers) and compares(digits(value), operator, numbers)
    read = READERS[kind]
    return compares(read(value), operator, [read(each) for each in values])


def _holds_custom(value: Any, operator: str, values: Sequence[Any]) -> bool:
    """A custom field has the type of its value; values of other types never match."""
    if operator == "is_empty":
        return value in (None, [], "")
    if isinstance(value, list):
        return operator in _SETS and _has_tags(value, operator, values)
    kind = _kind(value)
    same = [each for each in values if _kind(each) == kind]
    if kind == "unset" or not same or operator not in OPERATORS[kind]:
        return False
    read = READERS[kind]
    return compares(read(value), operator, [read(each) for each in same])


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "unset" if value is None else "number"


def _has_tags(tags: Sequence[str], operator: str, values: Sequence[str]) -> bool:
    has = [lower(each) in map(lower, tags) for each in values]
    return any(has) if operator in ("contains", "any_of") else all(has)


def compares(value: Any, operator: str, values: Sequence[Any]) -> bool:
    """Whether a value, and those that it is compared with, fulfil an operator."""
    return _COMPARISONS[operator](value, values)


_COMPARISONS: dict[str, Callable[[Any, Sequence[Any]], bool]] = {
    "eq": lambda value, values: bool(value == values[0]),
    "in": lambda value, values: value in values,
    "contains": lambda value, values: values[0] in value,
    "starts_with": lambda value, values: bool(value.startswith(values[0])),
    "ends_with": lambda value, values: bool(value.endswith(values[0])),
    "gt": lambda value, values: bool(value > values[0]),
    "gte": lambda value, values: bool(value >= values[0]),
    "lt": lambda value, values: bool(value < values[0]),
    "lte": lambda value, values: bool(value <= values[0]),
    "between": lambda value, values: bool(values[0] <= value <= values[1]),
}


def _itself(value: Any) -> Any:
    return value


READERS: dict[str, Callable[[Any], Any]] = {
    "string": lower,
    "id": _itself,
    "number": _itself,
    "boolean": _itself,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}


def _comparison(
    order: str, direction: str, read: Callable[[Any], Any]
) -> Callable[[Record, Record], int]:
    """Orders by a field, then by id; unset values come last in both directions."""
    sign = 1 if direction == "asc" else -1

    def compare(one: Record, other: Record) -> int:
        a, b = one[order], other[order]
        if (a is None) != (b is None):
            return 1 if a is None else -1
        if a is not None and (a := read(a)) != (b := read(b)):
            return sign if a > b else -sign
        return sign if one["id"] > other["id"] else -sign

    return compare
