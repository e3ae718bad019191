"""Hooks: functions that a program may pass, for logs, metrics and traces."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from prospectconnect_client.answers import Answer
from prospectconnect_client.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a call. It contains no token, body or headers.

    Attributes:
        method: The HTTP method.
        url: The full URL.
        number: 1 for the first attempt of a call, 2 for the next.
        status: The HTTP status; None before the answer, and if there was none.
        seconds: The duration; None before the answer.
    """

    method: str
    url: str
    number: int
    status: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Hooks:
    """Functions that are called for each attempt, in the thread that makes the call.

    An exception from a hook ends the call; the server may have executed it already.

    Attributes:
        on_request: Called before an attempt is sent.
        on_response: Called after its answer, or when it has failed without one.
    """

    on_request: Callable[[Attempt], None] | None = None
    on_response: Callable[[Attempt], None] | None = None

    def before(self, attempt: Attempt) -> None:
        """Calls `on_request`."""
        if self.on_request is not None:
            self.on_request(attempt)

    def after(self, attempt: Attempt, outcome: Outcome, seconds: float) -> None:
        """Calls `on_response`."""
        if self.on_response is not None:
            status = outcome.status if isinstance(outcome, Answer) else None
            self.on_response(replace(attempt, status=status, seconds=seconds))


NONE = Hooks()
