"""Problems (RFC 9457): every error that leaves the edge is made here.

One table turns a reason into type, title and status. Reasons are those of the
protos' `ErrorReason`, and a few that only HTTP knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a body.

    `field` is a path relative to the body, e.g. `filters[0].operator`; `code` is
    one of the contract's section 3. `record_id` is the record that has a value which
    may not be there twice; it is empty, and not shown, where the client sees none.
    """

    field: str
    code: str
    message: str
    record_id: str = ""

    def shown(self) -> dict[str, str]:
        """The element of `errors`."""
        told = {"field": self.field, "code": self.code, "message": self.message}
        return told | {"record_id": self.record_id} if self.record_id else told


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A row of the table: HTTP status, the end of the type's URI, and the title."""

    status: int
    slug: str
    title: str


# What a client reads about a bug of ours; never the text of the exception.
_OUR_FAULT = "The request could not be answered. The fault is ours, not yours."

PROBLEMS: Mapping[str, ProblemType] = MappingProxyType(
    {
        "VALIDATION_FAILED": ProblemType(422, "validation", "Validation failed"),
        "BAD_REQUEST": ProblemType(400, "bad-request", "Bad request"),
        "TOKEN_INVALID": ProblemType(401, "unauthorized", "Unauthorized"),
        "SCOPE_DENIED": ProblemType(403, "forbidden", "Forbidden"),
        "ROLE_DENIED": ProblemType(403, "forbidden", "Forbidden"),
        "SYSTEM_RECORD": ProblemType(403, "forbidden", "Forbidden"),
        "NOT_FOUND": ProblemType(404, "not-found", "Not found"),
        "GONE": ProblemType(410, "gone", "Gone"),
        "ETAG_MISMATCH": ProblemType(412, "precondition-failed", "Precondition failed"),
        "IDEMPOTENCY_KEY_REUSED": ProblemType(
            422, "idempotency-key-reused", "Idempotency key reused"
        ),
        "IDEMPOTENCY_KEY_BUSY": ProblemType(409, "conflict", "Conflict"),
        "VALUES_UNFIT": ProblemType(409, "conflict", "Conflict"),
        "OBJECT_IN_USE": ProblemType(409, "conflict", "Conflict"),
        "FIELD_USED": ProblemType(409, "conflict", "Conflict"),
        "RECORD_MERGED": ProblemType(409, "conflict", "Conflict"),
        "WRONG_STATE": ProblemType(409, "conflict", "Conflict"),
        "SLOT_TAKEN": ProblemType(409, "slot-taken", "Slot taken"),
        "JOB_RUNNING": ProblemType(409, "conflict", "Conflict"),
        "DEPENDENCY_FAILED": ProblemType(424, "dependency-failed", "Dependency failed"),
        "UNAVAILABLE": ProblemType(503, "server-error", "Service unavailable"),
        "DEADLINE_EXCEEDED": ProblemType(504, "server-error", "Deadline exceeded"),
        "INTERNAL": ProblemType(500, "server-error", "Internal server error"),
        "RATE_LIMITED": ProblemType(429, "rate-limited", "Rate limited"),
        # Of OAuth and its pages, which answer in their own formats.
        "OAUTH_REFUSED": ProblemType(400, "bad-request", "Bad request"),
        "LOGIN_REFUSED": ProblemType(401, "unauthorized", "Unauthorized"),
        "LOGIN_LIMITED": ProblemType(429, "rate-limited", "Rate limited"),
        "FORM_INVALID": ProblemType(403, "forbidden", "Forbidden"),
        # Of the endpoint for assistants.
        "ORIGIN_REFUSED": ProblemType(403, "forbidden", "Forbidden"),
        "NOT_ACCEPTABLE": ProblemType(406, "bad-request", "Not acceptable"),
        # Made by the edge only; no service sends them.
        "TOKEN_MISSING": ProblemType(401, "unauthorized", "Unauthorized"),
        "METHOD_NOT_ALLOWED": ProblemType(
            405, "method-not-allowed", "Method not allowed"
        ),
        "REQUEST_TIMEOUT": ProblemType(408, "request-timeout", "Request timeout"),
        "PAYLOAD_TOO_LARGE": ProblemType(413, "payload-too-large", "Payload too large"),
        "UNSUPPORTED_MEDIA_TYPE": ProblemType(
            415, "unsupported-media-type", "Unsupported media type"
        ),
        "RANGE_NOT_SATISFIABLE": ProblemType(
            416, "range-not-satisfiable", "Range not satisfiable"
        ),
    }
)

# The value of `refused_by`.
_REFUSED_BY = MappingProxyType({"SCOPE_DENIED": "scope", "ROLE_DENIED": "role"})


class ProblemError(Exception):
    """Ends a request with a problem.

    Attributes:
        reason: A key of `PROBLEMS`.
        detail: A sentence for the client.
        headers: Response headers beyond the usual ones.
        members: Members of the document beyond the usual ones.
        omitted: How many more faults there are than `members["errors"]` shows.
    """

    def __init__(
        self,
        reason: str,
        detail: str,
        headers: Mapping[str, str] = MappingProxyType({}),
        members: Mapping[str, Any] = MappingProxyType({}),
        omitted: int = 0,
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.headers = headers
        self.members = members
        self.omitted = omitted

    @property
    def kind(self) -> ProblemType:
        """The row of the table."""
        return PROBLEMS[self.reason]


def our_fault() -> ProblemError:
    """A 500 that says nothing about the cause."""
    return ProblemError("INTERNAL", _OUR_FAULT)


def unavailable(
    detail: str = "The service cannot be reached at the moment. Try again.",
) -> ProblemError:
    """A 503 with Retry-After."""
    return ProblemError("UNAVAILABLE", detail, {"Retry-After": "1"})


def deadline_exceeded() -> ProblemError:
    """A 504."""
    return ProblemError("DEADLINE_EXCEEDED", "The answer was not ready in time.")


def permission_denied(reason: str, permission: str, detail: str = "") -> ProblemError:
    """A 403 that names what refused (scope or role) and the missing permission."""
    refused_by = _REFUSED_BY[reason]
    whose = "token's scopes do" if refused_by == "scope" else "user's role does"
    return ProblemError(
        reason,
        detail or f"The {whose} not grant {permission}.",
        members={"refused_by": refused_by, "required": permission},
    )


# What a 409 calls those that stand in the way.
IN_THE_WAY = MappingProxyType(
    {
        "VALUES_UNFIT": "sample",
        "OBJECT_IN_USE": "used_by",
        "FIELD_USED": "used_by",
        "RECORD_MERGED": "used_by",
    }
)


def in_the_way(reason: str, detail: str, told: Mapping[str, str]) -> ProblemError:
    """A 409 that says how many stand in the way, and names some of them."""
    name, count = IN_THE_WAY[reason], told["count"]
    some = [each for each in told[name].split(",") if each]
    members = {"count": int(count) if count.isdigit() else 0, name: some}
    return ProblemError(reason, detail, members=members)


def slot_taken(detail: str, told: Mapping[str, str]) -> ProblemError:
    """A 409 that names the next slots that are free."""
    pairs = (each.split("/") for each in told["next"].split(",") if each)
    free = [{"starts_at": start, "ends_at": end} for start, end in pairs]
    return ProblemError("SLOT_TAKEN", detail, members={"next": free})


def validation_failed(faults: Sequence[Fault], omitted: int = 0) -> ProblemError:
    """A 422 with one entry per fault.

    Args:
        faults: The faults to show, their paths relative to the body.
        omitted: How many more there are that are not shown.
    """
    count = len(faults) + omitted
    detail = faults[0].message if count == 1 else f"{count} fields failed validation."
    members = {"errors": list(faults)}
    return ProblemError("VALIDATION_FAILED", detail, {}, members, omitted)


def render(error: ProblemError, base: str, instance: str, trace_id: str) -> bytes:
    """The problem document as JSON; see `document`."""
    return orjson.dumps(document(error, base, instance, trace_id))


def document(
    error: ProblemError, base: str, instance: str, trace_id: str
) -> dict[str, Any]:
    """The problem document.

    Args:
        error: The problem.
        base: What type URIs begin with, e.g. `https://papi.example/problems/`.
        instance: The path of the request, as received.
        trace_id: The id under which the request is in the logs.
    """
    kind, members = error.kind, dict(error.members)
    if "errors" in members:
        members["errors"] = [each.shown() for each in members["errors"]]
    return {
        "type": base + kind.slug,
        "title": kind.title,
        "status": kind.status,
        "detail": error.detail,
        "instance": instance,
        "trace_id": trace_id,
        **members,
    }
