"""The fields, operators and values of a search's filters."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge.reference.document import Document, Schema
from edge.reference.rules import type_of

_NO_VALUE = "without a value"


@dataclass(frozen=True, slots=True)
class Condition:
    """Fields that take the same operators."""

    fields: tuple[str, ...]
    operators: tuple[str, ...]
    type: str


def conditions_of(document: Document, body: Schema) -> Iterator[Condition]:
    """The conditions that a search's body accepts, without the groups.

    The document lists the operators without a value separately, for all fields. Here
    they are listed with the other operators of the same fields.
    """
    found = list(_conditions(document, body))
    without = [each for each in found if each.type == _NO_VALUE]
    told = set[str]()
    for each in found:
        if each.type == _NO_VALUE:
            continue
        fields = {*each.fields} - told  # each field once
        fitting = [w for w in without if fields and fields <= {*w.fields}]
        more = [operator for w in fitting for operator in w.operators]
        told |= fields if more else set()
        yield replace(each, operators=(*each.operators, *more))
    yield from (each for each in without if not {*each.fields} <= told)


def _conditions(document: Document, body: Schema) -> Iterator[Condition]:
    filters = body.get("properties", {}).get("filters", {})
    # Those of the feed are about records of any type; elsewhere it may be a number.
    for each in document.resolved(filters.get("items", {})).get("oneOf", ()):
        properties = document.resolved(each).get("properties", {})
        if "field" not in properties:
            continue
        yield Condition(
            fields=tuple(_fields(properties["field"])),
            operators=tuple(properties["operator"]["enum"]),
            type=_type(document, properties.get("value")),
        )


def _fields(schema: Schema) -> Iterator[str]:
    for each in schema.get("anyOf", (schema,)):
        yield from each.get("enum", ())
        if pattern := each.get("pattern"):
            # It stands for the tenant's custom fields.
            yield f"{pattern.strip('^').partition(chr(92))[0]}.<key>"


def names_of(conditions: tuple[Condition, ...]) -> set[str]:
    """The fields of all conditions."""
    return {
        name.partition(".")[0] for condition in conditions for name in condition.fields
    }


def _type(document: Document, value: Schema | None) -> str:
    if value is None:
        return _NO_VALUE
    found = document.resolved(value)
    if "anyOf" in found:
        kinds = [type_of(document, each) for each in found["anyOf"]]
        return " or ".join(dict.fromkeys(kinds))
    if isinstance(found.get("type"), list):
        return " or ".join(found["type"])
    if "enum" in found:
        return " or ".join(str(each) for each in found["enum"])
    return type_of(document, value)
