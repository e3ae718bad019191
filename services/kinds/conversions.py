"""How a value that a type refuses is read as the type nevertheless.

A conversion keeps what the value says: nothing is rounded, shortened or guessed. What
it returns must still be read by the rules of the field.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.kinds.custom_fields import Json
from services.kinds.formats import day, plain

_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?", re.ASCII)


def converted(field_type: int, value: Json) -> Json:
    """Returns a value in the form of a type, None if the type has no form for it."""
    return _CONVERSIONS[field_type](value)


def _text(value: Json) -> Json:
    """A number or a boolean as JSON writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return plain(Decimal(repr(value)))
    return value if isinstance(value, str) else None


def _number(value: Json) -> Json:
    """The number that a text writes, if a double holds all of its digits."""
    text = value.strip() if isinstance(value, str) else ""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if Decimal(repr(number)) == Decimal(text) else None


def _boolean(value: Json) -> Json:
    text = value.strip().lower() if isinstance(value, str) else ""
    return {"true": True, "false": False}.get(text)


def _timestamp(value: Json) -> Json:
    """The beginning of a day, in UTC."""
    found = day(value.strip()) if isinstance(value, str) else None
    return f"{found.isoformat()}T00:00:00Z" if found else None


def _choice(value: Json) -> Json:
    """The only element of a list, or what a number or a boolean is as text."""
    if isinstance(value, list):
        return value[0] if len(value) == 1 else None
    return _text(value)


def _choices(value: Json) -> Json:
    text = _text(value)
    return [text] if text is not None else None


def _nothing(_: Json) -> Json:
    return None


_CONVERSIONS: Mapping[int, Callable[[Json], Json]] = {
    **dict.fromkeys(
        (
            pb.FIELD_TYPE_TEXT,
            pb.FIELD_TYPE_LONG_TEXT,
            pb.FIELD_TYPE_EMAIL,
            pb.FIELD_TYPE_PHONE,
            pb.FIELD_TYPE_COUNTRY,
            pb.FIELD_TYPE_URL,
        ),
        _text,
    ),
    pb.FIELD_TYPE_INTEGER: _number,
    pb.FIELD_TYPE_DECIMAL: _number,
    pb.FIELD_TYPE_BOOLEAN: _boolean,
    pb.FIELD_TYPE_DATE: _nothing,
    pb.FIELD_TYPE_TIMESTAMP: _timestamp,
    pb.FIELD_TYPE_SELECT: _choice,
    pb.FIELD_TYPE_MULTI_SELECT: _choices,
    pb.FIELD_TYPE_USER: _nothing,
    pb.FIELD_TYPE_RECORD: _nothing,
}
