"""The rules of requests, compiled from their descriptors at start.

A check walks the fields that are set, trims text, drops double tags and collects
every fault with its path. A record inside an update is checked as far as its mask
reaches. What needs the database is checked by the engine, not here.
"""

from collections.abc import Callable
from typing import Any

from google.api.field_behavior_pb2 import FieldBehavior, field_behavior
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from prospectconnect.options.v1 import options_pb2
from prospectconnect.options.v1.options_pb2 import FieldPolicy
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.custom_fields import check_custom_fields
from services.faults import Faults
from services.formats import FORMATS

NUL = "\0"


# Checks one set field: (message that holds it, its value, its path, faults).
Rule = Callable[[Any, Any, str, Faults], None]
Check = Callable[[Any, str, Faults], None]


def compile_check(descriptor: Descriptor) -> Check:
    """The check of a request message: (request, path prefix, faults)."""
    names = descriptor.fields_by_name
    masked = "update_mask" in names
    rules = {f.number: _field_rule(f, masked) for f in descriptor.fields}
    required = tuple(f.name for f in descriptor.fields if _is_required(f))
    records = tuple(f for f in descriptor.fields if _is_record(f))

    def check(request: Message, prefix: str, faults: Faults) -> None:
        for item, value in request.ListFields():
            rule = rules[item.number]
            if rule is not None:
                rule(request, value, prefix + item.name, faults)
        for item in records:  # one that is not given has its rules all the same
            rule = rules[item.number]
            if rule is not None and not request.HasField(item.name):
                value = getattr(request, item.name)
                rule(request, value, prefix + item.name, faults)
        for name in required:
            if not _is_given(request, name):
                faults.add(prefix + name, FaultCode.FAULT_CODE_REQUIRED, _missing(name))
        if masked:
            _check_mask(request, faults)

    return check


def _is_required(item: FieldDescriptor) -> bool:
    """Whether the request must hold the field itself.

    Ids come from the path and are answered with NOT_FOUND; a record's own rules say
    what it must hold, even where it is not given.
    """
    behaviors = item.GetOptions().Extensions[field_behavior]
    return (
        FieldBehavior.REQUIRED in behaviors
        and item.type == FieldDescriptor.TYPE_STRING
        and item.name != "id"
    )


def _is_given(message: Message, name: str) -> bool:
    return bool(getattr(message, name))


def _missing(name: str) -> str:
    return f"Give {name}; it is required."


def _field_rule(item: FieldDescriptor, masked: bool) -> Rule | None:
    policy = item.GetOptions().Extensions[options_pb2.field]
    if item.type == FieldDescriptor.TYPE_STRING:
        if item.name == "id":
            return None
        return _texts_rule(item.name, policy) if item.is_repeated else _text_rule(item)
    if item.type == FieldDescriptor.TYPE_INT32:
        return _number_rule(policy)
    if policy.custom_fields:
        return check_custom_fields
    if item.message_type is not None and _is_record(item):
        return _record_rule(item.message_type, masked)
    return None


def _is_record(item: FieldDescriptor) -> bool:
    """Whether the field holds one record."""
    message = item.message_type
    if message is None or item.is_repeated:
        return False
    return bool(message.GetOptions().HasExtension(options_pb2.record))


def _record_rule(descriptor: Descriptor, masked: bool) -> Rule:
    """The rule of a record in a request; read-only fields are not looked at."""
    writable = [f for f in descriptor.fields if not is_read_only(f)]
    rules = {f.number: _field_rule(f, masked) for f in writable}
    required = tuple(
        f.name
        for f in writable
        if FieldBehavior.REQUIRED in f.GetOptions().Extensions[field_behavior]
    )
    require_any = tuple(
        descriptor.GetOptions().Extensions[options_pb2.record].require_any
    )

    def check(_: Any, record: Message, path: str, faults: Faults) -> None:
        for item, value in record.ListFields():
            rule = rules.get(item.number)
            if rule is not None:
                rule(record, value, f"{path}.{item.name}", faults)
        if masked:
            return
        for name in required:
            if not getattr(record, name):
                code = FaultCode.FAULT_CODE_REQUIRED
                faults.add(f"{path}.{name}", code, _missing(name))
        check_any(record, path, require_any, faults)

    return check


def check_any(
    record: Message, path: str, names: tuple[str, ...], faults: Faults
) -> None:
    """Faults a record of which none of the fields `names` is set."""
    if names and not any(
        getattr(record, name) or f"{path}.{name}" in faults.faulty for name in names
    ):
        faults.add(
            f"{path}.{names[0]}",
            FaultCode.FAULT_CODE_REQUIRED,
            f"Give at least one of {', '.join(names)}.",
        )


def _check_mask(request: Any, faults: Faults) -> None:
    """Faults a mask that names no writable field, or clears a required one."""
    record = _record_field(request.DESCRIPTOR)
    assert record.message_type is not None  # noqa: S101 - it is a record
    fields = record.message_type.fields_by_name
    value = getattr(request, record.name)
    for path in request.update_mask.paths:
        name, _, rest = path.partition(".")
        item = fields.get(name)
        if item is None or (
            rest and not item.GetOptions().Extensions[options_pb2.field].custom_fields
        ):
            faults.add(
                "update_mask",
                FaultCode.FAULT_CODE_INVALID_CHOICE,
                f"The mask names no field: {path[:100]}.",
            )
        elif is_read_only(item):
            code = FaultCode.FAULT_CODE_READ_ONLY
            faults.add(f"{record.name}.{name}", code, f"{name} cannot be written.")
        elif FieldBehavior.REQUIRED in item.GetOptions().Extensions[
            field_behavior
        ] and not getattr(value, name):
            code = FaultCode.FAULT_CODE_REQUIRED
            faults.add(f"{record.name}.{name}", code, _missing(name))


def _record_field(descriptor: Descriptor) -> FieldDescriptor:
    """The field of an update request that holds the record."""
    return next(f for f in descriptor.fields if _is_record(f))


def is_read_only(item: FieldDescriptor) -> bool:
    """Whether only the server sets the field."""
    behaviors = item.GetOptions().Extensions[field_behavior]
    return FieldBehavior.OUTPUT_ONLY in behaviors


def _text_rule(item: FieldDescriptor) -> Rule:
    policy = item.GetOptions().Extensions[options_pb2.field]
    name, keep_space = item.name, policy.multiline
    check = _text_check(policy)

    def rule(message: Any, value: str, path: str, faults: Faults) -> None:
        text = value if keep_space else value.strip()
        if text != value:
            setattr(message, name, text)
        if text:
            check(text, path, faults)

    return rule


def _texts_rule(name: str, policy: FieldPolicy) -> Rule:
    check = _text_check(policy.items)
    most, unique = policy.max_items, policy.unique
    least_length = policy.items.min_len

    def rule(message: Any, values: Any, path: str, faults: Faults) -> None:
        texts = [value.strip() for value in values]
        for index, text in enumerate(texts):
            if len(text) < least_length:
                code = FaultCode.FAULT_CODE_TOO_SHORT
                faults.add(f"{path}[{index}]", code, "The text is empty.")
            check(text, f"{path}[{index}]", faults)
        if unique:
            texts = distinct(texts)
        if most and len(texts) > most:
            code = FaultCode.FAULT_CODE_TOO_MANY
            faults.add(path, code, f"Give at most {most} {name}.")
        if texts != values:
            del values[:]
            values.extend(texts)

    return rule


def distinct(texts: list[str]) -> list[str]:
    """The texts without those that repeat an earlier one in another case."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(text.lower(), text)
    return list(first.values())


def _text_check(policy: FieldPolicy) -> Callable[[str, str, Faults], None]:
    most = policy.max_len
    form = FORMATS.get(policy.format)

    def check(text: str, path: str, faults: Faults) -> None:
        if NUL in text:
            code = FaultCode.FAULT_CODE_INVALID
            faults.add(path, code, "The text holds a NUL character.")
        elif most and len(text) > most:
            code = FaultCode.FAULT_CODE_TOO_LONG
            faults.add(path, code, f"The text has more than {most} characters.")
        elif form is not None and not form.matches(text):
            faults.add(path, form.code, form.message)

    return check


def _number_rule(policy: FieldPolicy) -> Rule | None:
    if not (policy.HasField("gte") or policy.HasField("lte")):
        return None
    least = policy.gte if policy.HasField("gte") else float("-inf")
    most = policy.lte if policy.HasField("lte") else float("inf")

    def rule(_: Any, value: int, path: str, faults: Faults) -> None:
        if value < least:
            code = FaultCode.FAULT_CODE_TOO_SMALL
            faults.add(path, code, f"The least value is {least:g}.")
        elif value > most:
            code = FaultCode.FAULT_CODE_TOO_LARGE
            faults.add(path, code, f"The greatest value is {most:g}.")

    return rule
