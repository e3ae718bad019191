"""Slots are right in every zone of the tz database and over each change of its clocks.

They are compared with those of `by_minutes`, around each change of the next two years,
and around the last change of each zone whose clocks no longer change.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.kinds.formats import zones
from services.scheduling import days, hours
from services.scheduling.slots import Host, Meeting, Slot, Taken
from services.scheduling.spans import Span
from services.scheduling.zones import Stretch, offset_at
from tests import rounds
from tests.services.scheduling.by_minutes import DAY, EPOCH, Asked, beginnings
from tests.services.scheduling.finding import found

FROM = datetime(2026, 12, 1, tzinfo=UTC)
UNTIL = datetime(2028, 12, 31, tzinfo=UTC)
# Clocks that change no more did so last in these years.
LONG_AGO = datetime(2005, 1, 1, tzinfo=UTC)
AROUND = 2 * DAY
EVERY = 100_000


def test_slots_are_those_of_a_model_by_minutes() -> None:
    seed = random.randrange(10**6)
    random_, every = random.Random(seed), sorted(zones())
    assert len(every) > 500
    chosen = random_.sample(every, min(rounds.rounds("SLOT_ZONES"), len(every)))
    changes = [(zone, at) for zone in chosen for at in _changes(zone)]
    print(f"{len(changes)} changes of clocks in {len(chosen)} zones, seed {seed}")
    for zone, at in changes:
        asked = _asked(random_, zone, at)
        start, end = at - AROUND, at + AROUND
        told = f"{asked} around {at}"
        assert _computed(asked, start, end) == list(beginnings(asked, start, end)), told


def test_it_is_noticed_when_hours_are_an_hour_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A planted fault: hours that keep the offset from before a change."""
    zone = "America/New_York"
    at = next(_changes(zone))
    around = at - AROUND, at + AROUND
    asked = [_asked(random.Random(each), zone, at) for each in range(4)]
    expected = [list(beginnings(each, *around)) for each in asked]
    assert [_computed(each, *around) for each in asked] == expected
    before = offset_at(zone, around[0] * 60)

    def unchanged(_: str, start: int, end: int) -> Iterator[Stretch]:
        yield Stretch(start, end, before)

    monkeypatch.setattr(hours, "stretches", unchanged)
    assert [_computed(each, *around) for each in asked] != expected


def test_it_is_noticed_when_days_are_those_of_utc(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A planted fault: meetings are counted by the days of UTC."""
    random_ = random.Random(1)
    monkeypatch.setattr(days, "offset_at", lambda *_: 0)
    wrong = 0
    for zone in ("America/New_York", "Asia/Kathmandu", "Pacific/Auckland") * 4:
        at = next(_changes(zone))
        asked, around = _asked(random_, zone, at), (at - AROUND, at + AROUND)
        wrong += _computed(asked, *around) != list(beginnings(asked, *around))
    assert wrong


def _changes(zone: str) -> Iterator[int]:
    """The minutes at which the clocks of a zone change, or did last, or any."""
    found = list(_of_zone(zone, FROM, UNTIL))
    if not found:
        found = list(_of_zone(zone, LONG_AGO, FROM))[-1:]
    yield from found or [_minute(FROM)]


def _of_zone(zone: str, start: datetime, end: datetime) -> Iterator[int]:
    info = ZoneInfo(zone)
    hour = timedelta(hours=12)
    at = start
    while at < end:
        if at.astimezone(info).utcoffset() != (at + hour).astimezone(info).utcoffset():
            yield _minute(at)
        at += hour


def _minute(at: datetime) -> int:
    return (at - EPOCH) // timedelta(minutes=1)


def _asked(random_: random.Random, zone: str, at: int) -> Asked:
    """Hours, mostly at night, where clocks change, and a meeting."""
    around = (EPOCH + timedelta(minutes=at)).astimezone(ZoneInfo(zone)).date()
    week = {weekday: _intervals(random_) for weekday in range(7)}
    differing = {
        around + timedelta(days=random_.randrange(-1, 2)): _intervals(random_)
        for _ in range(random_.randrange(2))
    }
    week[random_.randrange(7)] = []  # so that hours have a beginning
    taken = [
        (begin, begin + random_.choice((15, 45, 200)), *_buffers(random_))
        for begin in (at + random_.randrange(-AROUND, AROUND) for _ in range(5))
    ]
    before, after = _buffers(random_)
    duration = random_.choice((5, 15, 30, 45, 60, 90))
    interval = random_.choice((duration, 5, 15, 20, 50))
    begun = [at + random_.randrange(-2 * AROUND, 2 * AROUND) for _ in range(9)]
    begun += [at + random_.randrange(-90, 90) for _ in range(3)]
    limit = begun, random_.choice((None, 1, 2, 3))
    lasts = duration, interval, before, after
    return Asked(zone, week, differing, taken, *lasts, *limit)


def _buffers(random_: random.Random) -> tuple[int, int]:
    return random_.choice((0, 0, 10, 35)), random_.choice((0, 0, 15))


def _intervals(random_: random.Random) -> list[tuple[int, int]]:
    """Up to three intervals of a day, some of which meet."""
    if random_.random() < 0.2:
        return [(0, DAY)]
    unit = random_.choice((15, 30, 60))
    marks = sorted(random_.sample(range(0, 8 * 60 + 1, unit), 6))
    a, b, c, d, e, f = marks
    found = [(a, b), (b if random_.random() < 0.3 else c, d), (e, f)]
    if random_.random() < 0.4:
        found.append((20 * 60, DAY))
    return found


def _computed(asked: Asked, start: int, end: int) -> list[int]:
    epoch = date(1970, 1, 1)
    its = hours.Hours(
        asked.zone,
        asked.week,
        {(day - epoch).days: each for day, each in asked.days.items()},
    )
    taken = [Taken(a * 60, b * 60, *buffers) for a, b, *buffers in asked.taken]
    meeting = Meeting(
        asked.duration, asked.interval, asked.buffer_before, asked.buffer_after
    )
    full: list[Span] = []
    if asked.most is not None:
        begun = [each * 60 for each in asked.begun]
        full = days.full(asked.zone, begun, asked.most, start * 60, end * 60)
    host = Host("usr_1", its, taken, full)
    told: list[Slot] = found(meeting, [host], start * 60, end * 60, EVERY)
    assert all(each.end - each.start == asked.duration * 60 for each in told)
    return [each.start // 60 for each in told]
