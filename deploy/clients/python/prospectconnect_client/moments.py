"""Numbers, dates and timestamps of answers, as Python has them.

A value is converted only if it can be written back as the same. Any other stays what it
is, so that none is ever replaced by a similar one.
"""

import re
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,6}))?Z"
)


def decimal_of(value: Any) -> Any:
    """A whole number as a `Decimal`, as fractions already are; any other unchanged."""
    return Decimal(value) if type(value) is int else value


def date_of(value: Any) -> Any:
    """A text such as `2026-06-17` as a `date`; any other value unchanged."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:  # such as the 30th of February
        return value


def instant(timestamp: str) -> datetime:
    """A timestamp of an answer as a `datetime` in UTC.

    ```python
    age = datetime.now(timezone.utc) - instant(contact["created_at"])
    ```

    Raises:
        ValueError: It is no timestamp, or has more than six decimal places.
    """
    found = _INSTANT.fullmatch(timestamp)
    if found is None:
        raise ValueError(f"This is no timestamp of the API: {timestamp!r:.80}.")
    day, time, fraction = found.groups()
    exact = f"{day}T{time}.{(fraction or '').ljust(6, '0')}"
    return datetime.fromisoformat(exact).replace(tzinfo=timezone.utc)
