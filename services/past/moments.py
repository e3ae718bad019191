"""Sets the moments of a new record that was made elsewhere, as an import tells them."""

from datetime import UTC, datetime
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.clock import DAY, EPOCH, SECOND, now, to_timestamp
from services.errors import ValidationFailed
from services.faults import Fault
from services.past.fields import CREATED_AT, Past

_FIRST = (datetime(1970, 1, 1, tzinfo=UTC) - EPOCH).total_seconds()
FIRST = int(_FIRST) * SECOND


def recall(record: Any, moments: Past, told: Past, resource: str) -> None:
    """Sets the moments, each between 1970 and now, none before the creation.

    A day without a time stands for its midnight. On the day of the creation it means
    the moment of the creation. Without `created_at` the record is as old as the oldest
    of its moments. Faults are those of what was told, from which the others follow.
    Raises `ValidationFailed`.
    """
    if not moments:
        return
    created = moments.get(CREATED_AT, min(moments.values()))
    settled = {name: _settled(each, created) for name, each in moments.items()}
    faults = [
        Fault(f"{resource}.{name}", *why)
        for name, moment in settled.items()
        if name in told and (why := _refusal(moment, created)) is not None
    ]
    if faults:
        raise ValidationFailed(faults)
    for name, moment in {CREATED_AT: created, **settled}.items():
        getattr(record, name).CopyFrom(to_timestamp(moment))


def _settled(moment: int, created: int) -> int:
    """A moment; a day alone is not before a creation on this day."""
    is_midnight_before = not moment % DAY and moment == created - created % DAY
    return created if is_midnight_before else moment


def _refusal(moment: int, created: int) -> tuple[FaultCode.ValueType, str] | None:
    """Why a moment cannot be, None if it can."""
    if moment > now():
        return FaultCode.FAULT_CODE_TOO_LARGE, "The moment lies in the future."
    if moment < FIRST:
        return FaultCode.FAULT_CODE_TOO_SMALL, "Give a moment since 1970."
    if moment < created:
        return FaultCode.FAULT_CODE_TOO_SMALL, "The moment lies before created_at."
    return None
