"""The slots of a meeting: the times at which it can begin and hosts are free.

The slots of a host lie on a grid that begins with each span of their hours, and each
lies wholly within its span. What is taken keeps its distance: between two meetings the
larger of the two buffers that meet. Buffers may reach beyond the hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

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
    """A host: an id, hours, and what is taken."""

    id: str
    hours: Hours
    taken: Sequence[Taken] = ()


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


def slots(
    meeting: Meeting, hosts: Sequence[Host], start: int, end: int, most: int
) -> list[Slot]:
    """The first `most` slots that begin from `start` on and before `end`, in order.

    A span of hours that began before `start` keeps its grid.
    """
    if not hosts or start >= end:
        return []
    if meeting.assignment is Assignment.ALL:
        free = _together(meeting, hosts, start, end)
        ids = tuple(each.id for each in hosts)
        length = meeting.duration * _SECONDS
        return [Slot(at, at + length, ids) for at in free[:most]]
    return _of_any(meeting, hosts, start, end, most)


def _of_any(
    meeting: Meeting, hosts: Sequence[Host], start: int, end: int, most: int
) -> list[Slot]:
    found: dict[int, list[str]] = {}
    for host in hosts:
        open_ = _hours((host,), meeting, start, end)
        for at in _beginnings(meeting, open_, host.taken, start, end):
            found.setdefault(at, []).append(host.id)
    length = meeting.duration * _SECONDS
    return [Slot(at, at + length, found[at]) for at in sorted(found)[:most]]


def _together(
    meeting: Meeting, hosts: Sequence[Host], start: int, end: int
) -> list[int]:
    """The beginnings at which all hosts are free: the grid begins where all work."""
    taken = [each for host in hosts for each in host.taken]
    return _beginnings(meeting, _hours(hosts, meeting, start, end), taken, start, end)


# So many days before the time that is asked for, the beginning of hours is looked for
# that go on without a pause. In a week there is one, unless overrides fill it.
_DAYS_BEFORE = (8, 64, 1_500)
_LONGEST = 12 * 3_600


def _hours(hosts: Sequence[Host], meeting: Meeting, start: int, end: int) -> list[Span]:
    """The hours that hosts share, those at the beginning whole.

    Hours that never began are cut at a multiple of the interval since 1970, so that
    their grid is the same in each request.
    """
    found: list[Span] = []
    for days in _DAYS_BEFORE:
        first = start - days * DAY
        found = spans(hosts[0].hours, first, end + _LONGEST)
        for host in hosts[1:]:
            found = common(found, spans(host.hours, first, end + _LONGEST))
        if not found or found[0][0] > first or found[0][1] < start:
            return found
    step = meeting.interval * _SECONDS
    (opened, closed), *others = found
    return [(-(-opened // step) * step, closed), *others]


def _beginnings(
    meeting: Meeting,
    hours: Sequence[Span],
    taken: Iterable[Taken],
    start: int,
    end: int,
) -> list[int]:
    """The beginnings of slots within hours and away from what is taken, in order."""
    length, step = meeting.duration * _SECONDS, meeting.interval * _SECONDS
    barred = _barred(meeting, taken)
    found: list[int] = []
    place = 0
    for opened, closed in hours:
        last = min(closed - length, end - 1)
        at = opened + max(0, -((opened - start) // step)) * step
        while at <= last:
            while place < len(barred) and barred[place][1] <= at:
                place += 1
            until = barred[place][0] if place < len(barred) else last + 1
            if at < until:
                grid = range(at, min(until, last + 1), step)
                found.extend(grid)
                at = grid[-1] + step
            else:
                at += -((at - barred[place][1]) // step) * step
    return found


def _barred(meeting: Meeting, taken: Iterable[Taken]) -> list[Span]:
    """The spans in which no slot begins.

    A slot that begins at one end of such a span is as near as it may be.
    """
    length = meeting.duration * _SECONDS
    return joined(
        (
            each.start
            - length
            - max(meeting.buffer_after, each.buffer_before) * _SECONDS
            + 1,
            each.end + max(meeting.buffer_before, each.buffer_after) * _SECONDS,
        )
        for each in taken
        if each.start < each.end
    )
