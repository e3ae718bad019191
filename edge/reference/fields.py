"""The fields of bodies and answers, described for readers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from edge.reference.document import Document, Schema
from edge.reference.rules import rules_of, type_of, values_of

_NUMBER = re.compile(r"\d+(?:[,.]+\d+)*")
_DEEPEST = 5  # stops at schemas that contain themselves


@dataclass(frozen=True, slots=True)
class Field:
    """A field.

    Attributes:
        name: Its name.
        type: Its type in a few words, e.g. `string` or `array of tags`.
        target: The address where the type is described; empty if that is here.
        about: Its description.
        rules: The rules for its values, each in a few words.
        values: The allowed values, each with its meaning.
        default: Its value if it is not sent, as JSON.
        nullable: Whether null is accepted or answered.
        required: Whether a request must contain it.
        read_only: Whether only the server sets it.
        filters: Whether searches can filter by it.
        sorts: Whether searches can be ordered by it.
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
    around: tuple[str, ...] = (),
) -> tuple[Field, ...]:
    """The fields of an object.

    Args:
        document: The document.
        schema: The object's schema.
        targets: The addresses of schemas that are described elsewhere, by name.
        asked: Whether the object is in a request: only then are fields required.
        around: The names of the schemas around it. None of them is described again.
    """
    found = document.resolved(schema)
    required = set(found.get("required", ())) if asked else set()
    return tuple(
        replace(
            _field(document, name, each, targets, around),
            required=name in required,
        )
        for name, each in found.get("properties", {}).items()
    )


def marked(
    fields: tuple[Field, ...], filters: set[str], sorts: set[str]
) -> tuple[Field, ...]:
    """The fields, with marks for those that searches filter by or are ordered by."""
    return tuple(
        replace(each, filters=each.name in filters, sorts=each.name in sorts)
        for each in fields
    )


def _field(
    document: Document,
    name: str,
    schema: Schema,
    targets: Mapping[str, str],
    around: tuple[str, ...],
) -> Field:
    bare, nullable = document.without_null(schema)
    item = document.item(bare)
    its = document.name_of(item)
    target = targets.get(its, "")
    about = schema.get("description") or document.resolved(bare)["description"]
    is_again = bool(its) and its in around
    deep = not target and len(around) < _DEEPEST and not is_again
    within = (*around, its)
    inner = fields_of(document, item, targets, around=within) if deep else ()
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
    """Whether the text does not contain the rule already."""
    return not set(_NUMBER.findall(rule)) <= set(_NUMBER.findall(about))


def _untold(
    values: tuple[tuple[str, str], ...], about: str
) -> tuple[tuple[str, str], ...]:
    """The values, unless the text contains all of them already."""
    told = all(not meaning and f"`{value}`" in about for value, meaning in values)
    return () if told else values
