"""The rules of requests, compiled from their descriptors at start.

A check visits the fields that are set, trims texts, removes repeated tags and collects
all faults with their paths. Of a record in an update, only the fields in its mask are
checked. The engine checks what depends on the database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.api.field_behavior_pb2 import FieldBehavior, field_behavior
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from prospectconnect.options.v1 import options_pb2
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults, no_field
from services.kinds.field_rules import field_rule, names_a_record
from services.kinds.masks import MOST_PATHS
from services.kinds.nested.messages import Rule, is_given

Check = Callable[[Any, str, Faults], None]

# The field of a request that updates a record or creates one.
MATCH_ON = "match_on"

# Their names are looked up once: enums of protobuf do it by a call each time.
_IMMUTABLE, _OUTPUT_ONLY = FieldBehavior.IMMUTABLE, FieldBehavior.OUTPUT_ONLY


def compile_check(descriptor: Descriptor) -> Check:
    """Compiles the check of a request message: (request, path prefix, faults)."""
    names = descriptor.fields_by_name
    masked, creates = "update_mask" in names, MATCH_ON in names
    rules = {f.number: _field_rule(f, masked) for f in descriptor.fields}
    required = tuple(f.name for f in descriptor.fields if _is_required(f))
    records = tuple(f for f in descriptor.fields if holds_record(f))
    if not (any(rules.values()) or required or masked):
        return _accept
    check_mask = _mask_rule(descriptor, creates) if masked else None

    def check(request: Message, prefix: str, faults: Faults) -> None:
        for item, value in request.ListFields():
            rule = rules[item.number]
            if rule is not None:
                rule(request, value, prefix + item.name, faults)
        for item in records:  # a missing record is checked too
            rule = rules[item.number]
            if rule is not None and not request.HasField(item.name):
                rule(request, getattr(request, item.name), prefix + item.name, faults)
        for name in required:
            if not is_given(request, name):
                faults.add(prefix + name, FaultCode.FAULT_CODE_REQUIRED, _missing(name))
        if check_mask is not None:
            check_mask(request, faults)

    return check


def _accept(_: Message, prefix: str, faults: Faults) -> None:
    """The check of a request without rules."""


def _is_required(item: FieldDescriptor) -> bool:
    """Whether the request must contain the field.

    Ids come from the path, and a wrong one is answered with NOT_FOUND. A record is
    always there, if only empty; its own rules say what it must contain. Methods judge
    their lists themselves, and the parts that are requests of their own.
    """
    options = item.GetOptions()
    if FieldBehavior.REQUIRED not in options.Extensions[field_behavior]:
        return False
    if item.type == FieldDescriptor.TYPE_STRING:
        return not names_a_record(item)
    message = item.message_type
    if message is None or item.is_repeated:
        return False
    is_moment = message.full_name == "google.protobuf.Timestamp"
    return is_moment or bool(options.Extensions[options_pb2.field].checked)


def _missing(name: str) -> str:
    return f"Give {name}; it is required."


def _field_rule(item: FieldDescriptor, masked: bool) -> Rule | None:
    if holds_record(item):
        return _record_rule(item.message_type, masked or not is_written(item))
    return field_rule(item)


def holds_record(item: FieldDescriptor) -> bool:
    """Whether a field of a request holds a record."""
    message = item.message_type
    if message is None or item.is_repeated:
        return False
    return bool(message.GetOptions().HasExtension(options_pb2.record))


def is_written(item: FieldDescriptor) -> bool:
    """Whether the record in a field of a request is to be written."""
    return not item.GetOptions().Extensions[options_pb2.field].unwritten


def _record_rule(descriptor: Any, masked: bool) -> Rule:
    """Returns the rule of a record in a request. Read-only fields are ignored."""
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
        check_required(record, path, required, faults)
        check_any(record, path, require_any, faults)

    return check


def check_required(
    record: Message, path: str, names: tuple[str, ...], faults: Faults
) -> None:
    """Adds a fault for each of the fields `names` of a record that is not set."""
    for name in names:
        if not is_given(record, name) and not faults.is_unreadable(f"{path}.{name}"):
            code = FaultCode.FAULT_CODE_REQUIRED
            faults.add(f"{path}.{name}", code, _missing(name))


def check_any(
    record: Message, path: str, names: tuple[str, ...], faults: Faults
) -> None:
    """Adds a fault if none of the fields `names` of a record is set."""
    if names and not any(
        getattr(record, name) or f"{path}.{name}" in faults.faulty for name in names
    ):
        faults.add(
            f"{path}.{names[0]}",
            FaultCode.FAULT_CODE_REQUIRED,
            f"Give at least one of {', '.join(names)}.",
        )


def _mask_rule(descriptor: Descriptor, creates: bool) -> Callable[[Any, Faults], None]:
    """Returns what adds faults for paths of a mask that cannot be written or cleared.

    A request that may create a record may write all that a new record takes.
    """
    record = _record_field(descriptor)
    assert record.message_type is not None  # noqa: S101 - it is a record
    fields = {each.name: _masked(each, creates) for each in record.message_type.fields}

    def check(request: Any, faults: Faults) -> None:
        paths, value = request.update_mask.paths, getattr(request, record.name)
        if len(paths) > MOST_PATHS:
            message = f"A mask holds at most {MOST_PATHS} paths."
            faults.add("update_mask", FaultCode.FAULT_CODE_TOO_MANY, message)
            return
        for path in paths:
            name, dot, _ = path.partition(".")
            item = fields.get(name)
            if item is None or (dot and not item.has_keys):
                code = FaultCode.FAULT_CODE_INVALID_CHOICE
                faults.add("update_mask", code, no_field(path))
            elif item.refusal:
                code = FaultCode.FAULT_CODE_READ_ONLY
                faults.add(f"{record.name}.{name}", code, item.refusal)
            elif item.is_required and not is_given(value, name):
                code = FaultCode.FAULT_CODE_REQUIRED
                faults.add(f"{record.name}.{name}", code, _missing(name))

    return check


@dataclass(frozen=True, slots=True)
class _Masked:
    """A field of a record as masks name it. `has_keys`: a path may lead into it."""

    refusal: str
    is_required: bool
    has_keys: bool


def _masked(item: FieldDescriptor, creates: bool) -> _Masked:
    behaviors = item.GetOptions().Extensions[field_behavior]
    return _Masked(
        refusal=_refusal(item, creates),
        is_required=FieldBehavior.REQUIRED in behaviors,
        has_keys=item.message_type is Struct.DESCRIPTOR,
    )


def _record_field(descriptor: Descriptor) -> FieldDescriptor:
    """Returns the field of an update request that holds the record."""
    return next(filter(holds_record, descriptor.fields))


def _refusal(item: FieldDescriptor, creates: bool) -> str:
    """Returns why a request cannot write a field, "" if it can."""
    options = item.GetOptions()
    changed_by = options.Extensions[options_pb2.field].changed_by
    if changed_by and not creates:
        return f"The field is changed by {changed_by}."
    behaviors = options.Extensions[field_behavior]
    if _IMMUTABLE in behaviors:
        return "The field is set on create and never changes."
    return "The field is read-only." if _OUTPUT_ONLY in behaviors else ""


def is_read_only(item: FieldDescriptor) -> bool:
    """Whether only the server sets a field."""
    behaviors = item.GetOptions().Extensions[field_behavior]
    return _OUTPUT_ONLY in behaviors
