"""The error of an operation that was not tried because of another one."""

from google.rpc.code_pb2 import Code
from prospectconnect.type.v1.errors_pb2 import ErrorReason

from services.errors import ServiceError


class DependencyFailed(ServiceError):
    """An operation that was not tried; `depends_on` is the one that failed first."""

    code = Code.FAILED_PRECONDITION
    reason = ErrorReason.ERROR_REASON_DEPENDENCY_FAILED

    def __init__(self, depends_on: int) -> None:
        super().__init__(f"Operation {depends_on}, on which this depends, failed.")
        self.depends_on = depends_on

    def metadata(self) -> dict[str, str]:
        return {"depends_on": str(self.depends_on)}
