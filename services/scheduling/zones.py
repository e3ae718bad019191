"""Time zones: in which spans of time their clocks differ from UTC by how much."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86_400
# No two changes of a zone's clocks that are known lie as near as this.
_STEP = 6 * 3_600
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Days are looked at in such blocks, which are kept for the next request.
_BLOCK_DAYS = 128
_MOST_BLOCKS = 4_096


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of time in which a zone's clocks are `offset` seconds ahead of UTC."""

    start: int
    end: int
    offset: int


def offset_at(zone: str, moment: int) -> int:
    """By how many seconds a zone's clocks are ahead of UTC at a moment."""
    return _offset(ZoneInfo(zone), moment)


def stretches(zone: str, start: int, end: int) -> Iterator[Stretch]:
    """The stretches of a zone between two moments, in order and without a gap."""
    size = _BLOCK_DAYS * DAY
    last: Stretch | None = None
    for block in range(start // size, (end - 1) // size + 1):
        for each in _of_block(zone, block):
            if each.end <= start or each.start >= end:
                continue
            cut = Stretch(max(each.start, start), min(each.end, end), each.offset)
            if last is not None and last.offset == cut.offset:
                last = Stretch(last.start, cut.end, cut.offset)
                continue
            if last is not None:
                yield last
            last = cut
    if last is not None:
        yield last


@lru_cache(maxsize=_MOST_BLOCKS)
def _of_block(name: str, block: int) -> tuple[Stretch, ...]:
    zone, size = ZoneInfo(name), _BLOCK_DAYS * DAY
    begin = start = block * size
    found: list[Stretch] = []
    offset = _offset(zone, start)
    for moment in range(begin + _STEP, begin + size + 1, _STEP):
        after = _offset(zone, moment)
        if after != offset:
            change = _change(zone, moment - _STEP, moment, offset)
            found.append(Stretch(start, change, offset))
            start, offset = change, after
    if start < begin + size:
        found.append(Stretch(start, begin + size, offset))
    return tuple(found)


def _change(zone: ZoneInfo, before: int, after: int, offset: int) -> int:
    """The first second at which the offset is no longer `offset`."""
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, moment: int) -> int:
    ahead = (_EPOCH + timedelta(seconds=moment)).astimezone(zone).utcoffset()
    assert ahead is not None  # noqa: S101 - the time has a zone
    return round(ahead.total_seconds())
