"""How a client spaces its requests, so that none is refused by the rate limit.

A pacer counts what is left of the token's budget, and never too much: what the answers
told, less the requests on their way, plus what came back since. All calls of a client
share it.
"""

import threading
import time
from collections.abc import Callable

from prospectconnect_client.answers import Answer
from prospectconnect_client.outcomes import Outcome

_SHORTEST_WAIT = 0.001  # seconds

# A little slower than the API allows: no two clocks run alike.
_PACE = 0.99


class Pacer:
    """Says when the next request may be sent. Threads may share it.

    The invariant: `_free` is at most what the API would let through at once, less the
    requests that are on their way. It holds however long an answer takes, because both
    grow at the same rate: the API's until it is full, this one until it would be, had
    nothing arrived that is on its way.
    """

    def __init__(
        self, longest_wait: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begins with no knowledge of any limit.

        Args:
            longest_wait: What is waited at most, in seconds. A request that would wait
                longer is sent at once: the API refuses it, and says for how long.
            clock: Seconds since some time.
        """
        self._longest_wait = longest_wait
        self._clock = clock
        self._lock = threading.Lock()
        self._known = False
        self._limit = 0.0
        self._rate = 0.0  # requests a second that come back; 0 for no limit
        self._free = 0.0
        self._at = 0.0
        self._on_their_way = 0

    @property
    def is_known(self) -> bool:
        """Whether an answer has told of limits, or that there are none."""
        return self._known

    def wait(self) -> float:
        """How many seconds to wait before asking again; 0 to send now."""
        with self._lock:
            self._come_back()
            if not self._rate or self._free >= 1:
                return 0.0
            wait = (1 - self._free) / self._rate
            if wait > self._longest_wait:
                return 0.0
            return max(wait, _SHORTEST_WAIT)

    def leave(self) -> None:
        """Notes that a request is sent."""
        with self._lock:
            self._come_back()
            self._free -= 1
            self._on_their_way += 1

    def arrive(self, outcome: Outcome | None) -> None:
        """Notes what came of a request; None when its caller has gone."""
        with self._lock:
            self._come_back()
            self._on_their_way -= 1
            if isinstance(outcome, Answer):
                self._learn(outcome)

    def _come_back(self) -> None:
        """Adds what has come back since the last time."""
        now = self._clock()
        full = self._limit - self._on_their_way
        self._free = min(full, self._free + (now - self._at) * self._rate)
        self._at = now

    def _learn(self, answer: Answer) -> None:
        told = answer.rate_limit
        if told is None or not told.window or not told.limit:
            self._known = self._known or answer.status < 300
            return
        left = float(told.remaining - self._on_their_way)
        if not self._rate:
            self._free = left
        self._known = True
        self._limit = float(told.limit)
        self._rate = _PACE * told.limit / told.window
        self._free = min(self._free, left)
