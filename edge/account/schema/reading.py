"""Reads the forms of fields, and writes what a field has as a form shows it."""

import math
import re
from collections.abc import Iterable
from decimal import Decimal as exactly

from google.protobuf.struct_pb2 import Value
from google.type.decimal_pb2 import Decimal
from prospectconnect.schema.v1 import fields_pb2
from prospectconnect.schema.v1 import own_schema_pb2 as pb

from edge.account.schema.field_types import TypeOfField, type_of
from edge.problems import Fault
from edge.web.parameters import Parameters

READER = "reader."

_ALWAYS = ("label", "description", "group", "position", "sensitive", "readable_by")
_TEXTS = ("label", "description", "group", "expression", "target")
_NUMBERS = ("position", "decimals", "max_length")
_DECIMALS = ("min", "max")
_FLAGS = ("required", "unique", "searchable", "sensitive")
_LARGEST = 2**31 - 1
_JSON_NUMBER = re.compile(r"-?(0|[1-9]\d{0,29})(\.\d{1,30})?", re.ASCII)
NO_NUMBER = "Give a number in digits, such as 12 or 12.5, of at most 15 digits."


def changed_by(kind: TypeOfField) -> list[str]:
    """What the form that changes a field of a type writes."""
    never = ("options", "target")  # these have a form of their own, or none
    return [*_ALWAYS, *sorted(kind.inputs.difference(never))]


def read_field(
    given: Parameters, kind: TypeOfField, faults: list[Fault]
) -> fields_pb2.Field:
    """The definition in a form, as far as fields of the type have inputs."""
    field = fields_pb2.Field()
    names = kind.inputs.union(_ALWAYS)
    for name in names.intersection(_TEXTS):
        if text := given.get(name).strip():
            setattr(field, name, text)
    _read_numbers(given, names, field, faults)
    for name in names.intersection(_FLAGS):
        setattr(field, name, given.get(name) == "on")
    field.readable_by.extend(
        name.removeprefix(READER)
        for name, value in given.values.items()
        if name.startswith(READER) and value == "on"
    )
    if kind.is_choice:
        field.options.extend(read_options(given.get("options")))
    if kind.has("default_value") and (text := given.get("default_value").strip()):
        default = value_in(text, kind.name)
        if default is None:
            faults.append(Fault("default_value", "invalid_type", NO_NUMBER))
        else:
            field.default_value.CopyFrom(default)
    return field


def _read_numbers(
    given: Parameters,
    names: frozenset[str],
    field: fields_pb2.Field,
    faults: list[Fault],
) -> None:
    for name in _NUMBERS:
        if name in names and (text := given.get(name).strip()):
            if text.isascii() and text.isdecimal() and int(text[:11]) <= _LARGEST:
                setattr(field, name, int(text))
            else:
                faults.append(Fault(name, "invalid_type", "Give a whole number."))
    for name in _DECIMALS:
        if name in names and (text := given.get(name).strip()):
            if exact_number(text) is None:
                faults.append(Fault(name, "invalid_type", NO_NUMBER))
            else:
                getattr(field, name).CopyFrom(Decimal(value=text))


def read_options(text: str) -> list[fields_pb2.FieldOption]:
    """Options, one on a line: `value = Label`, or the value alone."""
    options = []
    for line in text.splitlines():
        if line.strip():
            value, equals, label = line.partition("=")
            shown = label if equals else value.strip().replace("_", " ").capitalize()
            option = fields_pb2.FieldOption(value=value.strip(), label=shown.strip())
            options.append(option)
    return options


def exact_number(text: str) -> float | None:
    """The number that a text writes as JSON does. None if a double holds another one.

    The services check that a field takes it.
    """
    if not _JSON_NUMBER.fullmatch(text):
        return None
    number = float(text)
    is_exact = math.isfinite(number) and exactly(repr(number)) == exactly(text)
    return number if is_exact else None


def value_in(text: str, of_type: str) -> Value | None:
    """The value that a text of a form stands for; the services check it.

    None if the type holds numbers, and the text is none.
    """
    if of_type == "boolean" and text.lower() in ("true", "false"):
        return Value(bool_value=text.lower() == "true")
    if of_type in ("integer", "decimal"):
        number = exact_number(text)
        return None if number is None else Value(number_value=number)
    if of_type == "multi_select":
        value = Value()
        value.list_value.extend([each.strip() for each in text.split(",")])
        return value
    return Value(string_value=text)


def values_of(field: pb.OwnField) -> dict[str, str]:
    """What a field has, as its form writes it."""
    values = {name: "on" for name in _FLAGS if getattr(field, name)}
    values |= {f"{READER}{each}": "on" for each in field.readable_by}
    given = {item.name for item, _ in field.ListFields()}
    names = given.intersection((*_TEXTS, *_NUMBERS))
    values |= {name: str(getattr(field, name)) for name in names}
    values |= {n: getattr(field, n).value for n in given.intersection(_DECIMALS)}
    values["default_value"] = written(field.default_value)
    values["type"] = type_of(field.type).name
    return values | {"etag": field.etag, "existing": "refuse"}


def written(value: Value) -> str:
    """A value as people read it."""
    kind = value.WhichOneof("kind")
    if kind == "bool_value":
        return "true" if value.bool_value else "false"
    if kind == "number_value":
        return f"{value.number_value:.15g}"
    if kind == "list_value":
        return ", ".join(written(each) for each in value.list_value.values)
    return value.string_value


def option_lines(options: Iterable[fields_pb2.FieldOption]) -> str:
    """Options that are not archived, one on a line."""
    return "\n".join(f"{e.value} = {e.label}" for e in options if not e.archived)
