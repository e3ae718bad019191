"""The types and rules of a schema, in words."""

import re
from collections.abc import Iterator
from typing import Any

from edge.reference.document import Document, Schema

_TYPES = {
    "date-time": "timestamp",
    "date": "date",
    "idn-email": "e-mail address",
    "phone": "telephone number",
    "iri": "URL",
    "uri": "URL",
    "idn-hostname": "host",
}
_ID = "-id"
_VALUE = re.compile(r"^- `([^`]+)`: (.+)$", re.MULTILINE)
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def type_of(document: Document, schema: Schema) -> str:
    """The type of a value, e.g. `integer`, `id of a contact` or `array of strings`."""
    name, found = document.name_of(schema), document.resolved(schema)
    kind = found.get("type")
    if kind == "array":
        return f"array of {_many(type_of(document, found['items']))}"
    if kind == "object" and name:
        return words_of(name)
    if kind is None:
        options = [document.resolved(each) for each in found.get("anyOf", ())]
        if options and all(each.get("type") == "string" for each in options):
            return "string"
        return words_of(name) if "oneOf" in found and name else "any value"
    form = str(found.get("format", ""))
    if form.endswith(_ID) and "-" not in form.removesuffix(_ID):
        return f"{form.removesuffix(_ID)} id"
    return _TYPES.get(form, str(kind))


def rules_of(document: Document, schema: Schema) -> Iterator[str]:
    """The rules for a value, except those in its type and its description."""
    found = document.resolved(schema)
    if found.get("type") == "array":
        if many := _between(found, "minItems", "maxItems"):
            yield many
        yield from (f"each {rule}" for rule in rules_of(document, found["items"]))
        return
    if length := _between(found, "minLength", "maxLength"):
        yield f"{length} characters"
    if sizes := _between(found, "minimum", "maximum"):
        yield sizes
    if step := found.get("multipleOf"):
        yield f"in steps of {step}"
    if keys := found.get("maxProperties"):
        yield f"up to {keys} keys"


def values_of(document: Document, schema: Schema) -> Iterator[tuple[str, str]]:
    """The values of an enum, each with its description."""
    found = document.resolved(schema)
    told = dict(_VALUE.findall(found.get("description", "")))
    for value in found.get("enum", ()):
        if value is not None:
            yield str(value), told.get(value, "")


def _between(schema: Schema, least: str, most: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if high == 2**31 - 1:
        high = None
    if low is None and high is None:
        return ""
    if high is None:
        return f"at least {_number(low)}"
    if low is None:
        return f"up to {_number(high)}"
    return f"{_number(low)} to {_number(high)}"


def _number(value: Any) -> str:
    return f"{value:,}"


def _many(noun: str) -> str:
    """The plural of a type's name; it is right for all types of the API."""
    if noun.endswith(("y", "s")):
        return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}es"
    return f"{noun}s"


def anchor_of(name: str) -> str:
    """`create-contact` for `createContact`."""
    return words_of(name).replace(" ", "-")


def words_of(name: str) -> str:
    """The name of a schema in words: `ContactFilter` is a contact filter."""
    return _CAPITAL.sub(" ", name).lower()
