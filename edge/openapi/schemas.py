"""The schemas of answers: messages, and the enums within them.

Properties are required, because answers leave out none but those with `omit_unset`; an
unset one is null. Only a write may be answered with a part of a record (`parts.py`).
Clients must expect properties and enum values that a schema does not list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.api.field_behavior_pb2 import FieldBehavior, field_behavior
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from prospectconnect.options.v1 import options_pb2
from prospectconnect.options.v1.options_pb2 import FieldPolicy, RecordPolicy

from edge.openapi import parts, values
from edge.openapi.comments import sentence
from edge.openapi.values import ANY, Schema
from edge.transcoder.figures import FIGURE_ROW
from edge.transcoder.shapes import enum_names

# An id has no more characters. A field that takes more is a text, as is the
# `Message-ID` of an e-mail.
_MOST_ID = 64
# The schema of the values in fields with the name `scopes`.
SCOPE = "Scope"


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas made so far, by name, and their sources.

    `records` are the policies of records, by resource.
    """

    comments: Mapping[str, str]
    records: Mapping[str, RecordPolicy]
    named: dict[str, Schema] = field(default_factory=dict)

    def refer(self, name: str, make: Callable[[], Schema]) -> Schema:
        """A reference to the schema with a name; it is made if it does not exist."""
        if name not in self.named:
            self.named[name] = {}  # taken: a message may hold itself
            self.named[name].update(make())
        return {"$ref": f"#/components/schemas/{name}"}


def answer(schemas: Schemas, message: Descriptor) -> Schema:
    """The schema of a message in an answer, as a reference."""
    return schemas.refer(answer_name(message), lambda: _message(schemas, message))


def answer_name(message: Descriptor) -> str:
    """The name of an answer's schema: of a page, of a result, or of its message."""
    stem = message.name.removesuffix("Response")
    if stem == message.name:
        return stem
    item = page_item(message)
    return f"{stem}Result" if item is None else f"{item.name}Page"


def page_item(message: Descriptor) -> Descriptor | None:
    """The message of the records in a page of results; None if it is no page."""
    data = message.fields_by_name.get("data")
    return data.message_type if data is not None and data.is_repeated else None


def _message(schemas: Schemas, message: Descriptor) -> Schema:
    if message.full_name == FIGURE_ROW:
        return values.figure_row(told(schemas, message))
    fields = [each for each in message.fields if not policy_of(each).internal]
    return {
        "type": "object",
        "description": told(schemas, message),
        "required": [each.name for each in fields if not policy_of(each).omit_unset],
        "properties": {each.name: _property(schemas, each) for each in fields},
    }


def or_part(schemas: Schemas, record: Schema) -> Schema:
    """The schema of a write's answer: a record, or a part of one."""
    return {"anyOf": [record, schemas.refer(parts.NAME, parts.schema)]}


def told(schemas: Schemas, message: Descriptor) -> str:
    """The comment of a message, without its name."""
    return sentence(schemas.comments[message.full_name], message.name)


def _property(schemas: Schemas, item: FieldDescriptor) -> Schema:
    schema = value(schemas, item)
    if item.is_repeated and not _is_map(item):
        schema = {"type": "array", "items": schema}
    elif is_nullable(item):
        schema = values.or_null(schema)
    elif item.message_type is not None and parts.is_partial(item.message_type):
        schema = or_part(schemas, schema)
    return described(schemas, item, schema)


def described(schemas: Schemas, item: FieldDescriptor, schema: Schema) -> Schema:
    """A property with the comment of its field."""
    marks = {"readOnly": True} if is_read_only(item) else {}
    return schema | {"description": schemas.comments[item.full_name], **marks}


def value(schemas: Schemas, item: FieldDescriptor) -> Schema:
    """The schema of one value of a field."""
    policy = policy_of(item)
    if item.is_repeated and policy.HasField("items"):
        policy = policy.items
    if item.name == "trace_id":
        return {"type": "string", "pattern": "^[0-9a-f]{32}$"}
    if resource := id_of(item):
        known = schemas.records.get(resource)
        return values.identifier(resource, known.id_prefix if known else "")
    if item.name == "cursor" and item.type == FieldDescriptor.TYPE_STRING:
        return {"type": "string", "format": "cursor"}
    if item.name == "scopes":
        return {"$ref": f"#/components/schemas/{SCOPE}"}
    if _is_map(item):
        return {"type": "object", "additionalProperties": {"type": "string"}}
    if item.enum_type is not None:
        return enum(schemas, item.enum_type)
    nested: Any = item.message_type
    return values.plain(item, policy) or answer(schemas, nested)


def id_of(item: FieldDescriptor) -> str:
    """The resource whose id a field contains; empty for other fields."""
    if item.type != FieldDescriptor.TYPE_STRING or item.is_repeated:
        return ""
    policy = policy_of(item)
    if policy.max_len > _MOST_ID:
        return ""
    is_any = policy.end or item.name == "record_id"
    references = policy.references or (ANY if is_any else "")
    if references or not (item.name == "id" or item.name.endswith("_id")):
        return references
    if named := item.name.removesuffix("id").removesuffix("_"):
        return named
    holder: Any = item.containing_type
    own: str = holder.GetOptions().Extensions[options_pb2.record].resource
    return own or holder.name.lower()


def enum(schemas: Schemas, found: EnumDescriptor) -> Schema:
    """The schema of an enum, as a reference."""
    return schemas.refer(found.name, lambda: _enum(schemas, found))


def _enum(schemas: Schemas, found: EnumDescriptor) -> Schema:
    names = enum_names(found)
    comments, full_name = schemas.comments, found.full_name
    lines = [
        f"- `{names[each.number]}`: {comments[f'{full_name}.{each.name}']}"
        for each in found.values
        if each.number
    ]
    about = comments[full_name]
    return {
        "type": "string",
        "enum": list(names.values()),
        "description": "\n".join([sentence(about, found.name), "", *lines]),
    }


def policy_of(item: FieldDescriptor) -> FieldPolicy:
    """The rules of a field."""
    return item.GetOptions().Extensions[options_pb2.field]


def is_read_only(item: FieldDescriptor) -> bool:
    """Whether only the server sets the field."""
    behaviors = item.GetOptions().Extensions[field_behavior]
    return FieldBehavior.OUTPUT_ONLY in behaviors


def is_kept(item: FieldDescriptor) -> bool:
    """Whether no update writes the field."""
    behaviors = item.GetOptions().Extensions[field_behavior]
    return FieldBehavior.IMMUTABLE in behaviors or bool(policy_of(item).changed_by)


def is_required(item: FieldDescriptor) -> bool:
    """Whether every record has the field."""
    behaviors = item.GetOptions().Extensions[field_behavior]
    return FieldBehavior.REQUIRED in behaviors


def is_nullable(item: FieldDescriptor) -> bool:
    """Whether an answer may contain null for a field: if it is `optional`."""
    return item.containing_oneof is not None and not policy_of(item).omit_unset


def _is_map(item: FieldDescriptor) -> bool:
    nested = item.message_type
    return nested is not None and bool(nested.GetOptions().map_entry)
