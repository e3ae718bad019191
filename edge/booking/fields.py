"""The fields of a form, and what was typed into them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

from google.protobuf.struct_pb2 import Struct
from prospectconnect.scheduling.v1 import meeting_types_pb2 as meetings

from edge.web.parameters import Parameters

_PREFIX = "answer."
_INTEGER = meetings.MEETING_QUESTION_TYPE_INTEGER
_DECIMAL = meetings.MEETING_QUESTION_TYPE_DECIMAL
_BOOLEAN = meetings.MEETING_QUESTION_TYPE_BOOLEAN
_MULTI = meetings.MEETING_QUESTION_TYPE_MULTI_SELECT
_TRUTH: Mapping[str, bool] = {"yes": True, "no": False}


def read_answers(
    questions: Sequence[meetings.MeetingQuestion], given: Parameters
) -> Struct:
    """The answers of a form. What is no number is sent as the text that it is, so that
    the services say what is wrong with it."""
    answers = Struct()
    for each in questions:
        name = f"{_PREFIX}{each.key}"
        if each.type == _MULTI:
            chosen = [
                option.value
                for index, option in enumerate(each.options)
                if given.get(f"{name}.{index}")
            ]
            if chosen:
                answers.get_or_create_list(each.key).extend(chosen)
            continue
        text = given.get(name)
        if text.strip():
            answers[each.key] = _value(each.type, text)
    return answers


def _value(kind: int, text: str) -> Any:
    if kind == _BOOLEAN:
        return _TRUTH.get(text, text)
    if kind in (_INTEGER, _DECIMAL):
        try:
            number = float(text.strip().replace(",", ".", 1))
        except ValueError:
            return text
        return number if math.isfinite(number) else text
    return text


def typed(
    questions: Sequence[meetings.MeetingQuestion], answers: Struct, given: Parameters
) -> dict[str, str]:
    """What the fields show: what was typed, or else the answers that a link has."""
    shown = {n: v for n, v in given.values.items() if n.startswith(_PREFIX)}
    if shown:
        return shown
    for each in questions:
        if each.key not in answers:
            continue
        name, value = f"{_PREFIX}{each.key}", answers[each.key]
        if each.type == _MULTI:
            chosen = {str(one) for one in cast("Any", value)}
            for index, option in enumerate(each.options):
                if option.value in chosen:
                    shown[f"{name}.{index}"] = "yes"
        elif isinstance(value, bool):
            shown[name] = "yes" if value else "no"
        elif isinstance(value, float):
            shown[name] = str(int(value)) if value.is_integer() else repr(value)
        else:
            shown[name] = str(value)
    return shown
