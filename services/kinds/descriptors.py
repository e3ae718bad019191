"""Reads kinds of records, their fields and the values of enums from descriptors.

The fields of a record's message are the columns of its table, with the same names. The
options of `prospectconnect.options.v1` define the rest; only this room reads them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from google.api.field_behavior_pb2 import FieldBehavior, field_behavior
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from prospectconnect.options.v1 import options_pb2
from prospectconnect.options.v1.options_pb2 import FieldPolicy, Format
from prospectconnect.type.v1.search_pb2 import Filter

from services.kinds import search_sql
from services.kinds.record_type import (
    PRIVATE,
    RECORD_ID,
    Field,
    FieldType,
    RecordType,
    Targets,
)
from services.kinds.search_sql import SearchSql
from services.postgres.sql_parts import column_of
from services.record_messages import policy_of


def record_types(messages: Iterable[type[Message]]) -> dict[str, RecordType]:
    """Reads the kinds of messages, in their order. The keys are resources.

    References to other kinds among `messages` have a `target`.
    """
    policies = {each: policy_of(each) for each in messages}
    targets = {policy.resource: policy for policy in policies.values()}
    kinds = (record_type(each, targets) for each in policies)
    return {kind.resource: kind for kind in kinds}


def record_type(
    message: type[Message], targets: Targets = MappingProxyType({})
) -> RecordType:
    """Reads the kind of a record. `targets` are the policies of what it refers to."""
    descriptor = message.DESCRIPTOR
    fields = tuple(_field(e, targets) for e in descriptor.fields if _is_stored(e))
    policy = policy_of(message)
    by_name = {field.name: field for field in fields}
    links = tuple(item for item in fields if item.policy.link)
    ends = tuple(item for item in fields if item.policy.end)
    if policy.shared_by_links or ends:
        by_name[RECORD_ID] = _any_link(by_name["id"], ends or links)
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
        ends=ends,
        timeline_link=policy.timeline_link,
        by_links_alone=by_name["source"].choices[alone] if alone else None,
        object_field=policy.object_field,
        private_by=policy.private_by,
        private_value=_private_value(by_name, policy.private_by),
    )


def _private_value(by_name: Mapping[str, Field], name: str) -> int:
    return by_name[name].choices[PRIVATE] if name else 0


def _is_stored(descriptor: Any) -> bool:
    policy = descriptor.GetOptions().Extensions[options_pb2.field]
    return not (policy.internal or policy.unstored)


def _any_link(record_id: Field, links: tuple[Field, ...]) -> Field:
    """Returns the field of the filter `record_id`: any of the links, or either end."""
    search = search_sql.of_links([link.sql for link in links])
    named = replace(record_id, name=RECORD_ID, type=FieldType.LINKS)
    return replace(named, sql="", links=links, search=search)


def _field(descriptor: Any, targets: Targets) -> Field:
    options = descriptor.GetOptions()
    policy = options.Extensions[options_pb2.field]
    behaviors = options.Extensions[field_behavior]
    type_ = _type_of(descriptor, policy)
    choices = enum_choices(descriptor) if type_ is FieldType.ENUM else {}
    nullable = type_ is FieldType.EXTERNAL or (
        descriptor.has_presence and not _always_set(descriptor)
    )
    target = targets.get(policy.references)
    named = descriptor.name == "id" or bool(target and target.timeline_link)
    narrow = policy.end or (type_ is FieldType.ID and named)
    return Field(
        name=descriptor.name,
        type=type_,
        sql=f"r.{column_of(descriptor.name)}",
        column_type=_COLUMN_TYPES.get(type_, "jsonb"),
        policy=policy,
        read_only=FieldBehavior.OUTPUT_ONLY in behaviors,
        immutable=FieldBehavior.IMMUTABLE in behaviors,
        required=FieldBehavior.REQUIRED in behaviors,
        nullable=nullable,
        default=default_of(descriptor, policy, choices),
        choices=choices,
        references=policy.references,
        search=_search_sql(descriptor, type_, policy, nullable, narrow),
        target=target,
        message=descriptor.message_type,
    )


_SEARCHED_ALONE = {
    FieldType.EXTERNAL: search_sql.of_external_ids,
    FieldType.IDS: search_sql.of_ids,
    FieldType.TAGS: search_sql.of_tags,
}


def _search_sql(
    descriptor: Any, type_: FieldType, policy: FieldPolicy, nullable: bool, named: bool
) -> SearchSql:
    sql = f"r.{column_of(descriptor.name)}"
    narrow = named or policy.format in search_sql.NEARLY_UNIQUE
    if type_ in _SEARCHED_ALONE:
        return _SEARCHED_ALONE[type_](sql)
    if policy.format == Format.FORMAT_PHONE:
        return search_sql.of_phone(sql)
    if type_ is FieldType.STRING:
        return search_sql.of_text(sql, nullable, narrow)
    if type_ is FieldType.CUSTOM:
        return search_sql.of_custom_fields(sql, stored=not policy.added_late)
    if nullable and policy.references == "user":
        return search_sql.of_user(sql)
    if nullable and policy.sortable:
        return search_sql.of_ordered(sql, _COLUMN_TYPES[type_])
    return search_sql.of_column(sql, narrow)


def _type_of(descriptor: FieldDescriptor, policy: FieldPolicy) -> FieldType:
    if descriptor.type == FieldDescriptor.TYPE_STRING:
        if descriptor.is_repeated:
            return FieldType.IDS if policy.ids else FieldType.TAGS
        is_id = descriptor.name == "id" or policy.references or policy.end
        return FieldType.ID if is_id else FieldType.STRING
    if policy.custom_fields:
        return FieldType.CUSTOM
    if policy.external_ids:
        return FieldType.EXTERNAL
    if descriptor.is_repeated:
        if descriptor.type == FieldDescriptor.TYPE_INT32:
            return FieldType.NUMBERS
        is_filter = descriptor.message_type is Filter.DESCRIPTOR
        return FieldType.FILTERS if is_filter else FieldType.NESTED
    if descriptor.type == FieldDescriptor.TYPE_MESSAGE:
        assert descriptor.message_type is not None  # noqa: S101 - by its type
        return _MESSAGE_TYPES.get(descriptor.message_type.full_name, FieldType.MESSAGE)
    return _SCALAR_TYPES[descriptor.type]


def _always_set(descriptor: FieldDescriptor) -> bool:
    """Whether a message field is never null: the proto does not say `optional`."""
    is_message = descriptor.type == FieldDescriptor.TYPE_MESSAGE
    return is_message and descriptor.containing_oneof is None


# All others are kept as JSON.
_COLUMN_TYPES = {
    FieldType.STRING: "text",
    FieldType.ID: "text",
    FieldType.ENUM: "smallint",
    FieldType.INTEGER: "integer",
    FieldType.BOOLEAN: "boolean",
    FieldType.DECIMAL: "numeric",
    FieldType.DATE: "date",
    FieldType.TIMESTAMP: "timestamptz",
    FieldType.TAGS: "text[]",
    FieldType.IDS: "text[]",
    FieldType.NUMBERS: "integer[]",
}

_SCALAR_TYPES = {
    FieldDescriptor.TYPE_ENUM: FieldType.ENUM,
    FieldDescriptor.TYPE_INT32: FieldType.INTEGER,
    FieldDescriptor.TYPE_BOOL: FieldType.BOOLEAN,
}
_MESSAGE_TYPES = {
    "google.protobuf.Timestamp": FieldType.TIMESTAMP,
    "google.protobuf.Struct": FieldType.METADATA,
    "google.protobuf.Value": FieldType.VALUE,
    "google.type.Date": FieldType.DATE,
    "google.type.Decimal": FieldType.DECIMAL,
    "prospectconnect.type.v1.Aggregation": FieldType.FIGURES,
}


def enum_choices(descriptor: FieldDescriptor) -> dict[str, int]:
    """An enum's values as public JSON writes them, with their numbers."""
    prefix = len(enum_prefix(descriptor))
    return {
        value.name[prefix:].lower(): value.number
        for value in _enum(descriptor).values
        if value.number
    }


def enum_prefix(descriptor: FieldDescriptor) -> str:
    """What the names of an enum's values begin with."""
    return _enum(descriptor).values[0].name.removesuffix("UNSPECIFIED")


def _enum(descriptor: FieldDescriptor) -> EnumDescriptor:
    assert descriptor.enum_type is not None  # noqa: S101 - callers hold an enum field
    return descriptor.enum_type


def default_of(
    descriptor: FieldDescriptor, policy: FieldPolicy, choices: Mapping[str, int]
) -> str | int | None:
    """The default value of a field, an enum's as its number; None if it has none."""
    if not policy.default_value or descriptor.type == FieldDescriptor.TYPE_BOOL:
        return None  # a boolean is never empty; of one, only JSON's null is its default
    if choices:
        return choices[policy.default_value]
    if descriptor.type == FieldDescriptor.TYPE_INT32:
        return int(policy.default_value)
    return policy.default_value
