"""The rules of field definitions that their proto cannot say.

All faults of a definition are found, with their paths in the request.
"""

import re
from collections.abc import Collection

from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults
from services.kinds.custom_fields import Json, to_value
from services.kinds.descriptors import enum_choices
from services.kinds.formats import exact
from services.kinds.own_schemas import rules_of
from services.kinds.own_types import Reading, is_known, read
from services.kinds.typed_values import (
    CHOICES,
    LENGTHS,
    NEVER_UNIQUE,
    NUMBERS,
    REFERENCES,
    SEARCHABLE,
    WITH_DECIMALS,
)

MOST_OPTIONS = 1_000
MOST_OF_LABEL, MOST_OF_COLOR = 100, 32

_VALUE = re.compile(r"[a-z0-9_]{1,64}")
TYPES = {
    number: name
    for name, number in enum_choices(pb.Field.DESCRIPTOR.fields_by_name["type"]).items()
}
_AT = "field"


def check(
    definition: pb.Field,
    objects: Collection[str],
    targets: Collection[str],
    faults: Faults,
) -> None:
    """Checks a whole definition.

    `objects` are the records that can have fields, `targets` those that a field of type
    `record` can refer to.

    Texts of options are trimmed, and the default value gets its normal form.
    """
    if definition.object and definition.object not in objects:
        code, some = FaultCode.FAULT_CODE_INVALID_CHOICE, ", ".join(sorted(objects))
        _add(faults, "object", code, f"Give one of {some}.")
    if not definition.type:
        return
    _check_belonging(definition, faults)
    _check_target(definition, targets, faults)
    _check_limits(definition, faults)
    _check_options(definition, faults)
    if definition.readable_by and not definition.sensitive:
        message = "A field has readable_by only if it is sensitive."
        _add(faults, "readable_by", FaultCode.FAULT_CODE_INVALID, message)
    if definition.searchable and definition.sensitive:
        message = "A sensitive field is not searchable."
        _add(faults, "sensitive", FaultCode.FAULT_CODE_INVALID, message)
    if definition.type == pb.FIELD_TYPE_FORMULA:
        if not definition.expression.strip():
            message = "Give expression; a formula has one."
            _add(faults, "expression", FaultCode.FAULT_CODE_REQUIRED, message)
    elif definition.HasField("default_value"):
        _check_default(definition, faults)


def _add(faults: Faults, name: str, code: FaultCode.ValueType, message: str) -> None:
    path = f"{_AT}.{name}"
    if not any(fault.field == path for fault in faults.found):
        faults.add(path, code, message)


def _check_belonging(definition: pb.Field, faults: Faults) -> None:
    """Refuses what fields of the type do not have."""
    kind = TYPES.get(definition.type, "")
    has, is_formula = definition.HasField, definition.type == pb.FIELD_TYPE_FORMULA
    given = (
        ("min", has("min"), definition.type in NUMBERS),
        ("max", has("max"), definition.type in NUMBERS),
        ("decimals", has("decimals"), definition.type in WITH_DECIMALS),
        ("expression", bool(definition.expression), is_formula),
        ("required", definition.required, not is_formula),
        ("default_value", has("default_value"), not is_formula),
        ("max_length", has("max_length"), definition.type in LENGTHS),
        ("options", len(definition.options) > 0, definition.type in CHOICES),
        ("target", bool(definition.target), definition.type == pb.FIELD_TYPE_RECORD),
        ("unique", definition.unique, definition.type not in NEVER_UNIQUE),
        ("searchable", definition.searchable, definition.type in SEARCHABLE),
    )
    for name, is_given, belongs in given:
        if is_given and not belongs:
            message = f"A field of type {kind} has no {name}."
            _add(faults, name, FaultCode.FAULT_CODE_INVALID, message)


def _check_target(
    definition: pb.Field, targets: Collection[str], faults: Faults
) -> None:
    if definition.type != pb.FIELD_TYPE_RECORD:
        return
    if not definition.target:
        message = "Give target; a record refers to one type of record."
        _add(faults, "target", FaultCode.FAULT_CODE_REQUIRED, message)
    elif definition.target not in targets:
        code, some = FaultCode.FAULT_CODE_INVALID_CHOICE, ", ".join(sorted(targets))
        _add(faults, "target", code, f"Give one of {some}.")


def _check_limits(definition: pb.Field, faults: Faults) -> None:
    if definition.HasField("min") and definition.HasField("max"):
        least, most = exact(definition.min.value), exact(definition.max.value)
        if least is not None and most is not None and least > most:
            message = "Give a max that is not less than min."
            _add(faults, "max", FaultCode.FAULT_CODE_INVALID, message)
    longest = LENGTHS.get(definition.type)
    if longest is not None and definition.max_length > longest:
        message = f"The greatest value is {longest}."
        _add(faults, "max_length", FaultCode.FAULT_CODE_TOO_LARGE, message)


def _check_options(definition: pb.Field, faults: Faults) -> None:
    if definition.type not in CHOICES:
        return
    if not definition.options:
        message = "Give options, at least one."
        _add(faults, "options", FaultCode.FAULT_CODE_REQUIRED, message)
    if len(definition.options) > MOST_OPTIONS:
        message = f"A field has at most {MOST_OPTIONS} options, archived ones included."
        _add(faults, "options", FaultCode.FAULT_CODE_TOO_MANY, message)
        return
    seen: set[str] = set()
    for index, option in enumerate(definition.options):
        _check_option(option, f"options[{index}]", faults)
        if option.value in seen:
            message = "Another option has this value."
            at = f"options[{index}].value"
            _add(faults, at, FaultCode.FAULT_CODE_NOT_UNIQUE, message)
        seen.add(option.value)


def _check_option(option: pb.FieldOption, path: str, faults: Faults) -> None:
    option.value, option.label = option.value.strip(), option.label.strip()
    if not _VALUE.fullmatch(option.value):
        code = FaultCode.FAULT_CODE_INVALID_FORMAT
        code = code if option.value else FaultCode.FAULT_CODE_REQUIRED
        message = "A value is 1 to 64 letters, digits and _, in lower case."
        _add(faults, f"{path}.value", code, message)
    for name, most in (("label", MOST_OF_LABEL), ("color", MOST_OF_COLOR)):
        text = getattr(option, name)
        if len(text) > most:
            message = f"The text has more than {most} characters."
            _add(faults, f"{path}.{name}", FaultCode.FAULT_CODE_TOO_LONG, message)
        elif "\0" in text:
            message = "The text holds a NUL character."
            _add(faults, f"{path}.{name}", FaultCode.FAULT_CODE_INVALID, message)
    if not option.label:
        message = "Give label; it is required."
        _add(faults, f"{path}.label", FaultCode.FAULT_CODE_REQUIRED, message)


def _check_default(definition: pb.Field, faults: Faults) -> None:
    if definition.type in REFERENCES or definition.unique:
        message = "A field has no default if it is unique, or refers to a record."
        _add(faults, "default_value", FaultCode.FAULT_CODE_INVALID, message)
        return
    before = len(faults.codes)
    rules, value = rules_of(definition), definition.default_value
    if not is_known(rules.type):
        return  # a fault of its own
    found = read(Reading(rules, value, f"{_AT}.default_value", faults))
    if len(faults.codes) > before:
        return
    definition.ClearField("default_value")
    if found is not None:
        definition.default_value.CopyFrom(to_value(found))


def fits(definition: pb.Field, value: Json) -> bool:
    """Whether a value can be the default of a definition."""
    faults = Faults()
    read(Reading(rules_of(definition), to_value(value), "", faults))
    return not faults.codes


def with_all_options(definition: pb.Field, before: pb.Field) -> None:
    """Keeps the options that an update leaves out, archived."""
    given = {each.value for each in definition.options}
    for option in before.options:
        if option.value not in given:
            definition.options.add().CopyFrom(option)
            definition.options[-1].archived = True


def is_stricter(definition: pb.Field, before: pb.Field) -> bool:
    """Whether values that fitted before may not fit any more."""
    new, old = rules_of(definition), rules_of(before)
    return (
        (definition.unique and not before.unique)
        or (new.least is not None and (old.least is None or new.least > old.least))
        or (new.most is not None and (old.most is None or new.most < old.most))
        or new.decimals < old.decimals
        or new.max_length < old.max_length
    )
