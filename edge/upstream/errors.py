"""Errors of calls to the services, turned into problems.

Only an error with our own `ErrorInfo` is passed on to the client. Any other error was
made by the transport: its code alone decides the problem, and its text is only logged.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import grpc
import structlog
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from edge.problems import (
    IN_THE_WAY,
    PROBLEMS,
    Fault,
    ProblemError,
    deadline_exceeded,
    in_the_way,
    our_fault,
    permission_denied,
    slot_taken,
    unavailable,
    validation_failed,
)

_log = structlog.get_logger("edge")

DOMAIN = "prospectconnect.ai"

# What the problem of a batch, or of an operation, tells besides.
FAILED, DEPENDS = "failed_operation", "depends_on"


def problem_of(error: grpc.aio.AioRpcError) -> ProblemError:
    """The problem for an error of a call."""
    details = _details(error)
    info = _find(details, error_details_pb2.ErrorInfo)
    if info is None or info.domain != DOMAIN or info.reason not in PROBLEMS:
        return _of_transport(error)
    return _of_reason(info, details, error.details() or "")


def problem_of_status(status: status_pb2.Status) -> ProblemError:
    """The problem for the error of an operation of a batch."""
    details = tuple(status.details)
    info = _find(details, error_details_pb2.ErrorInfo)
    if info is None or info.reason not in PROBLEMS:
        return our_fault()
    return _of_reason(info, details, status.message)


def _of_reason(info: Any, details: Iterable[Any], text: str) -> ProblemError:
    """The problem for a reason; of a batch, with what it tells of its operations."""
    error = _of_details(info, details, text)
    if FAILED in info.metadata:
        faults = error.members.get("errors") or _faults(details)
        told = {FAILED: int(info.metadata[FAILED]), "errors": faults}
        error.members = {**error.members, **told}
    if DEPENDS in info.metadata:
        error.members = {DEPENDS: int(info.metadata[DEPENDS])}
    return error


def _of_details(info: Any, details: Iterable[Any], text: str) -> ProblemError:
    reason = info.reason
    if reason == "VALIDATION_FAILED":
        omitted = info.metadata.get("omitted", "0")
        faults = _faults(details)
        return validation_failed(faults, int(omitted) if omitted.isdigit() else 0)
    if reason in ("SCOPE_DENIED", "ROLE_DENIED"):
        return permission_denied(reason, info.metadata["permission"], text)
    if reason in IN_THE_WAY:
        return in_the_way(reason, text, info.metadata)
    if reason == "SLOT_TAKEN":
        return slot_taken(text, info.metadata)
    if reason == "GONE":
        return ProblemError(reason, text, members=dict(info.metadata))
    if PROBLEMS[reason].status >= 500:
        return _server_problem(reason)
    if reason == "OAUTH_REFUSED":
        return ProblemError(reason, text, members=dict(info.metadata))
    headers = _retry_after(_find(details, error_details_pb2.RetryInfo))
    if reason == "IDEMPOTENCY_KEY_BUSY" and not headers:
        headers = {"Retry-After": "1"}
    return ProblemError(reason, text or PROBLEMS[reason].title, headers)


def _details(error: grpc.aio.AioRpcError) -> Iterable[Any]:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            try:
                return tuple(status_pb2.Status.FromString(value).details)
            except DecodeError:
                return ()
    return ()


def _find(details: Iterable[Any], kind: Any) -> Any:
    return next(_all(details, kind), None)


def _all(details: Iterable[Any], kind: Any) -> Iterator[Any]:
    for detail in details:
        found = kind()
        if detail.Unpack(found):
            yield found


def _faults(details: Iterable[Any]) -> list[Fault]:
    """The faults of a request, each with the record that already has its value."""
    bad_request = _find(details, error_details_pb2.BadRequest)
    if bad_request is None:
        return []
    holders = {
        each.description: each.resource_name
        for each in _all(details, error_details_pb2.ResourceInfo)
    }
    return [
        Fault(
            each.field,
            each.reason.lower(),
            each.description,
            holders.get(each.field, ""),
        )
        for each in bad_request.field_violations
    ]


def _retry_after(info: Any) -> dict[str, str]:
    if info is None:
        return {}
    delay = info.retry_delay
    return {"Retry-After": str(max(1, delay.seconds + (delay.nanos > 0)))}


def _server_problem(reason: str) -> ProblemError:
    if reason == "UNAVAILABLE":
        return unavailable()
    return deadline_exceeded() if reason == "DEADLINE_EXCEEDED" else our_fault()


# What gRPC says when a message is too large, on either side.
_TOO_LARGE = "larger than max"


def _of_transport(error: grpc.aio.AioRpcError) -> ProblemError:
    """The problem for an error that the transport made; never a 4xx."""
    code = error.code()
    _log.warning("upstream_error", code=code.name, details=error.details())
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
        return unavailable()
    is_exhausted = code is grpc.StatusCode.RESOURCE_EXHAUSTED
    if is_exhausted and _TOO_LARGE not in (error.details() or ""):
        return unavailable()  # more concurrent calls than the services allow
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return deadline_exceeded()
    return our_fault()
