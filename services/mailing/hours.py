"""The hours in which a sender sends: those of its schedule."""

from typing import Any

from services.clock import EPOCH_SECONDS, SECOND
from services.scheduling.hours import spans
from services.scheduling.stored import hours_of

# So far ahead the next hours are looked for.
_AHEAD = 8 * 86_400


def next_hours(row: Any, moment: int) -> int | None:
    """When sending may begin, a moment: now, or later. None if not within 8 days."""
    if row["time_zone"] is None:
        return moment
    second = moment // SECOND + EPOCH_SECONDS
    found = spans(hours_of(row), second, second + _AHEAD)
    if not found:
        return None
    begin = found[0][0]
    return moment if begin <= second else (begin - EPOCH_SECONDS) * SECOND
