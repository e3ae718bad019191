"""The grid of a dashboard: 12 columns, on which reports stand beside each other."""

from collections.abc import Sequence
from itertools import combinations

from prospectconnect.reporting.v1.dashboards_pb2 import DashboardItem
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Fault

COLUMNS, ROWS, MOST_ITEMS, MOST_HEIGHT = 12, 100, 20, 12

AT = "dashboard.items"


def faults_of(items: Sequence[DashboardItem]) -> list[Fault]:
    """The faults of the items: ids that lack, and places that cannot be."""
    if len(items) > MOST_ITEMS:
        code = FaultCode.FAULT_CODE_TOO_MANY
        return [Fault(AT, code, f"Give at most {MOST_ITEMS} items.")]
    found = [fault for n, each in enumerate(items) for fault in _of_one(n, each)]
    return found or _overlaps(items)


def _of_one(index: int, item: DashboardItem) -> list[Fault]:
    at, found = f"{AT}[{index}]", list[Fault]()
    if not item.report_id:
        code = FaultCode.FAULT_CODE_REQUIRED
        found.append(Fault(f"{at}.report_id", code, "Give report_id; it is required."))
    bounds = (
        ("x", item.x, 0, COLUMNS - 1),
        ("y", item.y, 0, ROWS - 1),
        ("w", item.w, 1, COLUMNS),
        ("h", item.h, 1, MOST_HEIGHT),
    )
    for name, value, least, most in bounds:
        message = f"Give {least} to {most}."
        if value < least:
            code = FaultCode.FAULT_CODE_TOO_SMALL
            found.append(Fault(f"{at}.{name}", code, message))
        elif value > most:
            code = FaultCode.FAULT_CODE_TOO_LARGE
            found.append(Fault(f"{at}.{name}", code, message))
    if not found and item.x + item.w > COLUMNS:
        message = f"x and w together are at most {COLUMNS}."
        found.append(Fault(f"{at}.w", FaultCode.FAULT_CODE_TOO_LARGE, message))
    return found


def _overlaps(items: Sequence[DashboardItem]) -> list[Fault]:
    found: dict[int, Fault] = {}
    for (first, one), (second, other) in combinations(enumerate(items), 2):
        if _overlap(one, other):
            message = f"The item lies over item {first}."
            fault = Fault(f"{AT}[{second}]", FaultCode.FAULT_CODE_INVALID, message)
            found.setdefault(second, fault)
    return list(found.values())


def _overlap(one: DashboardItem, other: DashboardItem) -> bool:
    beside = one.x + one.w <= other.x or other.x + other.w <= one.x
    below = one.y + one.h <= other.y or other.y + other.h <= one.y
    return not (beside or below)
