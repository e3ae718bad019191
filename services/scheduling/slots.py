"""The slots of a meeting: the times at which it can begin and hosts are free.

The slots of a host lie on a grid that begins with each span of their hours, and each
lies wholly within its span. What is taken keeps its distance: between two meetings the
larger of the two buffers that meet. Buffers may reach beyond the hours.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from operator import itemgetter

from services.scheduling.hours import Hours, spans
from services.scheduling.spans import Span, common, joined
from services.scheduling.zones import DAY

_SECONDS = 60


class Assignment(Enum):
    """Which hosts must be free."""

    ANY = "any"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Taken:
    """A span of a host's time that is taken, in seconds, and its buffers in minutes.

    Another meeting of the host keeps the buffers. What is only busy has none.
    """

    start: int
    end: int
    buffer_before: int = 0
    buffer_after: int = 0


@dataclass(frozen=True, slots=True)
class Host:
    """A host: an id, hours, what is taken, and the spans in which no meeting begins."""

    id: str
    hours: Hours
    taken: Sequence[Taken] = ()
    full: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class Meeting:
    """What is asked for. All lengths are in minutes."""

    duration: int
    interval: int
    buffer_before: int = 0
    buffer_after: int = 0
    assignment: Assignment = Assignment.ANY


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot: its first second, the first one after it, and the hosts who are free."""

    start: int
    end: int
    hosts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Grid:
    """Where slots of some hosts may begin: their hours, and what is barred in them."""

    hosts: Sequence[str]
    hours: Sequence[Span]
    barred: Sequence[Span]


def grids(
    meeting: Meeting, hosts: Sequence[Host], start: int, end: int
) -> Iterator[Grid]:
    """The grids of slots that begin from `start` on and before `end`.

    Each host has one; if all of them must be free, they have one together, which begins
    where all work. Each is computed when it is asked for. A span of hours that began
    before `start` keeps its grid.
    """
    is_for_all = meeting.assignment is Assignment.ALL
    for group in [hosts] if is_for_all else [[each] for each in hosts]:
        taken = [each for host in group for each in host.taken]
        full = [each for host in group for each in host.full]
        hours = _hours([each.hours for each in group], meeting, start, end)
        barred = joined([*_barred(meeting, taken), *full])
        yield Grid([each.id for each in group], hours, barred)


def slots(
    meeting: Meeting, found: Sequence[Grid], start: int, end: int, most: int
) -> list[Slot]:
    """The first `most` slots that begin from `start` on and before `end`, in order.

    A slot that lies on the grid of one host names all others who are free as well.
    """
    starts = sorted({at for e in found for at in _beginnings(meeting, e, start, end)})
    starts = starts[:most]
    hosts: list[list[str]] = [[] for _ in starts]
    length = meeting.duration * _SECONDS
    for each in found:
        for place, is_free in enumerate(_free(each, starts, length)):
            if is_free:
                hosts[place] += each.hosts
    return [Slot(at, at + length, free) for at, free in zip(starts, hosts, strict=True)]


def _free(grid: Grid, starts: Sequence[int], length: int) -> Iterator[bool]:
    """Whether the hosts of a grid are free for each slot; the slots are in order."""
    hours, barred = grid.hours, grid.barred
    first = starts[0] if starts else 0
    at_hours, at_barred = _from(hours, first), _from(barred, first)
    for start in starts:
        while at_hours < len(hours) and hours[at_hours][1] < start + length:
            at_hours += 1
        while at_barred < len(barred) and barred[at_barred][1] <= start:
            at_barred += 1
        is_within = at_hours < len(hours) and hours[at_hours][0] <= start
        is_barred = at_barred < len(barred) and barred[at_barred][0] <= start
        yield is_within and not is_barred


def _from(spans_: Sequence[Span], moment: int) -> int:
    """The place of the first span that ends after a moment."""
    return bisect_right(spans_, moment, key=itemgetter(1))


# So many days before the time that is asked for, the beginning of hours is looked for
# that go on without a pause. In a week there is one, unless overrides fill it.
_DAYS_BEFORE = (8, 64, 1_500)
_LONGEST = 12 * 3_600


def _hours(
    hours: Sequence[Hours], meeting: Meeting, start: int, end: int
) -> list[Span]:
    """The hours that hosts share, those at the beginning whole.

    Hours that never began are cut at a multiple of the interval since 1970, so that
    their grid is the same in each request.
    """
    step, until = meeting.interval * _SECONDS, end + _LONGEST
    ending = [each for each in hours if not each.is_endless]
    if not ending:
        return [(-(-start // step) * step, until)]
    found: list[Span] = []
    for days in _DAYS_BEFORE:
        first = start - days * DAY
        found = spans(ending[0], first, until)
        for other in ending[1:]:
            found = common(found, spans(other, first, until))
        if not found or found[0][0] > first or found[0][1] < start:
            return found
    (opened, closed), *others = found
    return [(-(-opened // step) * step, closed), *others]


def _beginnings(meeting: Meeting, grid: Grid, start: int, end: int) -> Iterator[int]:
    """The beginnings of slots on a grid, in order."""
    length, step = meeting.duration * _SECONDS, meeting.interval * _SECONDS
    hours, barred = grid.hours, grid.barred
    place = _from(barred, start)
    for opened, closed in hours[_from(hours, start) :]:
        last = min(closed - length, end - 1)
        at = opened + max(0, -((opened - start) // step)) * step
        while at <= last:
            while place < len(barred) and barred[place][1] <= at:
                place += 1
            until = barred[place][0] if place < len(barred) else last + 1
            if at < until:
                on_grid = range(at, min(until, last + 1), step)
                yield from on_grid
                at = on_grid[-1] + step
            else:
                at += -((at - barred[place][1]) // step) * step
        if opened >= end:
            return


def _barred(meeting: Meeting, taken: Iterable[Taken]) -> Iterator[Span]:
    """The spans in which no slot begins, in any order.

    A slot that begins at one end of such a span is as near as it may be.
    """
    length = meeting.duration * _SECONDS
    for each in taken:
        if each.start < each.end:
            before = length + max(meeting.buffer_after, each.buffer_before) * _SECONDS
            after = max(meeting.buffer_before, each.buffer_after) * _SECONDS
            yield each.start - before + 1, each.end + after
