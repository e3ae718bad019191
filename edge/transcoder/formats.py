"""The forms of single values in public JSON: instants, dates and exact numbers.

Reading is strict and raises `Unreadable` with a code that a client can act on.
Writing trusts the values that the services sent.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as ExactNumber

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
    r"(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY = 86_400
_FIRST_SECOND = (1 - _EPOCH_DAY) * _DAY
_LAST_SECOND = (date.max.toordinal() - _EPOCH_DAY + 1) * _DAY - 1

# The two halves of a time of day: writing one takes two look-ups.
_MINUTES = tuple(f"T{m // 60:02}:{m % 60:02}:" for m in range(1440))
_SECONDS = tuple(f"{s:02}" for s in range(60))

# The largest exponent, and the most decimal places. No amount of money needs more, and
# writing the number out would take one digit for each unit of the exponent.
_MAX_DIGITS = 100

# The services compare at most this many digits; beyond, the double is used.
_MOST_DIGITS_OF_VALUE = 1_000


class Unreadable(Exception):
    """A JSON value that does not fit its field.

    `code` is a fault code of the contract, `message` a sentence for the client.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def no_field(name: str) -> str:
    """The message for a name that no field has, as the services say it."""
    return f"There is no field {name[:100]!r}."


@lru_cache(maxsize=4096)
def _day_text(day: int) -> str:
    return date.fromordinal(day + _EPOCH_DAY).isoformat()


def write_timestamp(instant: Timestamp) -> str:
    """Writes RFC 3339 in UTC, to microseconds at most, without trailing zeros."""
    day, second = divmod(instant.seconds, _DAY)
    minute, second = divmod(second, 60)
    whole = _day_text(day) + _MINUTES[minute] + _SECONDS[second]
    micros = instant.nanos // 1000
    if not micros:
        return whole + "Z"
    return f"{whole}.{micros:06d}".rstrip("0") + "Z"


def read_timestamp(value: object) -> Timestamp:
    """Reads RFC 3339 with its offset; digits beyond microseconds are cut off."""
    if type(value) is not str:
        raise Unreadable("invalid_type", "Give a string, an RFC 3339 timestamp.")
    found = _INSTANT.fullmatch(value)
    if found is None:
        raise _bad_timestamp()
    year, month, day, hour, minute, second, fraction, sign, *offset = found.groups()
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY
    except ValueError:
        raise _no_such_day(value[:10]) from None
    if hour > "23" or minute > "59" or second > "59":
        raise Unreadable("invalid_format", f"There is no time {value[11:19]}.")
    seconds = days * _DAY + int(hour) * 3600 + int(minute) * 60 + int(second)
    if sign:
        if offset[0] > "23" or offset[1] > "59":
            raise _bad_timestamp()
        shift = int(offset[0]) * 3600 + int(offset[1]) * 60
        seconds += -shift if sign == "+" else shift
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        raise _bad_timestamp()
    micros = int(fraction[:6].ljust(6, "0")) if fraction else 0
    return Timestamp(seconds=seconds, nanos=micros * 1000)


def _bad_timestamp() -> Unreadable:
    return Unreadable(
        "invalid_format",
        "Give an RFC 3339 timestamp with its offset, e.g. 2026-06-17T14:30:00Z.",
    )


def _no_such_day(text: str) -> Unreadable:
    return Unreadable("invalid_format", f"There is no day {text}.")


def write_date(day: Any) -> str:
    """Writes a `google.type.Date` as `YYYY-MM-DD`."""
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}"


def read_date(value: object) -> Any:
    """Reads `YYYY-MM-DD` into a `google.type.Date`; the day must exist."""
    if type(value) is not str:
        raise Unreadable("invalid_type", "Give a string, a date YYYY-MM-DD.")
    found = _DATE.fullmatch(value)
    if found is None:
        message = "Give a date YYYY-MM-DD, e.g. 2026-06-17."
        raise Unreadable("invalid_format", message)
    year, month, day = (int(part) for part in found.groups())
    try:
        date(year, month, day)
    except ValueError:
        raise _no_such_day(value) from None
    return Date(year=year, month=month, day=day)


def write_decimal(number: Any) -> orjson.Fragment:
    """Writes a `google.type.Decimal` as an exact JSON number."""
    text: str = number.value
    if not _JSON_NUMBER.fullmatch(text):
        text = format(Decimal(text), "f")  # `+1`, `.5` and `1.` are no JSON
    return orjson.Fragment(text)


def read_decimal(value: object) -> Any:
    """Reads a JSON number into a `google.type.Decimal`, exactly.

    Equal numbers have one form (`1.10` becomes `1.1`), so that a repeated request
    with an idempotency key may write either.
    """
    if type(value) is int:
        return ExactNumber(value=str(value))
    if type(value) is not Decimal:
        raise Unreadable("invalid_type", "Give a number.")
    if value and value.adjusted() > _MAX_DIGITS:
        raise too_far_from_zero(value)
    if -int(value.as_tuple().exponent) > _MAX_DIGITS:
        raise Unreadable("invalid", "Give fewer decimal places.")
    text = format(value, "f") if value else "0"
    return ExactNumber(value=text.rstrip("0").rstrip(".") if "." in text else text)


def exact_text(number: Decimal) -> str:
    """A number with all its digits; empty if its double keeps them or it has too many.

    A double keeps the digits of a number if both are written with the same digits.
    """
    if Decimal(repr(float(number))) == number:
        return ""
    text = str(number)
    decimals = -int(number.as_tuple().exponent)
    return text if max(len(text), decimals) <= _MOST_DIGITS_OF_VALUE else ""


def too_far_from_zero(value: int | Decimal) -> Unreadable:
    """The fault of a number that is too large or too small for its field."""
    if value > 0:
        return Unreadable("too_large", "The number is too large.")
    return Unreadable("too_small", "The number is too small.")
