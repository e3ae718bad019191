"""What a request for slots asks for, and whether it may."""

from typing import Any

from prospectconnect.scheduling.v1 import meeting_types_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.clock import DAY, from_timestamp
from services.errors import ValidationFailed
from services.faults import Fault
from services.meetings.finding import MOST_DAYS

MOST_HOSTS = 20


async def find(_: Caller, request: pb.FindSlotsRequest) -> list[Fault]:
    """The fault of a time that is too long or backwards."""
    if not (request.HasField("from") and request.HasField("to")):
        return []  # that is another fault
    lasts = from_timestamp(request.to) - from_timestamp(getattr(request, "from"))
    if 0 < lasts <= MOST_DAYS * DAY:
        return []
    message = f"Give a moment after from, at most {MOST_DAYS} days later."
    return [Fault("to", FaultCode.FAULT_CODE_INVALID, message)]


def duration_of(meeting: pb.MeetingType, request: Any) -> int:
    """How many minutes the meeting lasts. Raises `ValidationFailed`."""
    if not request.HasField("duration"):
        return meeting.durations[0]
    if request.duration not in meeting.durations:
        told = ", ".join(map(str, meeting.durations))
        code = FaultCode.FAULT_CODE_INVALID_CHOICE
        raise ValidationFailed([Fault("duration", code, f"Give one of {told}.")])
    return int(request.duration)
