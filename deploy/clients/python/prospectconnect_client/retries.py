"""Retries: which calls are sent again, and after which pause.

A call is sent again only if it may be executed twice: reads, changes and deletions are
repeatable by nature, creations and actions by their idempotency key. A call that was
refused before it ran may always be sent again. After a 409 that is so only if it has
`Retry-After`: any other conflict stays until somebody resolves it. After a 500 only
calls with a key are sent again: it is unknown what was done, and the key makes that
harmless.
"""

import random
from dataclasses import dataclass

from prospectconnect_client.answers import Answer
from prospectconnect_client.outcomes import Outcome
from prospectconnect_client.problems import Unreachable
from prospectconnect_contract.operations import Call

_REFUSED_BEFORE_IT_RAN = frozenset({408, 429})
_MAY_HAVE_RUN = frozenset({502, 503, 504})
_CONFLICT = 409
_FAULT = 500


@dataclass(frozen=True, slots=True)
class Retries:
    """The number of attempts and the pauses between them.

    Attributes:
        attempts: The most attempts of a call; 1 for no retries.
        first_pause: The longest pause before the second attempt, in seconds. It
            doubles with each attempt; the client waits a random part of it.
        longest_pause: The maximum of the growing pause.
        longest_wait: The longest wait that the server states, or that the rate limit
            needs. If it is longer, the call ends with its problem at once.
    """

    attempts: int = 5
    first_pause: float = 0.25
    longest_pause: float = 8.0
    longest_wait: float = 60.0

    def pause(self, call: Call, outcome: Outcome, attempt: int) -> float | None:
        """The seconds to wait before the next attempt; None for no further attempt.

        Args:
            call: The call.
            outcome: The outcome of its last attempt.
            attempt: The number of attempts so far.
        """
        if attempt >= self.attempts or not _may_pass(call, outcome):
            return None
        asked = outcome.retry_after if isinstance(outcome, Answer) else None
        if asked is not None and asked > self.longest_wait:
            return None
        growing = self.first_pause * 2.0 ** min(attempt - 1, 30)
        jitter = random.uniform(0, min(growing, self.longest_pause))  # noqa: S311 - no secret
        return (asked or 0.0) + jitter


USUAL = Retries()


def _may_pass(call: Call, outcome: Outcome) -> bool:
    """Whether another attempt may succeed, and does no harm."""
    if isinstance(outcome, Unreachable):
        return call.repeatable
    if outcome.status in _REFUSED_BEFORE_IT_RAN:
        return True
    if outcome.status == _CONFLICT:
        return outcome.retry_after is not None
    if outcome.status == _FAULT:
        return call.keyed and call.repeatable
    return outcome.status in _MAY_HAVE_RUN and call.repeatable
