"""The schemas of request bodies. They are strict: they allow no unknown property.

Null means "no value": a field with a default then gets its default, and an update
clears the field. A field that is absent from an update is not changed.
"""

from collections.abc import Iterable
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from prospectconnect.options.v1 import options_pb2

from edge.openapi import values
from edge.openapi.filters import MOST_CONDITIONS, filter_of
from edge.openapi.reads import EXPAND, FIELDS, items_of
from edge.openapi.schemas import (
    Schemas,
    is_kept,
    is_read_only,
    is_required,
    page_item,
    policy_of,
    told,
    value,
)
from edge.openapi.values import Schema
from edge.transcoder.routes import Route
from edge.transcoder.shapes import enum_names

# A default that a document cannot contain.
# What deleted records are also ordered by.
_DELETED_AT = "deleted_at"
_NOW = "now"

_FILTER = "prospectconnect.type.v1.Filter"


def body_of(schemas: Schemas, route: Route) -> Schema | None:
    """The schema of a route's body, as a reference; None for a route without one."""
    if not route.body_field:
        return None
    name = f"{route.rpc.rpartition('/')[2]}Body"
    make = _whole if route.body_field == "*" else _record
    return schemas.refer(name, lambda: make(schemas, route))


def is_needed(schema: Schema) -> bool:
    """Whether a body is required: an empty one is not accepted."""
    absent_is_wrong = "not" in schema and "required" not in schema["not"]
    return bool(schema.get("required")) or absent_is_wrong


def _whole(schemas: Schemas, route: Route) -> Schema:
    """A body that is the whole request: of an action or a search."""
    request: Any = route.request_class.DESCRIPTOR
    fields = [
        each
        for each in request.fields
        if each.name not in route.path_parameters and not policy_of(each).internal
    ]
    properties = {each.name: _property(schemas, each, True) for each in fields}
    if route.counts:
        properties["filters"] |= _filters(schemas, _counted(route))
        if "having" in properties:
            properties["having"]["maxItems"] = MOST_CONDITIONS
    elif "filters" in properties and route.is_search:
        answer: Any = route.response_class.DESCRIPTOR
        record = page_item(answer)
        assert record is not None  # noqa: S101 - searches are answered by pages
        properties["filters"] |= _filters(schemas, record)
        extra = [_DELETED_AT] if "deleted" in properties else []
        properties["order_by"] = _order(record, properties["order_by"], extra)
        for name in properties.keys() & {FIELDS, EXPAND}:
            properties[name]["items"] = items_of(schemas, name, record)
    elif "filters" in properties:  # over records of any type
        properties["filters"]["maxItems"] = MOST_CONDITIONS
    return {
        **_object(properties, [each.name for each in fields if is_required(each)]),
        "description": told(schemas, request),
    }


def _counted(route: Route) -> Descriptor:
    """The record that figures are made of: that of the request's file."""
    request: Any = route.request_class.DESCRIPTOR
    for message in request.file.message_types_by_name.values():
        policy = message.GetOptions().Extensions[options_pb2.record]
        if policy.plural == route.collection:
            return message  # type: ignore[no-any-return]  # by the descriptor pool
    raise ValueError(f"{route.rpc}: its file has no record {route.collection}")


def _order(record: Descriptor, schema: Schema, extra: list[str]) -> Schema:
    """What a search orders by: a field, or a custom one that the tenant has defined."""
    names = {"type": schema["type"], "enum": [*_orders(record), *extra, None]}
    if not any(policy_of(each).custom_fields for each in record.fields):
        return schema | names
    own = {"type": "string", "pattern": r"^custom_fields\.[a-z][a-z0-9_]{0,63}$"}
    return {"anyOf": [names, own], "description": schema["description"]}


def _filters(schemas: Schemas, record: Descriptor) -> Schema:
    return {"items": filter_of(schemas, record), "maxItems": MOST_CONDITIONS}


def _orders(record: Descriptor) -> list[str]:
    return [each.name for each in record.fields if policy_of(each).sortable]


def _record(schemas: Schemas, route: Route) -> Schema:
    """A body that is a record: of a create, an update or an upsert."""
    request: Any = route.request_class.DESCRIPTOR
    record = request.fields_by_name[route.body_field].message_type
    updates, creates = route.http_method == "PATCH", not route.has_update_mask
    fields = [
        each
        for each in record.fields
        if not policy_of(each).internal
        and (each.name in route.accepts or not is_read_only(each))
        and not (updates and is_kept(each))
    ]
    properties = {each.name: _property(schemas, each, creates) for each in fields}
    required = [each.name for each in fields if is_required(each)] if creates else []
    beside = [each for each in request.fields if each.name in route.beside]
    properties |= {each.name: _property(schemas, each, creates) for each in beside}
    if "match_on" in properties:
        properties["match_on"] |= {"pattern": _ways(record)}
    named = [each.name for each in beside if is_required(each)]
    required += named
    policy = record.GetOptions().Extensions[options_pb2.record]
    schema = _object(properties, required)
    schema["description"] = told(schemas, request)
    if policy.require_any and not named:  # a record that is found has one already
        schema |= _any_of(policy.require_any, route)
    return schema


def _ways(record: Descriptor) -> str:
    """The pattern of the fields by which an upsert finds a record of a kind."""
    policy = record.GetOptions().Extensions[options_pb2.record]
    system = rf"external_ids\.{values.SYSTEM}"
    return f"^({'|'.join(['id', system, *policy.match_by])})$"


def _any_of(names: Iterable[str], route: Route) -> Schema:
    """At least one of some fields must be set: not all of them are null.

    It uses `not`, because client generators make no type of that.
    """
    names = [*sorted(route.accepts | route.beside), *names]
    none: Schema = {"properties": {name: {"type": "null"} for name in names}}
    if route.http_method == "PATCH":  # those that are absent stay
        none["required"] = names
    return {"not": none}


def _object(properties: dict[str, Schema], required: list[str]) -> Schema:
    schema: Schema = {"type": "object"}
    if required:
        schema["required"] = required
    return schema | {"properties": properties, "additionalProperties": False}


def _property(schemas: Schemas, item: FieldDescriptor, creates: bool) -> Schema:
    policy, schema = policy_of(item), _value(schemas, item)
    if item.is_repeated:
        schema = {"type": "array", "items": schema}
        if policy.max_items:
            schema["maxItems"] = policy.max_items
    schema = _needed(schema) if is_required(item) else _optional(schema)
    schema["description"] = schemas.comments[item.full_name]
    if creates and policy.default_value and policy.default_value != _NOW:
        schema["default"] = _default(item)
    return schema


def _needed(schema: Schema) -> Schema:
    """The schema without values that count as empty: no elements, a blank text."""
    if schema.get("type") == "array":
        return schema | {"minItems": 1}
    is_text = schema.get("type") == "string"
    if not is_text or "pattern" in schema or "enum" in schema:
        return schema
    return schema | {"minLength": 1, "pattern": values.NOT_BLANK}


def _optional(schema: Schema) -> Schema:
    return values.or_null(values.or_empty(schema))


def _default(item: FieldDescriptor) -> str | int:
    text = policy_of(item).default_value
    if item.type == FieldDescriptor.TYPE_BOOL:
        return text == "true"
    return int(text) if item.type == FieldDescriptor.TYPE_INT32 else text


def _part(schemas: Schemas, message: Descriptor) -> Schema:
    """What is given of a message that is part of a record."""
    fields = [each for each in message.fields if not policy_of(each).internal]
    if message.GetOptions().HasExtension(options_pb2.record):
        return _unwritten(schemas, message, fields)
    properties = {each.name: _property(schemas, each, False) for each in fields}
    return {
        **_object(properties, [each.name for each in fields if is_required(each)]),
        "description": told(schemas, message),
    }


def _unwritten(
    schemas: Schemas, record: Descriptor, fields: Iterable[FieldDescriptor]
) -> Schema:
    """What is given of a record that is not written: any of its fields."""
    given = {
        each.name: _optional(_value(schemas, each))
        | {"description": schemas.comments[each.full_name]}
        for each in fields
        if not is_read_only(each)
    }
    for name, item in record.fields_by_name.items():
        if name in given and item.is_repeated:
            listed = {"type": "array", "items": _value(schemas, item)}
            given[name] = values.or_null(listed) | {
                "maxItems": policy_of(item).max_items,
                "description": schemas.comments[item.full_name],
            }
    return {**_object(given, []), "description": told(schemas, record)}


def _value(schemas: Schemas, item: FieldDescriptor) -> Schema:
    kept = policy_of(item).server_values
    if item.enum_type is not None and kept:
        names = enum_names(item.enum_type).values()
        return {"type": "string", "enum": [each for each in names if each not in kept]}
    nested = item.message_type
    if nested is not None and nested.full_name == _FILTER:
        return {"type": "object"}  # of its record, when that is known
    if policy_of(item).external_ids:
        return values.or_null_keys(value(schemas, item))
    if nested is not None and values.plain(item, policy_of(item)) is None:
        return schemas.refer(f"{nested.name}Body", lambda: _part(schemas, nested))
    return dict(value(schemas, item))
