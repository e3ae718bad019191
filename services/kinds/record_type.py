"""What the engine knows of a kind of record, read from its descriptor at start.

A record message's fields are its table's columns, name for name; the options of
`prospectconnect.options.v1` say the rest. No other room reads those options of a
record.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from google.api.field_behavior_pb2 import FieldBehavior, field_behavior
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from prospectconnect.options.v1 import options_pb2
from prospectconnect.options.v1.options_pb2 import FieldPolicy, Format, RecordPolicy

# The resources that links lead to, with the column that holds a link.
LINKS = {"contact": "contact_id", "company": "company_id", "deal": "deal_id"}
LINK_PREFIXES = {"contact": "con_", "company": "cmp_", "deal": "deal_"}
RECORD_ID = "record_id"

# The field in which a partial answer names what it holds (`partial_answers.py`).
ANSWERED_FIELDS = "answered_fields"

# The default of a timestamp that is never empty.
NOW = "now"


class Kind(Enum):
    """What a field holds; filters, rules and columns go by it."""

    STRING = "string"
    ID = "id"
    ENUM = "enum"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TAGS = "tags"
    CUSTOM = "custom fields"
    METADATA = "metadata"
    NESTED = "messages"
    LINKS = "links"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record and its column."""

    name: str
    kind: Kind
    column_type: str
    policy: FieldPolicy
    descriptor: FieldDescriptor
    read_only: bool
    required: bool
    nullable: bool
    default: str | int | None
    references: str  # the resource that an id leads to, or empty

    @property
    def is_nullable_text(self) -> bool:
        """Whether an empty text in the field counts as null."""
        return self.nullable and self.kind in (Kind.STRING, Kind.ID)

    @property
    def is_phone(self) -> bool:
        """Whether the text is compared by its digits."""
        return self.policy.format == Format.FORMAT_PHONE


@dataclass(frozen=True, slots=True, eq=False)
class RecordType:
    """A kind of record: its message, its table and what holds for every one.

    `link_fields` are the links by which others see the record, none where it is not
    shared; `by_links_alone` is the `source` of records that are seen by these alone.
    """

    message: type[Message]
    policy: RecordPolicy
    resource: str
    table: str
    fields: tuple[Field, ...]
    by_name: dict[str, Field]
    columns: tuple[tuple[str, str], ...]  # of the fields: name and type
    link_fields: tuple[Field, ...]
    by_links_alone: int | None


def record_type(message: type[Message]) -> RecordType:
    """Reads the record type of a message with the option `record`."""
    descriptor = message.DESCRIPTOR
    fields = tuple(
        _field(field)
        for field in descriptor.fields
        if not field.GetOptions().Extensions[options_pb2.field].internal
    )
    policy = descriptor.GetOptions().Extensions[options_pb2.record]
    by_name = {field.name: field for field in fields}
    links: tuple[Field, ...] = ()
    if policy.shared_by_links:
        by_name[RECORD_ID] = _any_link(by_name["id"])
        links = tuple(item for item in fields if item.references in LINKS)
    alone = policy.by_links_alone
    return RecordType(
        message=message,
        policy=policy,
        resource=policy.resource,
        table=policy.plural,
        fields=fields,
        by_name=by_name,
        columns=tuple((item.name, item.column_type) for item in fields),
        link_fields=links,
        by_links_alone=enum_number(by_name["source"].descriptor, alone)
        if alone
        else None,
    )


def _any_link(record_id: Field) -> Field:
    """What `record_id` filters by: any of the record's links."""
    return replace(record_id, name=RECORD_ID, kind=Kind.LINKS)


def _field(descriptor: Any) -> Field:
    options = descriptor.GetOptions()
    policy = options.Extensions[options_pb2.field]
    behaviors = options.Extensions[field_behavior]
    kind = _kind(descriptor, policy)
    return Field(
        name=descriptor.name,
        kind=kind,
        column_type=_COLUMN_TYPES[kind],
        policy=policy,
        descriptor=descriptor,
        read_only=FieldBehavior.OUTPUT_ONLY in behaviors,
        required=FieldBehavior.REQUIRED in behaviors,
        nullable=descriptor.has_presence and not _always_set(descriptor),
        default=_default(descriptor, policy),
        references=policy.references,
    )


def _kind(descriptor: FieldDescriptor, policy: FieldPolicy) -> Kind:
    if descriptor.type == FieldDescriptor.TYPE_STRING:
        if descriptor.is_repeated:
            return Kind.TAGS
        is_id = descriptor.name == "id" or policy.references
        return Kind.ID if is_id else Kind.STRING
    if policy.custom_fields:
        return Kind.CUSTOM
    if descriptor.is_repeated:
        return Kind.NESTED
    if descriptor.type == FieldDescriptor.TYPE_MESSAGE:
        assert descriptor.message_type is not None  # noqa: S101 - by its type
        return _MESSAGE_KINDS[descriptor.message_type.full_name]
    return _SCALAR_KINDS[descriptor.type]


def _always_set(descriptor: FieldDescriptor) -> bool:
    """A message field is nullable only when the proto says `optional`."""
    return (
        descriptor.type == FieldDescriptor.TYPE_MESSAGE
        and descriptor.containing_oneof is None
    )


def _default(descriptor: FieldDescriptor, policy: FieldPolicy) -> str | int | None:
    if not policy.default_value:
        return None
    if descriptor.enum_type is not None:
        return enum_number(descriptor, policy.default_value)
    if descriptor.type == FieldDescriptor.TYPE_INT32:
        return int(policy.default_value)
    return policy.default_value


def enum_number(descriptor: FieldDescriptor, public: str) -> int | None:
    """The number of the enum value that public JSON writes as `public`."""
    if public != public.lower():
        return None
    name = enum_prefix(descriptor) + public.upper()
    value = _enum(descriptor).values_by_name.get(name)
    return None if value is None or value.number == 0 else value.number


def enum_choices(descriptor: FieldDescriptor) -> list[str]:
    """An enum's values as public JSON writes them."""
    prefix = len(enum_prefix(descriptor))
    return [
        value.name[prefix:].lower()
        for value in _enum(descriptor).values
        if value.number
    ]


def enum_prefix(descriptor: FieldDescriptor) -> str:
    """What the names of an enum's values begin with."""
    return _enum(descriptor).values[0].name.removesuffix("UNSPECIFIED")


def _enum(descriptor: FieldDescriptor) -> EnumDescriptor:
    assert descriptor.enum_type is not None  # noqa: S101 - callers hold an enum field
    return descriptor.enum_type


_COLUMN_TYPES = {
    Kind.STRING: "text",
    Kind.ID: "text",
    Kind.ENUM: "smallint",
    Kind.INTEGER: "integer",
    Kind.BOOLEAN: "boolean",
    Kind.DECIMAL: "numeric",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamptz",
    Kind.TAGS: "text[]",
    Kind.CUSTOM: "jsonb",
    Kind.METADATA: "jsonb",
    Kind.NESTED: "jsonb",
}

_SCALAR_KINDS = {
    FieldDescriptor.TYPE_ENUM: Kind.ENUM,
    FieldDescriptor.TYPE_INT32: Kind.INTEGER,
    FieldDescriptor.TYPE_BOOL: Kind.BOOLEAN,
}

_MESSAGE_KINDS = {
    "google.protobuf.Timestamp": Kind.TIMESTAMP,
    "google.protobuf.Struct": Kind.METADATA,
    "google.type.Date": Kind.DATE,
    "google.type.Decimal": Kind.DECIMAL,
}
