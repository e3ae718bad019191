"""Questions of meeting types: their keys, their options, and where answers go."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from prospectconnect.options.v1.options_pb2 import Format
from prospectconnect.scheduling.v1 import meeting_types_pb2 as pb
from prospectconnect.schema.v1 import fields_pb2
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.faults import Fault
from services.kinds.own_fields import NO_SCHEMA
from services.kinds.record_type import FieldType
from services.kinds.sensitive import fields_of
from services.records.engine import Records

OWN = "custom_fields."
_AT = "meeting_type.questions"
_CHOICES = (pb.MEETING_QUESTION_TYPE_SELECT, pb.MEETING_QUESTION_TYPE_MULTI_SELECT)
_PREFIX = "MEETING_QUESTION_TYPE_"

# The fields of contacts that an invitee decides in another way, or that say who they
# are.
_NOT_ASKED = frozenset(("email", "first_name", "last_name", "time_zone", "source"))
# Which answers a field of a contact takes, by its format.
_TAKES: Mapping[int, frozenset[str]] = MappingProxyType(
    {
        Format.FORMAT_UNSPECIFIED: frozenset(("text", "select")),
        Format.FORMAT_PHONE: frozenset(("phone",)),
        Format.FORMAT_COUNTRY: frozenset(("country",)),
        Format.FORMAT_HTTP_URL: frozenset(("url",)),
    }
)
# A field of a tenant's own that holds any text takes such answers too.
_AS_TEXT = frozenset(("text", "select", "email", "phone", "url", "country"))
_ALSO: Mapping[str, frozenset[str]] = MappingProxyType(
    {"text": _AS_TEXT, "long_text": _AS_TEXT | {"long_text"}}
)


def type_of(question: pb.MeetingQuestion) -> str:
    """The type of a question as public JSON writes it; also that of a field."""
    name = pb.MeetingQuestionType.Name(question.type)
    return name.removeprefix(_PREFIX).lower()


def field_type(question: pb.MeetingQuestion) -> int:
    """The type of a tenant's own field that holds such answers."""
    return fields_pb2.FieldType.Value(f"FIELD_TYPE_{type_of(question).upper()}")


def check(meeting: pb.MeetingType) -> list[Fault]:
    """The faults of keys that are given twice, and of options."""
    found, known = list[Fault](), set[str]()
    for index, each in enumerate(meeting.questions):
        at = f"{_AT}[{index}]"
        if each.key in known:
            code = FaultCode.FAULT_CODE_NOT_UNIQUE
            found.append(Fault(f"{at}.key", code, "Another question has the key."))
        known.add(each.key)
        found += _of_options(each, at)
    return found


def _of_options(question: pb.MeetingQuestion, at: str) -> Iterator[Fault]:
    if question.type not in _CHOICES:
        if question.options:
            message = "Only select and multi_select have options."
            yield Fault(f"{at}.options", FaultCode.FAULT_CODE_INVALID, message)
        return
    if not question.options:
        message = "Give at least one option."
        yield Fault(f"{at}.options", FaultCode.FAULT_CODE_REQUIRED, message)
    known = set[str]()
    for index, each in enumerate(question.options):
        if each.value in known:
            code, message = FaultCode.FAULT_CODE_NOT_UNIQUE, "The value is given twice."
            yield Fault(f"{at}.options[{index}].value", code, message)
        known.add(each.value)


async def find(
    caller: Caller, meeting: pb.MeetingType, contacts: Records[Any]
) -> list[Fault]:
    """The faults of `maps_to`: no such field, or one that takes other answers."""
    mapped = [(n, e) for n, e in enumerate(meeting.questions) if e.maps_to]
    if not mapped:
        return []
    schema = await contacts.schema_of(caller)
    own = fields_of(schema, contacts.kind.table, caller)
    found = []
    for index, each in mapped:
        at = f"{_AT}[{index}].maps_to"
        fault = (
            _of_own(each, own if schema is not NO_SCHEMA else None)
            if each.maps_to.startswith(OWN)
            else _of_built_in(each, contacts.kind.by_name)
        )
        if fault is not None:
            found.append(Fault(at, *fault))
    return found


_Told = tuple[FaultCode.ValueType, str]


def _of_own(question: pb.MeetingQuestion, own: Any) -> _Told | None:
    key = question.maps_to.removeprefix(OWN)
    field = None if own is None else own.by_key.get(key)
    if field is None:
        code = FaultCode.FAULT_CODE_NOT_FOUND
        return code, "Contacts have no such field. Define it first."
    if own.lacks(key):
        return FaultCode.FAULT_CODE_READ_ONLY, "You cannot write the field."
    name = fields_pb2.FieldType.Name(field.rules.type)
    kind = name.removeprefix("FIELD_TYPE_").lower()
    if type_of(question) == kind or type_of(question) in _ALSO.get(kind, ()):
        return None
    message = f"The field is of type {kind} and takes no such answers."
    return FaultCode.FAULT_CODE_INVALID, message


def _of_built_in(
    question: pb.MeetingQuestion, fields: Mapping[str, Any]
) -> _Told | None:
    field = fields.get(question.maps_to)
    takes: frozenset[str] = frozenset()
    if field is not None and field.type is FieldType.STRING and not field.read_only:
        takes = _TAKES.get(field.policy.format, takes)
    if not takes or field is None or field.name in _NOT_ASKED:
        names = ", ".join(mappable(fields))
        message = f"Give one of {names}, or custom_fields and a key."
        return FaultCode.FAULT_CODE_INVALID_CHOICE, message
    if type_of(question) in takes:
        return None
    told = " or ".join(sorted(takes))
    return FaultCode.FAULT_CODE_INVALID, f"The field takes answers of type {told}."


def mappable(fields: Mapping[str, Any]) -> list[str]:
    """The names of the fields of contacts that answers can be written to."""
    return [
        name
        for name, field in fields.items()
        if field.type is FieldType.STRING
        and not field.read_only
        and not field.policy.changed_by
        and name not in _NOT_ASKED
        and field.policy.format in _TAKES
    ]
