"""Answers of invitees: judged by the questions, and written to fields of contacts."""

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf.struct_pb2 import Struct
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.scheduling.v1 import meeting_types_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Fault, Faults
from services.kinds.custom_fields import Json, put, to_json
from services.kinds.field_rules import field_rule
from services.kinds.own_types import Reading, Rules, read
from services.meetings.questions import OWN, field_type

AT = "answers"
_MOST_OF_TEXT, _MOST_OF_LONG = 2_000, 5_000
# So many unknown keys are told.
_MOST_UNKNOWN = 20


def judged(meeting: pb.MeetingType, given: Struct) -> tuple[Struct, list[Fault]]:
    """The answers in their normal form, and the faults of them all."""
    faults, answers = Faults(), Struct()
    for each in meeting.questions:
        at, before = f"{AT}.{each.key}", len(faults.codes)
        value: Json = None
        if each.key in given.fields:
            reading = Reading(_rules(each), given.fields[each.key], at, faults)
            value = read(reading)
        if value is not None:
            put(answers.fields, each.key, value)
        elif each.required and len(faults.codes) == before:
            code = FaultCode.FAULT_CODE_REQUIRED
            faults.add(at, code, f"Answer the question: {each.label}")
    known = {each.key for each in meeting.questions}
    unknown = [each for each in given.fields if each not in known]
    for key in unknown[:_MOST_UNKNOWN]:
        code = FaultCode.FAULT_CODE_UNKNOWN_FIELD
        faults.add(f"{AT}.{key[:100]}", code, "No question has this key.")
    return answers, faults.found


def known_of(meeting: pb.MeetingType, given: Struct) -> tuple[Struct, list[Fault]]:
    """The same for answers that a page begins with: none is required."""
    optional = pb.MeetingType(questions=meeting.questions)
    for each in optional.questions:
        each.required = False
    return judged(optional, given)


def _rules(question: pb.MeetingQuestion) -> Rules:
    is_long = question.type == pb.MEETING_QUESTION_TYPE_LONG_TEXT
    return Rules(
        type=field_type(question),
        options={each.value: False for each in question.options},
        max_length=_MOST_OF_LONG if is_long else _MOST_OF_TEXT,
    )


def mapped(questions: Sequence[pb.MeetingQuestion], answers: Struct) -> dict[str, Json]:
    """What the answers are for the fields of the contact, by the names of these."""
    told = to_json(answers)
    return {
        each.maps_to: told[each.key]
        for each in questions
        if each.maps_to and each.key in told
    }


def fitting(values: Mapping[str, Json]) -> dict[str, Json]:
    """Those values that the rules of a contact's built-in fields let pass.

    The engine itself judges values of a tenant's own fields.
    """
    left, fields = dict[str, Json](), Contact.DESCRIPTOR.fields_by_name
    for name, value in values.items():
        if not name.startswith(OWN):
            faults, contact, rule = Faults(), Contact(), field_rule(fields[name])
            if rule is not None:
                rule(contact, value, name, faults)
            if faults.codes:
                continue
            left[name] = getattr(contact, name) or value  # as the rule writes it
        else:
            left[name] = value
    return left


def fill(contact: Any, values: Mapping[str, Json]) -> None:
    """Writes values to those fields of a contact that are empty."""
    for name, value in values.items():
        if name.startswith(OWN):
            key, fields = name.removeprefix(OWN), contact.custom_fields.fields
            kept = fields.get(key)
            if kept is None or kept.WhichOneof("kind") in (None, "null_value"):
                put(fields, key, value)
        elif not getattr(contact, name):
            setattr(contact, name, value)
