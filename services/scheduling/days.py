"""Days of a zone that have as many meetings as they may."""

from collections import Counter
from collections.abc import Iterable

from services.scheduling.hours import MINUTES, Hours, spans
from services.scheduling.spans import Span
from services.scheduling.zones import DAY, offset_at

# No moment of a day lies as far from another one, also when the clocks change.
LONGEST = 2 * DAY


def full(
    zone: str, beginnings: Iterable[int], most: int, start: int, end: int
) -> list[Span]:
    """What lies between two moments of the days on which `most` or more meetings begin.

    The beginnings are all those from `LONGEST` before `start` to as much after `end`.
    """
    each_day = Counter((at + offset_at(zone, at)) // DAY for at in beginnings)
    days = {day: [(0, MINUTES)] for day, count in each_day.items() if count >= most}
    return spans(Hours(zone, {}, days), start, end) if days else []
