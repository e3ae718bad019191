"""Custom fields: free fields that a client adds to a record.

A key that the tenant has defined is typed: `own_fields.py`. Of others
there are at most 100, of the form `[a-z][a-z0-9_]{0,63}`. A value is a string of at
most 2,000 characters, a number, a boolean, null, or an array of at most 50 strings.
Together they have at most 1 MiB of JSON.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from google.protobuf.struct_pb2 import Struct, Value
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults
from services.kinds.formats import KEY

MOST_KEYS = 100
MOST_CHARACTERS = 2_000
MOST_ELEMENTS = 50
# The size of a record's fields as JSON: 100 texts of 2,000 letters, and a quarter more.
MOST_BYTES = 1_048_576

# Up to so many times the maximum is checked, to report more faults. This holds for the
# keys, for the elements of one array, and for all elements together.
_LOOKED_AT = 20

# A struct with one of these faults may be of any size. It is not converted to JSON.
_OF_ANY_NUMBER = frozenset(
    (FaultCode.FAULT_CODE_TOO_MANY, FaultCode.FAULT_CODE_INVALID_TYPE)
)

# A struct of so many bytes in protobuf has at most `MOST_BYTES` as JSON: a control
# character grows most, from one byte to six.
_SURELY_FITS = MOST_BYTES // 6

# A double holds every smaller whole number exactly.
EXACT = 2**53

Json = str | int | float | bool | None | list[Any] | dict[str, Any]


def check_custom_fields(_: Any, fields: Struct, path: str, faults: Faults) -> None:
    """Adds a fault for each broken rule of custom fields."""
    before = len(faults.codes)
    keys: Sequence[str] | Mapping[str, Value] = fields.fields
    if faults.own is not None and len(keys) <= _LOOKED_AT * MOST_KEYS:
        keys = faults.own.free(fields, path, faults)
    if len(keys) > MOST_KEYS:
        code = FaultCode.FAULT_CODE_TOO_MANY
        faults.add(path, code, f"Give at most {MOST_KEYS} custom fields.")
        if len(keys) > _LOOKED_AT * MOST_KEYS:
            return
    elements = 0
    for key in keys:
        at = f"{path}.{key[:200]}"
        if not KEY.fullmatch(key):
            faults.add(
                at[:200],
                FaultCode.FAULT_CODE_INVALID_FORMAT,
                "A key is a letter and up to 63 letters, digits and _, in lower case.",
            )
            continue
        value = fields.fields[key]
        elements += len(value.list_value.values)
        if elements > _LOOKED_AT * MOST_KEYS * MOST_ELEMENTS:
            code = FaultCode.FAULT_CODE_TOO_MANY
            faults.add(path, code, f"Give at most {MOST_ELEMENTS} elements in a field.")
            return
        _check_value(value, at, faults)
    if not _OF_ANY_NUMBER.isdisjoint(faults.codes[before:]):
        return
    if fields.ByteSize() > _SURELY_FITS and _is_too_large(fields, faults.own):
        message = f"Give at most {MOST_BYTES} bytes of JSON."
        faults.add(path, FaultCode.FAULT_CODE_TOO_LARGE, message)


def _is_too_large(fields: Struct, own: Any) -> bool:
    """Whether the fields have more JSON than a record may have.

    Sensitive fields are counted apart, and formulas are not: else the room that is left
    would tell callers how long a value is that they may not read.
    """
    json = to_json(fields)
    computed = () if own is None else [each.key for each in own.formulas]
    sensitive = () if own is None else [each.key for each in own.sensitive]
    apart = {key: json[key] for key in sensitive if key in json}
    for key in (*computed, *sensitive):
        json.pop(key, None)
        if key in computed:
            apart.pop(key, None)
    return any(len(orjson.dumps(each)) > MOST_BYTES for each in (json, apart))


def _check_value(value: Value, path: str, faults: Faults) -> None:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        _check_text(value.string_value, path, faults)
    elif kind == "list_value":
        elements = value.list_value.values
        if len(elements) > MOST_ELEMENTS:
            code = FaultCode.FAULT_CODE_TOO_MANY
            faults.add(path, code, f"Give at most {MOST_ELEMENTS} elements.")
            if len(elements) > _LOOKED_AT * MOST_ELEMENTS:
                return
        for index, element in enumerate(elements):
            if element.WhichOneof("kind") != "string_value":
                code = FaultCode.FAULT_CODE_INVALID_TYPE
                faults.add(f"{path}[{index}]", code, "Give a string.")
            else:
                _check_text(element.string_value, f"{path}[{index}]", faults)
    elif kind == "struct_value":
        code = FaultCode.FAULT_CODE_INVALID_TYPE
        faults.add(path, code, "Give a string, number, boolean, null or strings.")
    elif kind == "number_value" and not math.isfinite(value.number_value):
        faults.add(path, FaultCode.FAULT_CODE_INVALID, "The number is not finite.")


def _check_text(text: str, path: str, faults: Faults) -> None:
    if "\0" in text:
        code = FaultCode.FAULT_CODE_INVALID
        faults.add(path, code, "The text holds a NUL character.")
    elif len(text) > MOST_CHARACTERS:
        code = FaultCode.FAULT_CODE_TOO_LONG
        faults.add(path, code, f"The text has more than {MOST_CHARACTERS} characters.")


def fill(struct: Struct, json: dict[str, Json]) -> None:
    """Fills a struct from the JSON object in the database."""
    struct.SetInParent()
    fields = struct.fields
    for key, value in json.items():
        if type(value) is str:
            fields[key].string_value = value
        elif type(value) is int or type(value) is float:
            fields[key].number_value = value
        else:
            struct[key] = value


def to_json(struct: Struct) -> dict[str, Json]:
    """Converts a struct to the JSON object for the database."""
    fields = struct.fields  # its `items` cost more than to look each up
    return {key: value_to_json(fields[key]) for key in fields}


def value_to_json(value: Value) -> Json:
    """Converts a value to JSON for the database."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if abs(number) < EXACT and number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [value_to_json(element) for element in value.list_value.values]
    if kind == "struct_value":
        return to_json(value.struct_value)
    return None


def texts_of(value: Value) -> list[str]:
    """The texts of a value: its own, or those of its elements."""
    elements = [each.string_value for each in value.list_value.values]
    return [value.string_value, *elements]


def is_set(fields: Any, key: str) -> bool:
    """Whether a struct's fields have a value that is not null."""
    given = fields.get(key)
    return given is not None and not given.HasField("null_value")


def put(fields: Any, key: str, value: Json) -> None:
    """Sets a value of a struct's fields, or takes an unset one out."""
    if value is None:
        fields.pop(key, None)
    elif type(value) is str:
        fields[key].string_value = value
    elif type(value) is bool:
        fields[key].bool_value = value
    elif type(value) is int or type(value) is float:
        fields[key].number_value = value
    else:
        fields[key].CopyFrom(to_value(value))


def to_value(json: Json) -> Value:
    """Converts JSON to a value of a struct."""
    struct = Struct()
    struct["value"] = json
    return struct.fields["value"]
