"""A body as JSON text with exactly the given values.

A value that JSON cannot express is refused before anything is sent, and the message
names its place. If it were converted silently, the record would get a wrong value.
"""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

_DEEPEST = 64  # levels; the API accepts fewer, and a list may contain itself

_quoted = json.JSONEncoder(ensure_ascii=False).encode


def json_of(body: Mapping[str, Any] | list[Any]) -> bytes:
    """Writes a body, or a list of a query.

    Numbers are written with all their digits, a `date` as `2026-06-17`, and a
    `datetime` as an instant in UTC.

    Raises:
        ValueError: A value that JSON cannot express: NaN, Infinity, half of a surrogate
            pair, a `datetime` without a time zone, more than 64 levels.
        TypeError: A value or key of a class that JSON cannot express.
    """
    return _text(body, "", 0).encode()


def _text(value: object, path: str, depth: int) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value, path)
    if isinstance(value, int | float | Decimal):
        return _number(value, path)
    if isinstance(value, date):
        return f'"{moment(value, path)}"'
    if depth == _DEEPEST:
        raise ValueError(f"{_place(path)}: More than {_DEEPEST} levels.")
    if isinstance(value, Mapping):
        return _object(value, path, depth + 1)
    if isinstance(value, list | tuple):
        items = (
            _text(item, f"{path}[{index}]", depth + 1)
            for index, item in enumerate(value)
        )
        return f"[{','.join(items)}]"
    raise TypeError(f"{_place(path)}: JSON has no {type(value).__name__}.")


def _object(value: Mapping[Any, Any], path: str, depth: int) -> str:
    members = []
    for key, member in value.items():
        if not isinstance(key, str):
            raise TypeError(f"{_place(path)}: The key {key!r} is not a string.")
        inside = f"{path}.{key}" if path else key
        members.append(f"{_string(key, inside)}:{_text(member, inside, depth)}")
    return f"{{{','.join(members)}}}"


def _string(value: str, path: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"{_place(path)}: The text holds half of a surrogate pair."
        ) from None
    return _quoted(value)


def _number(value: float | Decimal, path: str) -> str:
    if isinstance(value, int):
        try:
            return int.__repr__(value)  # also for a member of an enum
        except ValueError as error:  # it has more digits than Python writes
            raise ValueError(f"{_place(path)}: {error}.") from None
    if isinstance(value, Decimal):
        text, finite = str(value), value.is_finite()
    else:
        text, finite = float.__repr__(value), math.isfinite(value)
    if not finite:
        raise ValueError(f"{_place(path)}: JSON has no {text}.")
    return text


def moment(value: date, path: str) -> str:
    """A date as `2026-06-17`, and a `datetime` as an instant in UTC.

    Raises ValueError for one without a time zone, or beyond the years 1 to 9999.
    """
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.utcoffset() is None:
        raise ValueError(
            f"{_place(path)}: The datetime has no time zone. "
            "Give it one, such as tzinfo=UTC."
        )
    try:
        instant = value.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError(f"{_place(path)}: In UTC the year is out of range.") from None
    return f"{instant.replace(tzinfo=None).isoformat()}Z"


def _place(path: str) -> str:
    """A path for a message, with line breaks and half surrogate pairs escaped."""
    return ascii(path)[1:-1] if path else "The body"
