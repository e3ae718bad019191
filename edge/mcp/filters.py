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
    'Each is a condition, {"field", "operator", "value"}, or a group of them: '
    '{"any": [...]}, {"all": [...]}, {"not": {...}}. All must hold. '
    f'"values" instead of "value" with: {" ".join(SEVERAL)}. Neither with: '
    f"{' '.join(EMPTINESS)}. The fields, their operators and the kind of value:"
)
_KEYED = re.compile(r"\^(\w+)\\.*")
_ONE = {"type": ["string", "number", "boolean"]}
_KINDS = {"date": "a date YYYY-MM-DD", "date-time": "an RFC 3339 timestamp"}
_GROUPS: Json = {
    "any": {"type": "array", "items": {"type": "object"}},
    "all": {"type": "array", "items": {"type": "object"}},
    "not": {"type": "object"},
}


def plain_filters(filters: Json, resolve: Resolve) -> Json:
    """The schema of `filters` in its plain form.

    Args:
        filters: The schema in the document: an array of filters.
        resolve: Finds the schema that a schema refers to.
    """
    kinds = [resolve(each) for each in resolve(filters["items"])["oneOf"]]
    conditions = [each["properties"] for each in kinds if "field" in each["properties"]]
    operators = dict.fromkeys(
        name for each in conditions for name in each["operator"]["enum"]
    )
    form = {
        "field": {"type": "string"},
        "operator": {"type": "string", "enum": list(operators)},
        "value": _ONE,
        "values": {"type": "array", "items": _ONE},
        **_GROUPS,
    }
    items = {"type": "object", "properties": form, "additionalProperties": False}
    table = "\n".join([_ABOUT, *_table(conditions, resolve)])
    return {**filters, "items": items, "description": table}


def _table(conditions: Iterable[Json], resolve: Resolve) -> Iterator[str]:
    for each in conditions:
        fields = ", ".join(_fields(each["field"]))
        operators = " ".join(each["operator"]["enum"])
        yield f"- {fields}: {operators}; {_value(resolve(each.get('value', {})))}"


def _fields(schema: Json) -> list[str]:
    if "anyOf" in schema:
        return [name for each in schema["anyOf"] for name in _fields(each)]
    if "pattern" in schema:  # of a field that is filtered by its keys
        return [_KEYED.sub(r"\1.<key>", schema["pattern"])]
    return list(schema["enum"])


def _value(schema: Json) -> str:
    if "enum" in schema:
        return "one of " + " ".join(map(str, schema["enum"]))
    if schema.get("format") in _KINDS:
        return _KINDS[schema["format"]]
    types = schema.get("type", "no value")
    return types if isinstance(types, str) else " or ".join(types)
