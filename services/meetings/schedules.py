"""Schedules: hours that follow each other, and no day given twice."""

from collections.abc import Iterable, Sequence
from typing import Any

from prospectconnect.scheduling.v1.schedules_pb2 import Schedule
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Fault
from services.records.behaviour import Behaviour
from services.scheduling.hours import MINUTES, Interval, minutes, overlap

_INVALID = FaultCode.FAULT_CODE_INVALID


def check(schedule: Schedule) -> list[Fault]:
    """The faults of the hours. Each time of day is one; the rules have seen to that."""
    at = "schedule.intervals"
    found = _backwards(schedule.intervals, at)
    if not found:
        placed = [_placed(each) for each in schedule.intervals]
        found = _overlapping(placed, at)
    known = set[tuple[int, int, int]]()
    for index, each in enumerate(schedule.overrides):
        at, day = f"schedule.overrides[{index}]", each.date
        date = (day.year, day.month, day.day)
        if date in known:
            code = FaultCode.FAULT_CODE_NOT_UNIQUE
            found.append(Fault(f"{at}.date", code, "The day is given twice."))
        known.add(date)
        inside = _backwards(each.intervals, f"{at}.intervals")
        of_day = [_of_day(one) for one in each.intervals]
        found += inside or _overlapping(of_day, f"{at}.intervals")
    return found


def _of_day(interval: Any) -> Interval:
    return minutes(getattr(interval, "from")), minutes(interval.to)


def _placed(interval: Any) -> Interval:
    """The interval in minutes of the week."""
    begin, end = _of_day(interval)
    midnight = interval.weekday * MINUTES
    return midnight + begin, midnight + end


def _backwards(intervals: Iterable[Any], at: str) -> list[Fault]:
    found = []
    for index, each in enumerate(intervals):
        begin, end = _of_day(each)
        if begin >= end:
            message = "It ends after from. One that goes over midnight is two."
            found.append(Fault(f"{at}[{index}].to", _INVALID, message))
    return found


def _overlapping(intervals: Sequence[Interval], at: str) -> list[Fault]:
    place = overlap(intervals)
    if place is None:
        return []
    return [Fault(f"{at}[{place}]", _INVALID, "It overlaps with another interval.")]


BEHAVIOUR: Behaviour[Schedule] = Behaviour(check=check)
