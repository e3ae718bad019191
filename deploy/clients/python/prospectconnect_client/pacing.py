"""Spaces the requests of a client, so that the rate limit refuses none.

A pacer estimates the rest of the token's budget, and never too high: the rest in the
last answers, minus the requests in flight, plus the refill since then. All calls of a
client share it.
"""

import threading
import time
from collections.abc import Callable

from prospectconnect_client.answers import Answer
from prospectconnect_client.outcomes import Outcome

_SHORTEST_WAIT = 0.001  # seconds

# A little slower than the API allows, because clocks differ.
_PACE = 0.99


class Pacer:
    """Determines when the next request may be sent. Threads may share it.

    Invariant: `_free` is at most the API's budget minus the requests in flight. It
    holds for any duration of answers, because both grow at the same rate: the API's
    budget until it is full, and `_free` until the budget would be full if none of the
    requests in flight had arrived.
    """

    def __init__(
        self, longest_wait: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """The limit is unknown at first.

        Args:
            longest_wait: The longest wait in seconds. A request that would wait longer
                is sent at once: the API refuses it, and states the time to wait.
            clock: Returns seconds since any fixed time.
        """
        self._longest_wait = longest_wait
        self._clock = clock
        self._lock = threading.Lock()
        self._known = False
        self._limit = 0.0
        self._rate = 0.0  # the refill in requests per second; 0 for no limit
        self._free = 0.0
        self._at = 0.0
        self._on_their_way = 0

    @property
    def is_known(self) -> bool:
        """Whether an answer has stated the limit, or that there is none."""
        return self._known

    def wait(self) -> float:
        """The seconds to wait before the next call of `wait`; 0 to send now."""
        with self._lock:
            self._come_back()
            if not self._rate or self._free >= 1:
                return 0.0
            wait = (1 - self._free) / self._rate
            if wait > self._longest_wait:
                return 0.0
            return max(wait, _SHORTEST_WAIT)

    def leave(self) -> None:
        """Records that a request is sent."""
        with self._lock:
            self._come_back()
            self._free -= 1
            self._on_their_way += 1

    def arrive(self, outcome: Outcome | None) -> None:
        """Records the outcome of a request; None if its caller was cancelled."""
        with self._lock:
            self._come_back()
            self._on_their_way -= 1
            if isinstance(outcome, Answer):
                self._learn(outcome)

    def _come_back(self) -> None:
        """Adds the refill since the last call."""
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
