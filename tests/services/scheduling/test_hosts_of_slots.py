"""A slot names all hosts who are free, and hours of many intervals cost little."""

import random
import time
from datetime import UTC, datetime

import pytest

from services.scheduling.hours import Hours
from services.scheduling.slots import Assignment, Host, Meeting, Taken, grids, slots
from tests.services.scheduling.by_minutes import DAY, Asked, beginnings
from tests.services.scheduling.finding import found

# The hours of Kathmandu begin at a quarter of an hour of all others.
ZONES = ("Asia/Kathmandu", "Europe/Berlin", "America/New_York")
START = int(datetime(2027, 3, 13, tzinfo=UTC).timestamp()) // 60
END = START + 4 * DAY  # over the change of New York's clocks


def _asked(draws: random.Random, zone: str, meeting: Meeting) -> Asked:
    begin = draws.choice((0, 430, 540))
    week = {day: [(begin, begin + draws.choice((95, 480)))] for day in range(6)}
    busy = [START + draws.randrange(4 * DAY) for _ in range(9)]
    taken = [(at, at + draws.choice((15, 200)), 0, 10) for at in busy]
    lasts = meeting.duration, meeting.interval
    return Asked(zone, week, {}, taken, *lasts, meeting.buffer_before)


def _host(asked: Asked) -> Host:
    taken = [Taken(a * 60, b * 60, *buffers) for a, b, *buffers in asked.taken]
    return Host(asked.zone, Hours(asked.zone, asked.week), taken)


def test_a_slot_names_all_who_are_free() -> None:
    """All who could begin at that minute, if it were on their own grid."""
    shared = 0
    for seed in range(12):
        draws = random.Random(seed)
        interval = draws.choice((15, 20, 45))
        meeting = Meeting(draws.choice((10, 30)), interval, draws.choice((0, 15)))
        every = [_asked(draws, zone, meeting) for zone in ZONES]
        minutes = {e.zone: set(beginnings(_by_minutes(e), START, END)) for e in every}
        on_grid = sorted({at for e in every for at in beginnings(e, START, END)})
        expected = {at: [z for z in ZONES if at in minutes[z]] for at in on_grid}
        hosts = [_host(each) for each in every]
        its = found(meeting, hosts, START * 60, END * 60)
        assert {each.start // 60: list(each.hosts) for each in its} == expected, seed
        shared += sum(len(each.hosts) > 1 for each in its)
    assert shared


def _by_minutes(asked: Asked) -> Asked:
    lasts = asked.duration, 1
    return Asked(asked.zone, asked.week, {}, asked.taken, *lasts, asked.buffer_before)


@pytest.mark.parametrize("assignment", list(Assignment))
@pytest.mark.parametrize("pause", [0, 1], ids=["always", "filled by other days"])
def test_hours_without_a_pause_hold_nobody_up(
    assignment: Assignment, pause: int
) -> None:
    """No step between two rests, of which each grid and each week is one, is long."""
    week = {weekday: [(0, DAY)] for weekday in range(7 - pause)}
    filled = {START // DAY - 300 + day: [(0, DAY)] for day in range(366)}
    hours = Hours("Europe/Berlin", week, filled)
    hosts = [Host(f"usr_{n}", hours) for n in range(20)]
    meeting = Meeting(720, 720, assignment=assignment)
    start, end = START * 60, (START + 62 * DAY) * 60
    least = float("inf")
    for _ in range(5):
        longest, made, began = 0.0, [], time.process_time()
        for each in grids(meeting, hosts, start, end):
            longest = max(longest, time.process_time() - began)
            made.append(each)
            began = time.process_time()
        assert slots(meeting, made, start, start + 7 * DAY * 60, 10**6)
        least = min(least, max(longest, time.process_time() - began))
    print(f"{least * 1_000:.1f} ms")
    assert least < 0.1
