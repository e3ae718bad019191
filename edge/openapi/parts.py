"""Partial answers: what a write answers to a token that may not read the resource.

The documents admit them. Whoever is told what a token that may read gets, as the types
of clients and the pages of the reference are, takes a document without them.
"""

from typing import Any

from google.protobuf.descriptor import Descriptor

from edge.openapi import values
from edge.openapi.values import Schema
from edge.transcoder.encode import ANSWERED_FIELDS

NAME = "PartialRecord"

_REFERENCE = f"#/components/schemas/{NAME}"
_ABOUT = (
    "What a write answers to a token that may not read the resource: the id, the times,"
    " and those fields of the record that the request wrote. The record's other fields"
    " are left out; they are not null. Of `custom_fields`, `metadata` and `tags` there"
    " is what the request named."
)


def is_partial(message: Descriptor) -> bool:
    """Whether answers may hold a part of the message."""
    return ANSWERED_FIELDS in message.fields_by_name


def schema() -> Schema:
    """The schema of any record's part.

    No request writes `created_by`, and no whole record is without it: so an answer that
    merely lacks a field is neither.
    """
    created = values.TIMESTAMP | {"description": "When the record was created."}
    updated = values.TIMESTAMP | {"description": "When it was last changed."}
    return {
        "type": "object",
        "description": _ABOUT,
        "required": ["id", "created_at", "updated_at"],
        "properties": {
            "id": values.identifier("record") | {"description": "The record's id."},
            "created_at": created,
            "updated_at": updated,
        },
        "not": {"required": ["created_by"], "properties": {"created_by": {}}},
    }


def without_parts(document: Any) -> Any:
    """A document, or a part of one, of an API whose every token may read."""
    if isinstance(document, list):
        return [without_parts(each) for each in document]
    if not isinstance(document, dict):
        return document
    made = {
        name: without_parts(each) for name, each in document.items() if name != NAME
    }
    if {"$ref": _REFERENCE} in document.get("anyOf", ()):
        (whole,) = (each for each in made.pop("anyOf") if each["$ref"] != _REFERENCE)
        made = {**whole, **made}
    return made
