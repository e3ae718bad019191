"""The types of fields that tenants define: how a value is read, kept and compared.

A value is read into its normal form, the one that is stored: texts are trimmed, times
are in UTC, doubles in a list are dropped. An unset value is None. All faults are added
with their paths, by the rules and codes of built-in fields of the same kind.
"""

import math
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from google.protobuf.struct_pb2 import Value
from prospectconnect.options.v1.options_pb2 import Format
from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.clock import EPOCH
from services.faults import Faults
from services.kinds.custom_fields import EXACT, Json
from services.kinds.formats import FORMATS, Form, day, plain, timestamp

MOST_CHARACTERS = 2_000
MOST_OF_LONG = 65_535
MOST_CHOSEN = 50
MOST_DECIMALS = 9
# A double keeps every number of so many digits.
MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Rules:
    """What a definition says of the values of a field.

    `options` are the values of its options, each with whether it is archived. `labels`
    are the values by the labels, folded, that one option alone has.
    """

    type: int
    options: Mapping[str, bool]
    least: Decimal | None = None
    most: Decimal | None = None
    decimals: int = MOST_DECIMALS
    max_length: int = MOST_CHARACTERS
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(slots=True)
class Reading:
    """One value that is read: where it stands, and where its faults go.

    `held` are the options that are accepted though they are archived.
    """

    rules: Rules
    value: Value
    path: str
    faults: Faults
    held: Container[str] = ()

    def refuse(self, code: FaultCode.ValueType, message: str, part: str = "") -> None:
        """Adds a fault of the value, or of a part of it such as `[2]`."""
        self.faults.add(f"{self.path}{part}", code, message)

    def text(self) -> str | None:
        """The string that was given, None after a fault."""
        if self.value.WhichOneof("kind") == "string_value":
            return self.value.string_value
        self.refuse(FaultCode.FAULT_CODE_INVALID_TYPE, "Give a string.")
        return None

    def number(self) -> Decimal | None:
        """The number that was given, None after a fault."""
        if self.value.WhichOneof("kind") != "number_value":
            self.refuse(FaultCode.FAULT_CODE_INVALID_TYPE, "Give a number.")
        elif not math.isfinite(self.value.number_value):
            self.refuse(FaultCode.FAULT_CODE_INVALID, "The number is not finite.")
        else:
            return Decimal(repr(self.value.number_value))
        return None


def is_known(kind: int) -> bool:
    """Whether fields can be of a type. gRPC callers may give any number."""
    return kind in _READERS


def read(reading: Reading) -> Json:
    """Returns a value in its normal form, None if it is unset or has a fault."""
    if reading.value.WhichOneof("kind") in (None, "null_value"):
        return None
    return _READERS[reading.rules.type](reading)


def _text(reading: Reading) -> Json:
    text, rules = reading.text(), reading.rules
    if text is None:
        return None
    if rules.type != pb.FIELD_TYPE_LONG_TEXT:
        text = text.strip()
    form = _FORMS.get(rules.type)
    if "\0" in text:
        message = "The text holds a NUL character."
        reading.refuse(FaultCode.FAULT_CODE_INVALID, message)
    elif len(text) > rules.max_length:
        message = f"The text has more than {rules.max_length} characters."
        reading.refuse(FaultCode.FAULT_CODE_TOO_LONG, message)
    elif text and form is not None and not form.matches(text):
        reading.refuse(form.code, form.message)
    else:
        return text or None
    return None


def _is_within(reading: Reading, number: Decimal) -> bool:
    least, most = reading.rules.least, reading.rules.most
    if least is not None and number < least:
        message = f"The least value is {plain(least)}."
        reading.refuse(FaultCode.FAULT_CODE_TOO_SMALL, message)
    elif most is not None and number > most:
        message = f"The greatest value is {plain(most)}."
        reading.refuse(FaultCode.FAULT_CODE_TOO_LARGE, message)
    else:
        return True
    return False


def _integer(reading: Reading) -> Json:
    number = reading.number()
    if number is None:
        return None
    if number != number.to_integral_value():
        reading.refuse(FaultCode.FAULT_CODE_INVALID_TYPE, "Give a whole number.")
    elif abs(number) > EXACT:
        is_large = number > 0
        code = FaultCode.FAULT_CODE_TOO_LARGE
        code = code if is_large else FaultCode.FAULT_CODE_TOO_SMALL
        reading.refuse(code, "Give a whole number from -2^53 to 2^53.")
    elif _is_within(reading, number):
        return int(number)
    return None


def _decimal(reading: Reading) -> Json:
    number = reading.number()
    if number is None or not _is_within(reading, number):
        return None
    number = number.normalize()
    sign_digits = number.as_tuple()
    behind = max(0, -int(sign_digits.exponent))
    if behind > reading.rules.decimals:
        message = f"Give at most {reading.rules.decimals} decimals."
        reading.refuse(FaultCode.FAULT_CODE_INVALID, message)
    elif max(len(sign_digits.digits), number.adjusted() + 1) > MOST_DIGITS:
        message = f"Give at most {MOST_DIGITS} digits."
        reading.refuse(FaultCode.FAULT_CODE_INVALID, message)
    else:
        return int(number) if not behind else float(number)
    return None


def _boolean(reading: Reading) -> Json:
    if reading.value.WhichOneof("kind") == "bool_value":
        return reading.value.bool_value
    reading.refuse(FaultCode.FAULT_CODE_INVALID_TYPE, "Give true or false.")
    return None


def _date(reading: Reading) -> Json:
    text = reading.text()
    if text is None or not text.strip():
        return None
    found = day(text.strip())
    if found is None:
        message = "Give a day, e.g. 2026-06-17."
        reading.refuse(FaultCode.FAULT_CODE_INVALID_FORMAT, message)
    return found.isoformat() if found else None


def _timestamp(reading: Reading) -> Json:
    text = reading.text()
    if text is None or not text.strip():
        return None
    moment = timestamp(text.strip())
    written = None if moment is None else moment_text(moment)
    if written is None:
        message = "Give a timestamp of RFC 3339, e.g. 2026-06-17T14:30:00Z."
        reading.refuse(FaultCode.FAULT_CODE_INVALID_FORMAT, message)
    return written


def moment_text(moment: int) -> str | None:
    """Writes a moment as public JSON does, None outside the years 1 to 9999."""
    try:
        time = EPOCH + timedelta(microseconds=moment)
    except OverflowError:
        return None
    fraction = f".{time.microsecond:06}".rstrip("0") if time.microsecond else ""
    return f"{time.replace(tzinfo=None, microsecond=0).isoformat()}{fraction}Z"


def _select(reading: Reading) -> Json:
    text = reading.text()
    text = text and text.strip()
    return text if text and _is_choice(reading, text, "") else None


def _is_choice(reading: Reading, text: str, part: str) -> bool:
    is_archived = reading.rules.options.get(text)
    if is_archived is False or (is_archived and text in reading.held):
        return True
    live = [value for value, archived in reading.rules.options.items() if not archived]
    some = ", ".join(live[:20]) + (", ..." if len(live) > 20 else "")
    reading.refuse(FaultCode.FAULT_CODE_INVALID_CHOICE, f"Give one of {some}.", part)
    return False


def _multi_select(reading: Reading) -> Json:
    if reading.value.WhichOneof("kind") != "list_value":
        reading.refuse(FaultCode.FAULT_CODE_INVALID_TYPE, "Give an array of strings.")
        return None
    elements = reading.value.list_value.values
    if len(elements) > MOST_CHOSEN:
        message = f"Give at most {MOST_CHOSEN} elements."
        reading.refuse(FaultCode.FAULT_CODE_TOO_MANY, message)
        return None
    before, chosen = len(reading.faults.codes), dict[str, None]()
    for index, each in enumerate(elements):
        if each.WhichOneof("kind") != "string_value":
            code = FaultCode.FAULT_CODE_INVALID_TYPE
            reading.refuse(code, "Give a string.", f"[{index}]")
        elif _is_choice(reading, each.string_value.strip(), f"[{index}]"):
            chosen[each.string_value.strip()] = None
    return list(chosen) if chosen and len(reading.faults.codes) == before else None


def _id(reading: Reading) -> Json:
    """An id, of whatever form: one that leads nowhere is found by the engine."""
    text = reading.text()
    return text.strip() or None if text is not None else None


_FORMS: Mapping[int, Form] = {
    pb.FIELD_TYPE_EMAIL: FORMATS[Format.FORMAT_EMAIL],
    pb.FIELD_TYPE_PHONE: FORMATS[Format.FORMAT_PHONE],
    pb.FIELD_TYPE_COUNTRY: FORMATS[Format.FORMAT_COUNTRY],
    pb.FIELD_TYPE_URL: FORMATS[Format.FORMAT_HTTP_URL],
}
_READERS: Mapping[int, Callable[[Reading], Json]] = {
    pb.FIELD_TYPE_TEXT: _text,
    pb.FIELD_TYPE_LONG_TEXT: _text,
    pb.FIELD_TYPE_EMAIL: _text,
    pb.FIELD_TYPE_PHONE: _text,
    pb.FIELD_TYPE_COUNTRY: _text,
    pb.FIELD_TYPE_URL: _text,
    pb.FIELD_TYPE_INTEGER: _integer,
    pb.FIELD_TYPE_DECIMAL: _decimal,
    pb.FIELD_TYPE_BOOLEAN: _boolean,
    pb.FIELD_TYPE_DATE: _date,
    pb.FIELD_TYPE_TIMESTAMP: _timestamp,
    pb.FIELD_TYPE_SELECT: _select,
    pb.FIELD_TYPE_MULTI_SELECT: _multi_select,
    pb.FIELD_TYPE_USER: _id,
    pb.FIELD_TYPE_RECORD: _id,
}
