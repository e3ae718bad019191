"""Partial answers: the answer of a write to a token that may not read the resource.

The documents include them. The types of the clients and the pages of the reference
describe a token that may read, so they are made from a document without them.
"""

from typing import Any

from google.protobuf.descriptor import Descriptor
from prospectconnect.options.v1 import options_pb2

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
    """Whether the answer of a write may contain only a part of the message."""
    if ANSWERED_FIELDS not in message.fields_by_name:
        return False
    policy = message.GetOptions().Extensions[options_pb2.record]
    is_read_by_all = policy.any_token
    return not (is_read_by_all and options_pb2.STANDARD_METHOD_UPDATE in policy.without)


def schema() -> Schema:
    """The schema of a part of any record.

    No request writes `created_by`, and every whole record has it. So a faulty answer
    that lacks a field fits neither the record's schema nor this one.
    """
    created = values.TIMESTAMP | {"description": "When the record was created."}
    updated = values.TIMESTAMP | {"description": "When it was last changed."}
    return {
        "type": "object",
        "description": _ABOUT,
        "required": ["id", "created_at", "updated_at"],
        "properties": {
            "id": values.identifier(values.ANY) | {"description": "The record's id."},
            "created_at": created,
            "updated_at": updated,
        },
        "not": {"required": ["created_by"], "properties": {"created_by": {}}},
    }


def without_parts(document: Any) -> Any:
    """A document, or a part of one, without partial answers."""
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
