"""The errors of bookings."""

from collections.abc import Sequence

from google.rpc.code_pb2 import Code
from prospectconnect.type.v1.errors_pb2 import ErrorReason

from services.errors import ServiceError


class SlotTaken(ServiceError):
    """Something else is at that time. `free` are the next slots: from, and to."""

    code = Code.FAILED_PRECONDITION
    reason = ErrorReason.ERROR_REASON_SLOT_TAKEN
    text = "The slot is taken. `next` has the next ones that are free."

    def __init__(self, free: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.free = free

    def metadata(self) -> dict[str, str]:
        return {"next": ",".join("/".join(each) for each in self.free)}
