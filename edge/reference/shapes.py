"""The shape of a body for the form of Try It: what inputs its fields have.

The script makes inputs of a shape. What is too deep, or may be one of several things,
is free JSON. A condition of a search has its field, its operator and its value.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from edge.reference.document import Document, Schema
from edge.reference.rules import type_of

_DEEPEST = 3
_LONG = 500  # characters from which a text has several lines

Shape = Mapping[str, Any]


def body_shape(document: Document, schema: Schema) -> str:
    """The shape of a body, as JSON; empty if the body is no object of known fields."""
    found = _shape(document, schema, ())
    return "" if found["k"] != "object" else orjson.dumps(found).decode()


def _shape(document: Document, schema: Schema, around: tuple[str, ...]) -> Shape:
    bare, _ = document.without_null(schema)
    name, found = document.name_of(bare), document.resolved(bare)
    if (name and name in around) or len(around) > _DEEPEST:
        return {"k": "json"}
    kind = found.get("type")
    if kind is None and type_of(document, found) == "string":
        return {"k": "text", "s": list(_fields(found))}
    if "enum" in found:
        values = [each for each in found["enum"] if each is not None]
        return {"k": "choice", "v": values}
    if kind == "boolean":
        return {"k": "choice", "v": [True, False]}
    if kind in ("integer", "number"):
        return {"k": "number"}
    if kind == "string":
        return _text(found)
    if kind == "array":
        return _list(document, found, (*around, name))
    if kind == "object" and found.get("properties"):
        return _object(document, found, (*around, name))
    return {"k": "json"}


def _text(found: Schema) -> Shape:
    most = found.get("maxLength", 0)
    told = {"max": most} if most else {}
    return {"k": "text", **told, **({"long": 1} if most > _LONG else {})}


def _list(document: Document, found: Schema, around: tuple[str, ...]) -> Shape:
    rules = list(_rules(document, found["items"]))
    each = (
        {"k": "condition", "c": rules}
        if rules
        else _shape(document, found["items"], around)
    )
    if each["k"] == "json":
        return each
    most = found.get("maxItems")
    return {"k": "list", "of": each, **({"max": most} if most else {})}


def _rules(document: Document, item: Schema) -> Iterator[Shape]:
    """Which operators the fields of conditions take, and what they compare with.

    `f` are the fields; `custom_fields.` stands for all that begin with it. `o` are the
    operators, `m` those with several values, and `v` is the shape of a value.
    """
    for option in document.resolved(item).get("oneOf", ()):
        found = document.resolved(option)
        properties = found.get("properties", {})
        if "field" not in properties:
            continue  # a group of conditions
        several = found.get("if", {}).get("properties", {}).get("operator", {})
        told = {"m": several["enum"]} if several else {}
        if "value" in properties:
            told["v"] = _shape(document, properties["value"], ())
        elif "values" in properties:
            told["v"] = _shape(document, properties["values"]["items"], ())
        yield {
            "f": list(_fields(properties["field"])),
            "o": properties["operator"]["enum"],
            **told,
        }


def _fields(schema: Schema) -> Iterator[str]:
    """The names of fields; `custom_fields.` stands for all that begin with it."""
    for each in schema.get("anyOf", (schema,)):
        yield from each.get("enum", ())
        if pattern := each.get("pattern"):
            yield pattern.strip("^").partition("\\")[0] + "."


def _object(document: Document, found: Schema, around: tuple[str, ...]) -> Shape:
    required = set(found.get("required", ()))
    fields = []
    for name, schema in found["properties"].items():
        if schema.get("readOnly"):
            continue
        bare, nullable = document.without_null(schema)
        fields.append(
            {
                "n": name,
                "t": type_of(document, bare) + (" or null" if nullable else ""),
                **({"r": 1} if name in required else {}),
                "s": _shape(document, schema, around),
            }
        )
    return {"k": "object", "f": sorted(fields, key=lambda each: "r" not in each)}
