"""A period of days that all reports of a dashboard tell of: further filters."""

from dataclasses import dataclass
from datetime import date

from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.search_pb2 import Filter, Operator

from services.errors import ValidationFailed
from services.faults import Fault

# What a record has whose report has no time of its own.
CREATED = "created_at"


@dataclass(frozen=True, slots=True)
class TimeField:
    """A field that holds a time, or a date alone."""

    name: str = CREATED
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """The days from the first one up to, not including, `until`, in UTC."""

    first: date
    until: date

    def filters(self, time: TimeField) -> list[Filter]:
        """What a record must fulfil so that its time lies in the period."""
        end = "" if time.is_date else "T00:00:00Z"
        bounds = (
            (Operator.OPERATOR_GTE, self.first),
            (Operator.OPERATOR_LT, self.until),
        )
        filters = []
        for operator, day in bounds:
            each = Filter(field=time.name, operator=operator)
            each.value.string_value = f"{day.isoformat()}{end}"
            filters.append(each)
        return filters


def period_of(first: str, until: str) -> Period | None:
    """The period between two days; None if none is given. Raises `ValidationFailed`."""
    if not first and not until:
        return None
    try:
        return Period(date.fromisoformat(first), date.fromisoformat(until))
    except ValueError:
        code, message = FaultCode.FAULT_CODE_INVALID, "Give two days, as 2026-12-01."
        raise ValidationFailed([Fault("from", code, message)]) from None
