"""Errors as exceptions: one class for each type of problem.

    ProspectConnectError
    ├── Unreachable               no answer, after all attempts
    └── Problem                   the API refused, or a server between
        ├── BadRequest            400
        ├── Unauthorized          401
        ├── Forbidden             403: `refused_by`, `required`
        ├── NotFound              404
        │   └── Gone              410: `erased_id`, `erased_at`, `erased_by`, `reason`
        ├── RequestTimeout        408
        ├── Conflict              409: `used_by`, `count`, `sample`, `retry_after`
        ├── SlotTaken             409: `free`
        ├── PreconditionFailed    412
        ├── PayloadTooLarge       413
        ├── ValidationFailed      422: `errors`
        ├── IdempotencyKeyReused  422
        ├── RateLimited           429: `retry_after`
        └── ServerError           5xx

A type that this version does not know is a plain `Problem`: the API may add types.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from prospectconnect_client.answers import Answer
from prospectconnect_contract.records import Fault

_TOLD = 3  # the most faults in an exception's text; `errors` contains all


class ProspectConnectError(Exception):
    """The base class of this client's own exceptions."""


class Unreachable(ProspectConnectError):
    """There was no answer. It is unknown whether the call was executed.

    The text names the address and the reason; `__cause__` is the failure itself.
    """


class Problem(ProspectConnectError):
    """An answer that is a problem document (RFC 9457).

    Attributes:
        answer: The whole answer.
        type: The URI of the problem's type; use it or the class for decisions.
        title: The type in words.
        status: The HTTP status.
        detail: A description of this problem for people.
        instance: The path of the call.
        trace_id: The id by which support finds the call.
    """

    def __init__(self, answer: Answer) -> None:
        told = _document(answer)
        self.answer = answer
        self.type = str(told.get("type", "about:blank"))
        self.title = str(told.get("title", ""))
        self.status = answer.status
        self.detail = str(told.get("detail", ""))
        self.instance = str(told.get("instance", ""))
        self.trace_id = answer.trace_id
        self._told = told
        super().__init__(f"{self.status} {self._message()}".rstrip())

    def _message(self) -> str:
        return self.detail or self.title


class BadRequest(Problem):
    """The request cannot be read, or its cursor belongs to another search."""


class Unauthorized(Problem):
    """The token is missing, unknown, expired or revoked."""


class Forbidden(Problem):
    """The token's scopes or the user's role do not grant it."""

    @property
    def refused_by(self) -> str | None:
        """`scope` or `role`, if one of them does not grant the call."""
        return self._told.get("refused_by")

    @property
    def required(self) -> str | None:
        """The required permission, such as `deal.write`."""
        return self._told.get("required")


class NotFound(Problem):
    """The record does not exist, or the caller may not see it."""


class Gone(NotFound):
    """The contact was erased: its data was destroyed, and will never be there again."""

    @property
    def erased_id(self) -> str | None:
        """The id of the contact that was erased."""
        return self._told.get("erased_id")

    @property
    def erased_at(self) -> str | None:
        """When it was erased."""
        return self._told.get("erased_at")

    @property
    def erased_by(self) -> str | None:
        """The id of the user who erased it."""
        return self._told.get("erased_by")

    @property
    def reason(self) -> str | None:
        """Why it was erased."""
        return self._told.get("reason")


class RequestTimeout(Problem):
    """The request did not arrive in time."""


class Conflict(Problem):
    """A request or a job is still running, or something stands in the way.

    Only what is still running comes to an end: it has `retry_after`.
    """

    @property
    def retry_after(self) -> float | None:
        """The seconds to wait before trying again, if trying again can help."""
        return self.answer.retry_after

    @property
    def used_by(self) -> Sequence[str]:
        """What uses or replaced it, up to ten: the id of a survivor, keys of fields."""
        told: Sequence[str] = self._told.get("used_by", [])
        return told

    @property
    def count(self) -> int | None:
        """How many stand in the way, also those that are not named."""
        return self._told.get("count")

    @property
    def sample(self) -> Sequence[str]:
        """The ids of up to ten records that stand in the way."""
        told: Sequence[str] = self._told.get("sample", [])
        return told


class SlotTaken(Problem):
    """Something else is at the time that a booking asks for."""

    @property
    def free(self) -> Sequence[Mapping[str, str]]:
        """The next slots that are free, up to three: `starts_at` and `ends_at`."""
        told: Sequence[Mapping[str, str]] = self._told.get("next", [])
        return told


class PreconditionFailed(Problem):
    """The record does not have the version in `if_match`."""


class PayloadTooLarge(Problem):
    """The body is larger than the API accepts."""


class ValidationFailed(Problem):
    """Fields are missing or wrong."""

    @property
    def errors(self) -> Sequence[Fault]:
        """All faults: each `field`, `code` and `message`.

        A value that another record has comes with its `record_id`, if you see it.
        """
        told: Sequence[Fault] = self._told.get("errors", [])
        return told

    def _message(self) -> str:
        told = [f"{each['field']}: {each['message']}" for each in self.errors[:_TOLD]]
        if more := len(self.errors) - len(told):
            told.append(f"and {more} more")
        return "; ".join(told) or super()._message()


class IdempotencyKeyReused(Problem):
    """The key was used before, by another request."""


class RateLimited(Problem):
    """Too many requests."""

    @property
    def retry_after(self) -> float | None:
        """The seconds to wait before trying again."""
        return self.answer.retry_after


class ServerError(Problem):
    """An error of the server: 500, 503 or 504."""


_CLASSES: Mapping[str, type[Problem]] = {
    "bad-request": BadRequest,
    "unauthorized": Unauthorized,
    "forbidden": Forbidden,
    "not-found": NotFound,
    "gone": Gone,
    "request-timeout": RequestTimeout,
    "conflict": Conflict,
    "slot-taken": SlotTaken,
    "precondition-failed": PreconditionFailed,
    "payload-too-large": PayloadTooLarge,
    "validation": ValidationFailed,
    "idempotency-key-reused": IdempotencyKeyReused,
    "rate-limited": RateLimited,
    "server-error": ServerError,
}


# By status, for answers of servers between, which do not know our types.
_BY_STATUS: Mapping[int, type[Problem]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    408: RequestTimeout,
    413: PayloadTooLarge,
    429: RateLimited,
}


def problem_of(answer: Answer) -> Problem:
    """The exception for an answer that is not a success."""
    slug = Problem(answer).type.rpartition("/")[2]
    rest = ServerError if answer.status >= 500 else Problem
    return _CLASSES.get(slug, _BY_STATUS.get(answer.status, rest))(answer)


def _document(answer: Answer) -> dict[str, Any]:
    """The problem document; empty if a server between wrote the answer."""
    try:
        told = json.loads(answer.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
