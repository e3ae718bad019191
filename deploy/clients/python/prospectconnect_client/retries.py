"""When a call is made again, and after how long.

Only what may be done twice is: reads, changes and deletions by nature, creations and
actions by their idempotency key. A call that was refused before it ran always may be.
"""

import random
from dataclasses import dataclass

from prospectconnect_client.answers import Answer
from prospectconnect_client.outcomes import Outcome
from prospectconnect_client.problems import Unreachable
from prospectconnect_contract.operations import Call

_REFUSED_BEFORE_IT_RAN = frozenset({408, 429})
_MAY_HAVE_RUN = frozenset({502, 503, 504})
_STILL_RUNS = 409  # the first call with the same key


@dataclass(frozen=True, slots=True)
class Retries:
    """How patient a client is.

    Attributes:
        attempts: How often a call is made at most; 1 for no retries.
        first_pause: The longest pause before the second attempt, in seconds. It
            doubles from attempt to attempt; a random part of it is waited.
        longest_pause: What it grows to.
        longest_wait: What is waited at most when the server says how long, and for the
            rate limit. When it is more, the call ends with its problem at once.
    """

    attempts: int = 5
    first_pause: float = 0.25
    longest_pause: float = 8.0
    longest_wait: float = 60.0

    def pause(self, call: Call, outcome: Outcome, attempt: int) -> float | None:
        """How many seconds to wait before the next attempt; None to leave it.

        Args:
            call: The call that was made.
            outcome: What came of it.
            attempt: How often it has been made.
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
    """Whether another attempt may end better, and does no harm."""
    if isinstance(outcome, Unreachable):
        return call.repeatable
    if outcome.status in _REFUSED_BEFORE_IT_RAN:
        return True
    if outcome.status == _STILL_RUNS:
        return call.keyed
    return outcome.status in _MAY_HAVE_RUN and call.repeatable
