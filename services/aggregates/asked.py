"""Requests for figures, checked and compiled. Every fault is found, with its path."""

from collections.abc import Sequence
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.search_pb2 import SortDirection

from services.aggregates.asked_measures import having_of, measure_of
from services.aggregates.asking import CHANGING, LONGEST_NAME, Asking
from services.aggregates.expressions import Shape, is_changing
from services.aggregates.groups import UTC, Group, value_of, within
from services.aggregates.measures import Measured
from services.aggregates.plan import DEFAULT_LIMIT, Key, Plan
from services.faults import Faults
from services.kinds.formats import KEY, zones
from services.kinds.record_type import Field
from services.search.associated import PREFIX, Associated

MOST_GROUP_BY, MOST_MEASURES = 3, 10
# What a row calls the values of its group.
GROUP = "group"
TIMES = (Shape.DATE, Shape.MOMENT)


def read(request: Any, asking: Asking) -> Plan | None:
    """The plan of a request; None after a fault."""
    faults = asking.faults
    before = len(faults.codes)
    groups = _groups(request, asking)
    measures = _measures(request, asking, [each.name for each in groups])
    having = having_of(request, asking.kind, measures, faults, asking.parameters)
    fills = request.fill
    if fills and not any(each.interval for each in request.group_by):
        message = "Give a group_by with an interval, whose gaps are filled."
        faults.add("fill", FaultCode.FAULT_CODE_INVALID, message)
    keys, descending = _order(request, groups, measures, faults)
    if len(faults.codes) > before:
        return None
    limit = request.limit or DEFAULT_LIMIT
    return Plan(groups, measures, having, keys, descending, limit, fills)


def _groups(request: Any, asking: Asking) -> list[Group]:
    faults, found = asking.faults, list[Group]()
    if len(request.group_by) > MOST_GROUP_BY:
        message = f"Give at most {MOST_GROUP_BY} groups."
        faults.add("group_by", FaultCode.FAULT_CODE_TOO_MANY, message)
        return []
    for n, given in enumerate(request.group_by):
        path = f"group_by[{n}]"
        if any(each.name == given.field for each in found):
            message = "The records are grouped by the field already."
            faults.add(f"{path}.field", FaultCode.FAULT_CODE_NOT_UNIQUE, message)
            continue
        group = _group(given, n, path, asking)
        if group is not None:
            found.append(group)
    return found


def _group(given: Any, n: int, path: str, asking: Asking) -> Group | None:
    faults = asking.faults
    has_zone = _check_zone(given, path, faults)
    if not given.field or len(given.field) > LONGEST_NAME:
        _missing(f"{path}.field", given.field, "the field to group by", faults)
        return None
    field = _grouped(given.field, f"{path}.field", asking)
    if field is None or not has_zone:
        return None
    value = value_of(field, n, asking.parameters)
    code, at, message = FaultCode.FAULT_CODE_INVALID_CHOICE, f"{path}.field", ""
    if value is None:
        message = "Its values make no groups."
    elif given.interval and value.shape not in TIMES:
        code, at = FaultCode.FAULT_CODE_INVALID, f"{path}.interval"
        message = "Only dates and times have intervals."
    elif value.shape is Shape.MOMENT and not given.interval:
        code, at = FaultCode.FAULT_CODE_REQUIRED, f"{path}.interval"
        message = "Give an interval: day, week, month, quarter or year."
    if value is None or message:
        faults.add(at, code, message)
        return None
    if given.interval:
        zone = given.time_zone or UTC
        value = within(value, given.interval, zone, asking.parameters)
    return Group(given.field, value, given.interval)


def _grouped(name: str, path: str, asking: Asking) -> Field | Associated | None:
    """The field of the records, or of associated ones, that a name stands for."""
    if asking.associations is None or not name.startswith(PREFIX):
        return asking.field(name, path, "to group by")
    found = asking.associations.named(name, path, asking.faults)
    if found is not None and is_changing(found.field):
        asking.faults.add(path, FaultCode.FAULT_CODE_INVALID, CHANGING)
        return None
    return found


def _check_zone(given: Any, path: str, faults: Faults) -> bool:
    if not given.time_zone:
        return True
    at = f"{path}.time_zone"
    if given.time_zone not in zones():
        message = "Give a time zone as IANA names it, e.g. Europe/Berlin."
        faults.add(at, FaultCode.FAULT_CODE_INVALID_CHOICE, message)
        return False
    if not given.interval:
        message = "Give an interval too: without one no zone matters."
        faults.add(at, FaultCode.FAULT_CODE_INVALID, message)
        return False
    return True


def _missing(path: str, given: str, what: str, faults: Faults) -> None:
    if given:
        message = f"The text has more than {LONGEST_NAME} characters."
        faults.add(path, FaultCode.FAULT_CODE_TOO_LONG, message)
    else:
        faults.add(path, FaultCode.FAULT_CODE_REQUIRED, f"Give {what}.")


def _measures(request: Any, asking: Asking, groups: Sequence[str]) -> list[Measured]:
    faults, given = asking.faults, request.measures
    if not given or len(given) > MOST_MEASURES:
        code = FaultCode.FAULT_CODE_TOO_MANY
        if not given:
            code = FaultCode.FAULT_CODE_REQUIRED
        message = f"Give 1 to {MOST_MEASURES} measures."
        faults.add("measures", code, message)
        return []
    found, names = list[Measured](), set[str]()
    for n, each in enumerate(given):
        path = f"measures[{n}]"
        name = getattr(each, "as")
        is_named = _check_name(name, f"{path}.as", names, faults)
        names.add(name)
        measure = measure_of(each, path, asking, groups)
        if measure is not None and is_named:
            found.append(measure)
    return found


def _check_name(name: str, path: str, names: set[str], faults: Faults) -> bool:
    """Whether a measure may have a name. `names` are those of the ones before."""
    if not name:
        message = "Give what the answer calls the measure."
        faults.add(path, FaultCode.FAULT_CODE_REQUIRED, message)
    elif not KEY.fullmatch(name):
        message = "Give a letter and up to 63 letters, digits and _, in lower case."
        faults.add(path, FaultCode.FAULT_CODE_INVALID_FORMAT, message)
    elif name == GROUP:
        message = "Give another name: group holds the values of the group."
        faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
    elif name in names:
        message = "Another measure has this name."
        faults.add(path, FaultCode.FAULT_CODE_NOT_UNIQUE, message)
    else:
        return True
    return False


def _order(
    request: Any,
    groups: Sequence[Group],
    measures: Sequence[Measured],
    faults: Faults,
) -> tuple[list[Key], bool]:
    """The keys of the order, and whether it descends."""
    keys = {e.name: Key(f"g{n}", e.column_type) for n, e in enumerate(groups)}
    figures = {e.name: (n, e) for n, e in enumerate(measures)}
    direction, name = request.sort_direction, request.order_by
    first, is_figure = list[Key](), False
    if name in figures and name not in keys:
        n, measure = figures[name]
        if measure.currency:
            message = (
                f"{name} is an amount in several currencies. Group by currency to order"
                " by it."
            )
            faults.add("order_by", FaultCode.FAULT_CODE_INVALID, message)
        first, is_figure = [Key(f"m{n}", measure.shape.value)], True
    elif name in keys:
        first = [keys[name]]
    elif name:
        given = ", ".join([*keys, *figures]) or "nothing: there is one group"
        message = f"Give one of {given}."
        faults.add("order_by", FaultCode.FAULT_CODE_INVALID_CHOICE, message)
    rest = [each for each in keys.values() if each not in first]
    is_default = direction == SortDirection.SORT_DIRECTION_UNSPECIFIED
    descending = is_figure if is_default else False
    descending = descending or direction == SortDirection.SORT_DIRECTION_DESC
    return first + rest, descending
