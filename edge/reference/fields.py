"""The fields of bodies and answers, as a reader wants to know them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from edge.reference.document import Document, Schema
from edge.reference.rules import rules_of, type_of, values_of

_NUMBER = re.compile(r"\d+(?:[,.]+\d+)*")
_DEEPEST = 5  # a schema that holds itself ends somewhere


@dataclass(frozen=True, slots=True)
class Field:
    """A field.

    Attributes:
        name: Its name.
        type: What it holds, in a few words, e.g. `string` or `array of tags`.
        target: The address where that is described, empty when it is here.
        about: What it is.
        rules: What a value must keep to, each in a few words.
        values: The values that there are, each with what it stands for.
        default: What it is when it is not given, as JSON.
        nullable: Whether null is taken or answered.
        required: Whether a request must have it.
        read_only: Whether the server alone sets it.
        filters: Whether searches take it as a condition.
        sorts: Whether searches may be ordered by it.
        fields: The fields in it.
    """

    name: str
    type: str
    about: str
    target: str = ""
    rules: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    default: Any = None
    nullable: bool = False
    required: bool = False
    read_only: bool = False
    filters: bool = False
    sorts: bool = False
    fields: tuple["Field", ...] = ()

    def flat(self) -> Iterator["Field"]:
        """The field and all fields in it."""
        yield self
        for each in self.fields:
            yield from each.flat()


def fields_of(
    document: Document,
    schema: Schema,
    targets: Mapping[str, str],
    *,
    asked: bool = False,
    depth: int = 0,
) -> tuple[Field, ...]:
    """The fields of an object.

    Args:
        document: The document.
        schema: The object's schema.
        targets: The addresses of schemas that have a place of their own, by name.
        asked: Whether the object is sent, so that what is required matters.
        depth: How deep in another it is.
    """
    found = document.resolved(schema)
    required = set(found.get("required", ())) if asked else set()
    return tuple(
        replace(
            _field(document, name, each, targets, depth),
            required=name in required,
        )
        for name, each in found.get("properties", {}).items()
    )


def marked(
    fields: tuple[Field, ...], filters: set[str], sorts: set[str]
) -> tuple[Field, ...]:
    """The fields, marked as those that searches go by."""
    return tuple(
        replace(each, filters=each.name in filters, sorts=each.name in sorts)
        for each in fields
    )


def _field(
    document: Document,
    name: str,
    schema: Schema,
    targets: Mapping[str, str],
    depth: int,
) -> Field:
    bare, nullable = document.without_null(schema)
    item = document.item(bare)
    target = targets.get(document.name_of(item), "")
    about = schema.get("description") or document.resolved(bare)["description"]
    deep = not target and depth < _DEEPEST
    inner = fields_of(document, item, targets, depth=depth + 1) if deep else ()
    return Field(
        name=name,
        type=type_of(document, bare),
        about=about,
        target=target,
        rules=tuple(each for each in rules_of(document, bare) if _adds(each, about)),
        values=_untold(tuple(values_of(document, item)), about),
        default=schema.get("default"),
        nullable=nullable,
        read_only=bool(schema.get("readOnly")),
        fields=inner,
    )


def _adds(rule: str, about: str) -> bool:
    """Whether a rule says what the text does not say already."""
    return not set(_NUMBER.findall(rule)) <= set(_NUMBER.findall(about))


def _untold(
    values: tuple[tuple[str, str], ...], about: str
) -> tuple[tuple[str, str], ...]:
    """The values, unless there is nothing to them that the text does not say."""
    told = all(not meaning and f"`{value}`" in about for value, meaning in values)
    return () if told else values
