"""The forms of text that a field may demand, and how time and digits are read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from prospectconnect.options.v1.options_pb2 import Format
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.countries import COUNTRIES

_EMAIL = re.compile(r"[^\s@]{1,64}@(?:[^\s@.]+\.)+[^\s@.]+")
_PHONE = re.compile(r"[0-9 +\-.()/#x]{3,32}")
_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_NOT_DIGITS = re.compile(r"[^0-9]+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Form:
    """A form of text: whether a text has it, and what is said when it has not."""

    matches: Callable[[str], object]
    code: FaultCode.ValueType
    message: str


def digits(text: str) -> str:
    """The digits of a telephone number, by which it is compared."""
    return _NOT_DIGITS.sub("", text)


def _is_phone(text: str) -> bool:
    return _PHONE.fullmatch(text) is not None and len(digits(text)) >= 3


def timestamp(text: str) -> int | None:
    """Unix microseconds of an RFC 3339 timestamp, None when it is none."""
    if not _TIMESTAMP.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        return (moment - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        return None


FORMATS = {
    Format.FORMAT_EMAIL: Form(
        _EMAIL.fullmatch,
        FaultCode.FAULT_CODE_INVALID_FORMAT,
        "Give an e-mail address, e.g. ada@example.com.",
    ),
    Format.FORMAT_PHONE: Form(
        _is_phone,
        FaultCode.FAULT_CODE_INVALID_FORMAT,
        "Give 3 to 32 of digits, space and + - . ( ) / # x, with at least 3 digits.",
    ),
    Format.FORMAT_COUNTRY: Form(
        COUNTRIES.__contains__,
        FaultCode.FAULT_CODE_INVALID_CHOICE,
        "Give a country of ISO 3166-1 as two upper-case letters, e.g. BR.",
    ),
}
