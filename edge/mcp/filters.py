"""A search's filters in the schema for assistants: one plain form, and a table.

The OpenAPI document has nested schemas, one for each type of condition. They are ten
times as long, and many hosts of assistants do not accept them. The services report the
faults of a filter precisely.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from edge.openapi.kinds import EMPTINESS, SEVERAL

Json = dict[str, Any]
Resolve = Callable[[Json], Json]  # returns a schema, or the schema that it refers to

_ABOUT = (
    'Conditions {"field", "operator", "value"}, or {"any"|"all": [...]},'
    f' {{"not": {{...}}}}. "values" with {" ".join(SEVERAL)}. '
)
# The usual sets of operators, by the words that stand for them in a table.
_SETS = {
    "exact": "eq neq in not_in",
    "range": "eq neq in not_in gt gte lt lte between",
    "text": "eq neq in not_in contains not_contains starts_with ends_with",
}
_TOLD = {its: name for name, its in _SETS.items()}
_EVERY = " ".join(EMPTINESS)
_KEYED = re.compile(r"\^(\w+)\\.*")
_ANY_KEY = ".<key>"
_KINDS = {"date": "date", "date-time": "RFC 3339"}


def plain_filters(filters: Json, resolve: Resolve) -> Json:
    """The schema of `filters` in its plain form.

    Args:
        filters: The schema in the document: an array of filters.
        resolve: Finds the schema that a schema refers to.
    """
    kinds = [resolve(each) for each in resolve(filters["items"])["oneOf"]]
    conditions = [each["properties"] for each in kinds if "field" in each["properties"]]
    table = "\n".join(_table(conditions, resolve))
    operators = f"{'; '.join(_said(table))}; most fields: {_EVERY}.\n"
    return {
        "type": "array",
        "items": {"type": "object"},
        "description": _ABOUT + operators + table,
    }


def _said(table: str) -> Iterator[str]:
    """The sets of operators that a table names; larger ones begin with `exact`."""
    exact = _SETS["exact"]
    yield f"exact = {exact}"
    for name in ("range", "text"):
        if f": {name}" in table:
            yield f"{name} = {_SETS[name].replace(exact, 'exact', 1)}"


def _table(conditions: Iterable[Json], resolve: Resolve) -> Iterator[str]:
    by_key: dict[str, None] = {}
    for each in conditions:
        operators = " ".join(each["operator"]["enum"])
        if operators == _EVERY:
            continue  # it is said once
        fields = list(_fields(each["field"]))
        by_key |= {name: None for name in fields if name.endswith(_ANY_KEY)}
        named = ", ".join(name for name in fields if not name.endswith(_ANY_KEY))
        if named:
            value = _value(resolve(each.get("value", {})))
            told = f"- {named}: {_TOLD.get(operators, operators)}"
            yield told if value == "string" else f"{told}; {value}"
    if by_key:
        yield f"- {', '.join(by_key)}: as their type allows"


def _fields(schema: Json) -> list[str]:
    if "anyOf" in schema:
        return [name for each in schema["anyOf"] for name in _fields(each)]
    if "pattern" in schema:  # of a field that is filtered by its keys
        return [_KEYED.sub(rf"\1{_ANY_KEY}", schema["pattern"])]
    return list(schema["enum"])


def _value(schema: Json) -> str:
    if "enum" in schema:
        return "one of " + " ".join(map(str, schema["enum"]))
    if schema.get("format") in _KINDS:
        return _KINDS[schema["format"]]
    types = schema.get("type", "no value")
    return types if isinstance(types, str) else " or ".join(types)
