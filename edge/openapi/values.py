"""The JSON schemas of single values: from a field's type and its rules."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from prospectconnect.options.v1.options_pb2 import FieldPolicy, Format

Schema = dict[str, Any]

_LARGEST_INT32 = 2**31 - 1
# The largest integer up to which a double represents every integer exactly.
_EXACT = 2**53

# JSON Schema has the regular expressions of ECMA 262: the services' patterns in them.
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_FORMS: Mapping[int, Schema] = MappingProxyType(
    {
        Format.FORMAT_EMAIL: {
            "format": "idn-email",
            "pattern": r"^[^\s@]{1,64}@([^\s@.]+\.)+[^\s@.]+$",
        },
        Format.FORMAT_PHONE: {
            "format": "phone",
            "pattern": r"^[ +\-.()/#x]*([0-9][ +\-.()/#x]*){3,32}$",
        },
        Format.FORMAT_COUNTRY: {"format": "country-code", "pattern": "^[A-Z]{2}$"},
        Format.FORMAT_CURRENCY: {"format": "currency-code", "pattern": "^[A-Z]{3}$"},
        Format.FORMAT_HOST: {
            "format": "idn-hostname",
            "pattern": r"^[^\s.]+(\.[^\s.]+)+$",
        },
        Format.FORMAT_HTTP_URL: {"format": "iri", "pattern": r"^https?://\S+$"},
        Format.FORMAT_KEY: {"pattern": "^[a-z][a-z0-9_]{0,63}$"},
        Format.FORMAT_SLUG: {"pattern": "^[a-z][a-z0-9_]{1,39}$"},
        Format.FORMAT_TIME_ZONE: {"pattern": "^[A-Za-z][A-Za-z0-9_+/-]*$"},
        Format.FORMAT_CLOCK: {"pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"},
        Format.FORMAT_ADDRESS_NAME: {"pattern": "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"},
    }
)
_ANY_ID = "^[a-z]+_[0-9a-f]{24}$"

# The keys of custom fields, and those of external ids.
CUSTOM_KEY = "[a-z][a-z0-9_]{0,63}"
SYSTEM = "[a-z][a-z0-9_]{0,31}"

# The key of an association type, its direction, and a field of the associated records.
ASSOCIATED = rf"{CUSTOM_KEY}(\.[a-z][a-z0-9_]*){{0,3}}"

# A text that is not blank: Python's white space, in the syntax of ECMA 262.
NOT_BLANK = r"[^\s\x1c-\x1f\x85]"

TIMESTAMP: Schema = {"type": "string", "format": "date-time"}
DATE: Schema = {"type": "string", "format": "date"}


def text(policy: FieldPolicy) -> Schema:
    """A text: its lengths in characters, and its format."""
    schema: Schema = {"type": "string", **_FORMS.get(policy.format, {})}
    if policy.min_len:
        schema |= {"minLength": policy.min_len, "pattern": NOT_BLANK}
    if policy.max_len:
        schema["maxLength"] = policy.max_len
    return schema


# Stands for the resource where an id may be of a record of any.
ANY = "any"


def identifier(resource: str, prefix: str = "") -> Schema:
    """An id; `prefix` is the beginning of the resource's ids, if it is known."""
    pattern = f"^{prefix}[0-9a-f]{{24}}$" if prefix else _ANY_ID
    return {"type": "string", "format": f"{resource}-id", "pattern": pattern}


def integer(policy: FieldPolicy) -> Schema:
    """A whole number of 32 bits."""
    schema: Schema = {"type": "integer", "format": "int32"}
    if policy.HasField("gte"):
        schema["minimum"] = int(policy.gte)
        schema["maximum"] = _LARGEST_INT32
    if policy.HasField("lte"):
        schema["maximum"] = int(policy.lte)
    return schema


def _bound(number: float) -> float:
    """A bound of a number: whole ones without a point."""
    return int(number) if number.is_integer() else number


def decimal(policy: FieldPolicy) -> Schema:
    """An exact number."""
    schema: Schema = {"type": "number"}
    if policy.HasField("gte"):
        schema["minimum"] = _bound(policy.gte)
    if policy.HasField("lte"):
        schema["maximum"] = _bound(policy.lte)
    if policy.HasField("decimals"):
        schema["multipleOf"] = 10.0**-policy.decimals
    return schema


def _custom_fields() -> Schema:
    """What custom fields may be at all: definitions and free keys bound them more."""
    words: Schema = {"type": "string", "maxLength": 65_535}
    number = {"type": "number", "minimum": -_EXACT, "maximum": _EXACT}
    return {
        "type": "object",
        "maxProperties": 600,
        "propertyNames": {"pattern": f"^{CUSTOM_KEY}$"},
        "additionalProperties": {
            "anyOf": [
                words,
                number,
                {"type": "boolean"},
                {"type": "null"},
                {"type": "array", "maxItems": 50, "items": words},
            ]
        },
    }


def _external_ids() -> Schema:
    return {
        "type": "object",
        "maxProperties": 20,
        "propertyNames": {"pattern": f"^{SYSTEM}$"},
        "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 255},
    }


def or_null_keys(schema: Schema) -> Schema:
    """The same, where null removes a key."""
    return schema | {"additionalProperties": or_null(schema["additionalProperties"])}


def struct(policy: FieldPolicy) -> Schema:
    """An object with keys that the client chooses."""
    if policy.custom_fields:
        return _custom_fields()
    if policy.external_ids:
        return _external_ids()
    return {"type": "object", "additionalProperties": True}


# A value whose type another field says, as custom fields have them.
_ANY = {
    "anyOf": [
        {"type": "string"},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "array", "items": {"type": "string"}},
    ]
}


def _any(policy: FieldPolicy) -> Schema:
    """A value of any type; if the field says how deep it may be, also with objects."""
    if not policy.HasField("max_depth"):
        return dict(_ANY)
    *scalars, _ = _ANY["anyOf"]
    nested = {"type": "object", "additionalProperties": True}
    items = {"anyOf": [{"type": "string"}, {"type": "number"}, nested]}
    return {"anyOf": [*scalars, {"type": "array", "items": items}, nested]}


def figure_row(description: str) -> Schema:
    """A row of figures, whose members the request names."""
    kinds = ("string", "number", "boolean", "null")
    single: list[Schema] = [{"type": each} for each in kinds]
    amounts = {"type": "object", "additionalProperties": {"type": ["number", "null"]}}
    return {
        "type": "object",
        "description": description,
        "required": ["group"],
        "properties": {
            "group": {
                "type": "object",
                "description": "The values of the group, by the fields of `group_by`.",
                "additionalProperties": {"anyOf": single},
            }
        },
        "additionalProperties": {"anyOf": [*single, amounts]},
    }


_SCALARS: Mapping[int, Callable[[FieldPolicy], Schema]] = MappingProxyType(
    {
        FieldDescriptor.TYPE_STRING: text,
        FieldDescriptor.TYPE_INT32: integer,
        FieldDescriptor.TYPE_BOOL: lambda _: {"type": "boolean"},
        FieldDescriptor.TYPE_DOUBLE: lambda _: {"type": "number", "format": "double"},
    }
)
_MESSAGES: Mapping[str, Callable[[FieldPolicy], Schema]] = MappingProxyType(
    {
        "google.protobuf.Timestamp": lambda _: dict(TIMESTAMP),
        "google.protobuf.Struct": struct,
        "google.protobuf.Value": _any,
        "google.type.Date": lambda _: dict(DATE),
        "google.type.Decimal": decimal,
    }
)


def plain(field: FieldDescriptor, policy: FieldPolicy) -> Schema | None:
    """The schema of one value of a field; None if it has a named schema of its own."""
    if field.enum_type is not None:
        return None
    if field.message_type is None:
        return _SCALARS[field.type](policy)
    make = _MESSAGES.get(field.message_type.full_name)
    return None if make is None else make(policy)


def or_empty(schema: Schema) -> Schema:
    """The schema, or an empty text, which counts as null."""
    if "pattern" not in schema:
        return schema
    return schema | {"pattern": f"^({schema['pattern'][1:-1]})?$"}


def or_null(schema: Schema) -> Schema:
    """The schema, or null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    if "anyOf" in schema:
        return {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    nullable = schema | {"type": [schema["type"], "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    return nullable
