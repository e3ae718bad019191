"""The errors that a service may answer with, one class for each reason.

ServiceError
├── Invalid                   INVALID_ARGUMENT
│   ├── ValidationFailed          every fault of a request, with its path
│   ├── BadRequest                a request that cannot be read
│   └── OauthRefused              of an app: see `services/iam/oauth/errors.py`
├── Unauthenticated           UNAUTHENTICATED
│   ├── TokenInvalid
│   └── LoginRefused              no user has this address and password
├── PermissionDenied          PERMISSION_DENIED
│   ├── ScopeDenied
│   ├── RoleDenied
│   └── SystemRecord              a record that only the server writes
├── FormInvalid               PERMISSION_DENIED
├── NotFound                  NOT_FOUND
│   └── Gone                      a record that was erased: when, by whom, why
│       ├── ChangesGone           changes that are kept no longer
│       └── FilesGone             of an export: see `services/exports/errors.py`
├── EtagMismatch              FAILED_PRECONDITION
├── ValuesUnfit               FAILED_PRECONDITION
├── InUse                     FAILED_PRECONDITION
│   ├── ObjectInUse
│   ├── FieldUsed
│   └── RecordMerged
├── WrongState                FAILED_PRECONDITION
├── SlotTaken                 of a booking: see `services/meetings/errors.py`
├── DependencyFailed          of an operation: see `services/batches/errors.py`
├── OperationFailed           the code and reason of the operation's own error
├── IdempotencyKeyReused      ALREADY_EXISTS
├── IdempotencyKeyBusy        ABORTED
├── JobRunning                ABORTED
├── LoginLimited              RESOURCE_EXHAUSTED
├── RateLimited               RESOURCE_EXHAUSTED
│   ├── ResetsLimited             of sandboxes: see `services/sandboxes/behaviour.py`
│   ├── HoldsLimited              of slots: see `services/meetings/errors.py`
│   └── LinksLimited              of senders: see `services/senders/methods.py`
├── DeadlineExceeded          DEADLINE_EXCEEDED
├── Unavailable               UNAVAILABLE
│   ├── StoreUnavailable          of files: see `services/files/stores.py`
│   └── ParquetFailed             of an export: see `services/exports/errors.py`
└── FileMissing               INTERNAL: see `services/files/stores.py`

Any other exception becomes INTERNAL. It is logged, and its text is never sent.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from google.rpc.code_pb2 import Code
from prospectconnect.type.v1.errors_pb2 import ErrorReason

from services.faults import Fault


class ServiceError(Exception):
    """The base class. `message` is for people and contains nothing internal.

    `text` is the message where none is given.
    """

    code: ClassVar[int] = Code.INTERNAL
    reason: ClassVar[ErrorReason.ValueType] = ErrorReason.ERROR_REASON_INTERNAL
    text: ClassVar[str] = "Something went wrong on our side."
    retry_seconds: int = 0

    def __init__(self, message: str = "") -> None:
        self.message = message or self.text
        super().__init__(self.message)

    def metadata(self) -> dict[str, str]:
        """Returns the metadata of the `ErrorInfo`."""
        return {}


class Invalid(ServiceError):
    code = Code.INVALID_ARGUMENT


class ValidationFailed(Invalid):
    reason = ErrorReason.ERROR_REASON_VALIDATION_FAILED

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            faults[0].message
            if len(faults) == 1
            else f"{len(faults)} fields failed validation."
        )
        self.faults = faults


class BadRequest(Invalid):
    reason = ErrorReason.ERROR_REASON_BAD_REQUEST


class Unauthenticated(ServiceError):
    code = Code.UNAUTHENTICATED


class TokenInvalid(Unauthenticated):
    reason = ErrorReason.ERROR_REASON_TOKEN_INVALID


class LoginRefused(Unauthenticated):
    reason = ErrorReason.ERROR_REASON_LOGIN_REFUSED
    text = "The address or the password is not right."


class PermissionDenied(ServiceError):
    code = Code.PERMISSION_DENIED

    def __init__(self, message: str, permission: str) -> None:
        super().__init__(message)
        self.permission = permission

    def metadata(self) -> dict[str, str]:
        return {"permission": self.permission}


class ScopeDenied(PermissionDenied):
    reason = ErrorReason.ERROR_REASON_SCOPE_DENIED


class RoleDenied(PermissionDenied):
    reason = ErrorReason.ERROR_REASON_ROLE_DENIED


class SystemRecord(PermissionDenied):
    reason = ErrorReason.ERROR_REASON_SYSTEM_RECORD

    def __init__(self) -> None:
        super().__init__("The record is one that the server alone writes.", "")

    def metadata(self) -> dict[str, str]:
        return {}


class FormInvalid(ServiceError):
    code = Code.PERMISSION_DENIED
    reason = ErrorReason.ERROR_REASON_FORM_INVALID
    text = "The form is not one of this browser, or it is too old."


class NotFound(ServiceError):
    code = Code.NOT_FOUND
    reason = ErrorReason.ERROR_REASON_NOT_FOUND
    text = "There is no such record."


class Gone(NotFound):
    reason = ErrorReason.ERROR_REASON_GONE
    text = "The contact was erased. Nothing can bring it back."

    def __init__(self, told: Mapping[str, str]) -> None:
        super().__init__()
        self.told = told

    def metadata(self) -> dict[str, str]:
        return dict(self.told)


class ChangesGone(Gone):
    """A cursor or a time leads to before the oldest change that is told."""

    def __init__(self, oldest: str) -> None:
        super().__init__({"oldest": oldest})
        self.message = (
            f"Changes are told since {oldest}, and not from where this leads. Ask for a"
            ' cursor with "start": "now", read the records, and go on from the cursor.'
        )


class EtagMismatch(ServiceError):
    code = Code.FAILED_PRECONDITION
    reason = ErrorReason.ERROR_REASON_ETAG_MISMATCH
    text = "The record has changed since it was read."


class ValuesUnfit(ServiceError):
    """Records hold values that a definition does not allow: how many, and some ids."""

    code = Code.FAILED_PRECONDITION
    reason = ErrorReason.ERROR_REASON_VALUES_UNFIT

    def __init__(self, message: str, count: int, sample: Sequence[str]) -> None:
        super().__init__(message)
        self.count = count
        self.sample = sample

    def metadata(self) -> dict[str, str]:
        return {"count": str(self.count), "sample": ",".join(self.sample)}


class InUse(ServiceError):
    """Something needs what is to be changed: how much, and some names."""

    code = Code.FAILED_PRECONDITION
    shown: ClassVar[int | None] = None

    def __init__(self, message: str, used_by: Sequence[str]) -> None:
        super().__init__(message)
        self.count = len(used_by)
        self.used_by = used_by[: self.shown]

    def metadata(self) -> dict[str, str]:
        return {"count": str(self.count), "used_by": ",".join(self.used_by)}


class ObjectInUse(InUse):
    reason = ErrorReason.ERROR_REASON_OBJECT_IN_USE
    shown = 10


class FieldUsed(InUse):
    reason = ErrorReason.ERROR_REASON_FIELD_USED


class RecordMerged(InUse):
    """A merged record stands in the way: the id of the survivor, or of a merge."""

    reason = ErrorReason.ERROR_REASON_RECORD_MERGED

    def __init__(self, by: str, message: str = "") -> None:
        text = message or f"The record was merged into {by}; delete that."
        super().__init__(text, (by,))


class WrongState(ServiceError):
    code = Code.FAILED_PRECONDITION
    reason = ErrorReason.ERROR_REASON_WRONG_STATE


class OperationFailed(ServiceError):
    """The error of an operation of an atomic batch, with the faults of all of them."""

    def __init__(
        self, error: ServiceError, operation: int, faults: Sequence[Fault]
    ) -> None:
        super().__init__(error.message)
        self.code = error.code  # type: ignore[misc]  # it stands for the error
        self.reason = error.reason  # type: ignore[misc]
        self.retry_seconds = error.retry_seconds
        self.error = error
        self.operation = operation
        self.faults = faults

    def metadata(self) -> dict[str, str]:
        return {**self.error.metadata(), "failed_operation": str(self.operation)}


class IdempotencyKeyReused(ServiceError):
    code = Code.ALREADY_EXISTS
    reason = ErrorReason.ERROR_REASON_IDEMPOTENCY_KEY_REUSED
    text = "The idempotency key was used for another request."


class IdempotencyKeyBusy(ServiceError):
    code = Code.ABORTED
    reason = ErrorReason.ERROR_REASON_IDEMPOTENCY_KEY_BUSY
    retry_seconds = 1
    text = "The first request with this key is still running."


class JobRunning(ServiceError):
    code = Code.ABORTED
    reason = ErrorReason.ERROR_REASON_JOB_RUNNING
    retry_seconds = 1


class LoginLimited(ServiceError):
    code = Code.RESOURCE_EXHAUSTED
    reason = ErrorReason.ERROR_REASON_LOGIN_LIMITED

    def __init__(self, seconds: int) -> None:
        super().__init__("There were too many attempts to log in.")
        self.retry_seconds = seconds


class RateLimited(ServiceError):
    code = Code.RESOURCE_EXHAUSTED
    reason = ErrorReason.ERROR_REASON_RATE_LIMITED

    def __init__(self, whose: str, seconds: int) -> None:
        super().__init__(f"The {whose}'s limit is used up; see RetryInfo.")
        self.retry_seconds = seconds


class DeadlineExceeded(ServiceError):
    code = Code.DEADLINE_EXCEEDED
    reason = ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED
    text = "The deadline passed before the answer was ready."


class Unavailable(ServiceError):
    code = Code.UNAVAILABLE
    reason = ErrorReason.ERROR_REASON_UNAVAILABLE
    retry_seconds = 1
    text = "The service is not available now."
