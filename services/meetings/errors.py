"""The errors of bookings."""

from collections.abc import Sequence

from google.rpc.code_pb2 import Code
from prospectconnect.type.v1.errors_pb2 import ErrorReason

from services.errors import RateLimited, ServiceError


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


class HoldsLimited(RateLimited):
    """The user keeps as many slots as one may."""

    def __init__(self, seconds: int) -> None:
        super().__init__("user", seconds)
        self.message = f"You have 200 holds; the first ends in {seconds} seconds."
