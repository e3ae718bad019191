"""Prepares schemas for the types of the TypeScript client.

If openapi-typescript would write a type that is too general, `x-type` contains the
exact one; see `typescript/types.mjs`. Requests accept more types than answers contain:
amounts may be numbers, and times may be `Date`s.
"""

import re
from collections.abc import Iterator
from typing import Any

from deploy.clients.operations import Json

# A schema with this is a decimal number; every other number is a double.
_DECIMAL = "multipleOf"

_NEVER = {"x-type": "never"}

# An object with the keys of own fields. A property that is undefined is not sent.
_OWN_KEYS = "^[a-z][a-z0-9_]{0,63}$"
_OWN_FIELDS = (
    "{ [key: string]: string | number | Amount | boolean | Date | readonly string[]"
    " | null | undefined }"
)

# An object with no more keywords than these may have any keys.
_SAID_OF_ANY = frozenset(("type", "description"))

# The names that filters take for the keys of an object.
_KEYED = re.compile(r"\^(associations|custom_fields|external_ids)\b")


def schemas_of(document: Json) -> dict[str, Any]:
    """The schemas of a document, prepared."""
    sent = set(_sent(document))
    return {
        name: _prepared(schema, name in sent)
        for name, schema in document["components"]["schemas"].items()
    }


def amounts_of(document: Json, name: str | None) -> list[str]:
    """The paths of decimal numbers in the type with this name: names joined by dots."""
    if name is None:
        return []
    return [".".join(path) for path in _decimals(document, _named(name), (), ())]


def path_of(path: str) -> str:
    """A path as a TypeScript template; `segment` encodes its variables."""
    filled = re.sub(r"{(\w+)}", r"${segment('\1', \1)}", path)
    return f"`{filled}`" if filled != path else f"'{path}'"


def _named(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _sent(document: Json) -> Iterator[str]:
    """The names of all schemas in request bodies."""
    waiting = [
        schema
        for item in document["paths"].values()
        for operation in item.values()
        for schema in _references(operation.get("requestBody", {}))
    ]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            waiting += _references(document["components"]["schemas"][name])


def _references(node: Any) -> Iterator[str]:
    """The names of the schemas that a node refers to."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _references(item)


def _decimals(
    document: Json, schema: Json, path: tuple[str, ...], around: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    if _DECIMAL in schema:
        yield path
    for name in _references({"$ref": schema["$ref"]} if "$ref" in schema else None):
        if name not in around:
            inner = document["components"]["schemas"][name]
            yield from _decimals(document, inner, path, (*around, name))
    for name, inner in schema.get("properties", {}).items():
        yield from _decimals(document, inner, (*path, name), around)
    if "items" in schema:
        yield from _decimals(document, schema["items"], path, around)


def _prepared(schema: Any, sent: bool) -> Any:
    """A schema with `x-type`, and each condition as one type for each of its forms."""
    if isinstance(schema, list):
        return [_prepared(item, sent) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "if" in schema:
        return _prepared({"oneOf": list(_forms(schema))}, sent)
    made = {name: _prepared(item, sent) for name, item in schema.items()}
    exact = _type(schema, sent)
    return made | {"x-type": exact} if exact else made


def _type(schema: Json, sent: bool) -> str:
    """The TypeScript type of a schema, if it needs `x-type`."""
    told = schema.get("type")
    types = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    if sent and schema.get("propertyNames", {}).get("pattern") == _OWN_KEYS:
        return f"({' | '.join(_OWN_FIELDS if e == 'object' else e for e in types)})"
    if keyed := _KEYED.match(str(schema.get("pattern", ""))):
        return f"`{keyed[1]}.${{string}}`"
    if told == "object" and not schema.keys() - _SAID_OF_ANY:
        return "{ [key: string]: unknown }"
    if "number" in types and sent:
        # A value that may be a text, too, is that of an own field: perhaps a time.
        types = [*types, "Amount", *(["Date"] if "string" in types else [])]
    elif "number" in types and _DECIMAL in schema:
        types = ["Amount" if each == "number" else each for each in types]
    elif schema.get("format") == "date-time" and sent:
        types = [*types, "Date"]
    else:
        return ""
    return f"({' | '.join(types)})"


def _forms(condition: Json) -> Iterator[Json]:
    """The forms of a condition: with one value, with a list of them, with two.

    In the document, `if` and `then` determine the form for each operator.
    """
    fields = condition["properties"]
    several = condition["if"]["properties"]["operator"]["enum"]
    pair = [each for each in several if each == "between"]
    single = [each for each in fields["operator"]["enum"] if each not in several]
    two = {"type": "array", "prefixItems": [fields["values"]["items"]] * 2}
    for operators, given in (
        (single, {"value": fields["value"], "values": _NEVER}),
        ([each for each in several if each not in pair], {"values": fields["values"]}),
        (pair, {"values": fields["values"] | two}),
    ):
        if operators:
            yield {
                "type": "object",
                "required": ["field", "operator", *(given.keys() - {"values"})]
                + ([] if "value" in given else ["values"]),
                "properties": {
                    "field": fields["field"],
                    "operator": fields["operator"] | {"enum": operators},
                    "value": _NEVER,
                    **given,
                },
                "additionalProperties": False,
            }
