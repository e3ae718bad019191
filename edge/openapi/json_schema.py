"""The schema of a type of record as JSON Schema 2020-12: what a create's body must be.

It says of a text what it must be once white space around it is gone and an empty one is
null. Rules that JSON Schema cannot say are left out; the guide on schemas lists them.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import orjson
from google.protobuf.json_format import MessageToDict
from prospectconnect.schema.v1 import objects_pb2 as pb

from edge.openapi.values import CUSTOM_KEY, NOT_BLANK, SYSTEM

JSON_SCHEMA = "application/schema+json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_CUSTOM = "custom_fields"
_MOST_FREE_KEYS = 100

_DAY = "(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_ZONE = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"

Json = dict[str, Any]

_FREE_TEXT: Json = {"type": "string", "maxLength": 2_000}
# A value of a key that no field defines.
_FREE: Json = {
    "anyOf": [
        _FREE_TEXT,
        {"type": ["number", "boolean", "null"]},
        {"type": "array", "maxItems": 50, "items": _FREE_TEXT},
    ]
}


def json_schema(schema: Any) -> bytes:
    """An `ObjectSchema` as JSON Schema."""
    built_in = [each for each in schema.fields if each.built_in and each.writable]
    own = [each for each in schema.fields if not each.built_in]
    properties = {each.name: _property(each) for each in built_in}
    properties[_CUSTOM] = _custom_fields(schema, own)
    needed = [each.name for each in built_in if _is_needed(each)]
    if "required" in properties[_CUSTOM]:
        needed.append(_CUSTOM)
    made: Json = {
        "$schema": DIALECT,
        "title": schema.singular_label,
        "type": "object",
        "required": needed,
        "properties": properties,
        "additionalProperties": False,
    }
    if schema.require_any:
        nulls = {name: {"type": "null"} for name in schema.require_any}
        made["not"] = {"properties": nulls}
    return orjson.dumps(made)


def _is_needed(field: pb.ObjectField) -> bool:
    return field.required and not field.HasField("default_value")


def _custom_fields(schema: Any, own: Iterable[pb.ObjectField]) -> Json:
    own = list(own)
    properties: Json = {e.key: _property(e) if e.writable else False for e in own}
    made: Json = {"type": "object", "propertyNames": {"pattern": f"^{CUSTOM_KEY}$"}}
    if needed := [each.key for each in own if _is_needed(each)]:
        made["required"] = needed
    else:
        made["type"] = ["object", "null"]
    if schema.open:
        properties |= dict.fromkeys(schema.archived_keys, False)
        made["maxProperties"] = _MOST_FREE_KEYS + len(own)
    made["properties"] = properties
    made["additionalProperties"] = _FREE if schema.open else False
    return made


def _property(field: pb.ObjectField) -> Json:
    made = _VALUES[field.type](field)
    if _is_needed(field):
        _need(field, made)
    else:
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"].append(None)
    made["title"] = field.label
    if field.description:
        made["description"] = field.description
    if field.HasField("default_value"):
        made["default"] = MessageToDict(field.default_value)
    return made


def _need(field: pb.ObjectField, made: Json) -> None:
    """Refuses what counts as no value. White space is a value in text of many lines."""
    if field.type == pb.OBJECT_FIELD_TYPE_MULTI_SELECT:
        made["minItems"] = 1
    elif field.type == pb.OBJECT_FIELD_TYPE_LONG_TEXT:
        made["minLength"] = 1
    elif field.type == pb.OBJECT_FIELD_TYPE_TEXT:
        made |= {"minLength": 1, "pattern": NOT_BLANK}


def _text(field: pb.ObjectField) -> Json:
    made: Json = {"type": "string"}
    if field.HasField("max_length"):
        made["maxLength"] = field.max_length
    if field.HasField("pattern"):
        made["pattern"] = field.pattern
    return made


def _choices(field: pb.ObjectField) -> list[str]:
    return [each.value for each in field.options if not each.archived]


def _number(kind: str, field: pb.ObjectField) -> Json:
    made: Json = {"type": kind}
    if field.HasField("min"):
        made["minimum"] = _exact(field.min.value)
    if field.HasField("max"):
        made["maximum"] = _exact(field.max.value)
    if field.HasField("decimals"):
        made["multipleOf"] = _exact(f"{Decimal(10) ** -field.decimals:f}")
    return made


def _exact(number: str) -> orjson.Fragment:
    """A number with all its digits, which a double might not keep."""
    return orjson.Fragment(number.encode())


def _list(field: pb.ObjectField, items: Json) -> Json:
    return {"type": "array", "maxItems": field.max_items, "items": items}


def _tags(field: pb.ObjectField) -> Json:
    text = {"type": "string", "minLength": 1, "maxLength": field.max_length}
    return _list(field, text)


def _external_ids(field: pb.ObjectField) -> Json:
    text = {
        "type": ["string", "null"],
        "minLength": 1,
        "maxLength": field.max_length,
    }
    return {
        "type": "object",
        "maxProperties": field.max_items,
        "propertyNames": {"pattern": f"^{SYSTEM}$"},
        "additionalProperties": text,
    }


def _formed(form: str, pattern: str) -> Callable[[pb.ObjectField], Json]:
    return lambda _: {"type": "string", "format": form, "pattern": f"^{pattern}$"}


_VALUES: Mapping[int, Callable[[pb.ObjectField], Json]] = MappingProxyType(
    dict.fromkeys(pb.ObjectFieldType.values(), _text)
    | {
        pb.OBJECT_FIELD_TYPE_INTEGER: lambda field: _number("integer", field),
        pb.OBJECT_FIELD_TYPE_DECIMAL: lambda field: _number("number", field),
        pb.OBJECT_FIELD_TYPE_BOOLEAN: lambda _: {"type": "boolean"},
        pb.OBJECT_FIELD_TYPE_DATE: _formed("date", _DAY),
        pb.OBJECT_FIELD_TYPE_TIMESTAMP: _formed(
            "date-time", f"{_DAY}[Tt]{_TIME}{_ZONE}"
        ),
        pb.OBJECT_FIELD_TYPE_SELECT: lambda field: {
            "type": "string",
            "enum": _choices(field),
        },
        pb.OBJECT_FIELD_TYPE_MULTI_SELECT: lambda field: _list(
            field, {"enum": _choices(field)}
        ),
        pb.OBJECT_FIELD_TYPE_TAGS: _tags,
        pb.OBJECT_FIELD_TYPE_EXTERNAL_IDS: _external_ids,
        pb.OBJECT_FIELD_TYPE_JSON: lambda _: {"type": "object"},
    }
)
