"""The rules of messages within records: those of their fields, and what must be set."""

from collections.abc import Callable
from typing import Any

from google.api.field_behavior_pb2 import FieldBehavior, field_behavior
from google.protobuf.descriptor import FieldDescriptor
from prospectconnect.options.v1.options_pb2 import FieldPolicy
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults

# Checks one set field: (message that holds it, its value, its path, faults).
Rule = Callable[[Any, Any, str, Faults], None]
# Returns the rule of a field, None if every value is allowed.
MakeRule = Callable[[FieldDescriptor], Rule | None]


def nested_rule(item: FieldDescriptor, policy: FieldPolicy, make: MakeRule) -> Rule:
    """The rule of a field that holds a message, or a list of at most `max_items`."""
    check = _message_rule(item.message_type, make)
    if not item.is_repeated:
        return check
    most = policy.max_items

    def rule(holder: Any, values: Any, path: str, faults: Faults) -> None:
        if len(values) > most:
            code = FaultCode.FAULT_CODE_TOO_MANY
            faults.add(path, code, f"Give at most {most} {item.name}.")
            return
        for index, value in enumerate(values):
            check(holder, value, f"{path}[{index}]", faults)

    return rule


def _message_rule(descriptor: Any, make: MakeRule) -> Rule:
    rules = {each.number: make(each) for each in descriptor.fields}
    required = [each.name for each in descriptor.fields if _is_required(each)]
    texts = [e.name for e in descriptor.fields if _is_nullable_text(e)]

    def check(_: Any, value: Any, path: str, faults: Faults) -> None:
        for item, given in value.ListFields():
            rule = rules[item.number]
            if rule is not None:
                rule(value, given, f"{path}.{item.name}", faults)
        for name in texts:
            if value.HasField(name) and not getattr(value, name):
                value.ClearField(name)  # an empty text counts as null
        for name in required:
            if not is_given(value, name):
                code = FaultCode.FAULT_CODE_REQUIRED
                faults.add(f"{path}.{name}", code, f"Give {name}; it is required.")

    return check


def is_given(message: Any, name: str) -> bool:
    """Whether a field of a message is set. An empty text or list is not; a 0 may be."""
    item = message.DESCRIPTOR.fields_by_name[name]
    if item.has_presence and item.type != FieldDescriptor.TYPE_STRING:
        return bool(message.HasField(name))
    return bool(getattr(message, name))


def _is_nullable_text(item: FieldDescriptor) -> bool:
    return item.type == FieldDescriptor.TYPE_STRING and item.has_presence


def _is_required(item: FieldDescriptor) -> bool:
    return FieldBehavior.REQUIRED in item.GetOptions().Extensions[field_behavior]
