"""Problems of reports beside others, as the edge says them of a single run."""

import asyncpg
from prospectconnect.reporting.v1.dashboards_pb2 import ReportProblem

from services.errors import (
    DeadlineExceeded,
    NotFound,
    PermissionDenied,
    ServiceError,
    Unavailable,
    ValidationFailed,
)

_TOO_LATE = (TimeoutError, asyncpg.QueryCanceledError)
# Errors that are no fault of ours.
EXPECTED = (ServiceError, *_TOO_LATE)

# By the class of the error, the first one that fits: type, title and status.
_TOLD: tuple[tuple[type[ServiceError], tuple[str, str, int]], ...] = (
    (ValidationFailed, ("validation", "Validation failed", 422)),
    (PermissionDenied, ("forbidden", "Forbidden", 403)),
    (NotFound, ("not-found", "Not found", 404)),
    (Unavailable, ("server-error", "Service unavailable", 503)),
    (DeadlineExceeded, ("server-error", "Deadline exceeded", 504)),
    (ServiceError, ("server-error", "Internal server error", 500)),
)


def problem_of(error: Exception) -> ReportProblem:
    """The problem that an error is. The text of an unexpected one is never told."""
    if isinstance(error, _TOO_LATE):
        error = DeadlineExceeded()
    elif not isinstance(error, ServiceError):
        error = ServiceError()
    told = next(told for each, told in _TOLD if isinstance(error, each))
    type_, title, status = told
    return ReportProblem(type=type_, title=title, status=status, detail=error.message)
