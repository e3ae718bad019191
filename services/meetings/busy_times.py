"""Busy times: they end after they begin, and not much later."""

from prospectconnect.scheduling.v1.busy_times_pb2 import BusyTime
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.clock import DAY, from_timestamp
from services.faults import Fault
from services.records.behaviour import Behaviour

LONGEST_DAYS = 366


def check(busy: BusyTime) -> list[Fault]:
    """The fault of its end."""
    if not (busy.HasField("starts_at") and busy.HasField("ends_at")):
        return []  # which is another fault
    lasts = from_timestamp(busy.ends_at) - from_timestamp(busy.starts_at)
    if 0 < lasts <= LONGEST_DAYS * DAY:
        return []
    message = f"It ends after starts_at, at most {LONGEST_DAYS} days later."
    return [Fault("busy_time.ends_at", FaultCode.FAULT_CODE_INVALID, message)]


BEHAVIOUR: Behaviour[BusyTime] = Behaviour(check=check)
