"""Rate limits: a budget for each token, a larger one for its tenant, and others.

GCRA: all that is kept of a budget is the theoretical arrival time (TAT), the
moment when it will be whole again. Budgets lie in memory that the workers of one
machine share, so that together they let no more through than one would.
"""

import fcntl
import mmap
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from edge.access import Caller, Limit

# A slot: the hash of the budget's key, and its TAT in nanoseconds since 1970.
# Integers, because a double near 1.8e9 seconds counts only in quarters of a
# microsecond, and that would add up.
_SLOT_BYTES = 16
_BUCKET_SLOTS = 8
_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """What became of a request and what is left for the next ones.

    `remaining` is the smaller of the token's and the tenant's. `reset` is when the
    whole budget is there again, in Unix seconds; `reset_after` is in seconds from
    now, and so is `retry_after`, which is 0 for a request that passed. `refused_by`
    says whose budget is used up, `token` or `tenant`.
    """

    limit: int
    window_seconds: int
    remaining: int
    reset: int
    reset_after: int
    retry_after: int
    refused_by: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the request passes."""
        return self.retry_after == 0

    def headers(self) -> dict[str, str]:
        """The contract's headers and those of the IETF draft."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f'"default";q={self.limit};w={self.window_seconds}',
            "RateLimit": f'"default";r={self.remaining};t={self.reset_after}',
        }


class RateLimiter(Protocol):
    """Where budgets are kept."""

    def take(self, caller: Caller) -> Budget:
        """Takes one request from the token's and the tenant's budget.

        Takes from both, or, when one of them is used up, from neither.
        """

    def pace(self, key: str, limit: Limit) -> int:
        """Takes one from a budget of its own.

        Returns 0, or, when the budget is used up, the seconds until it is not.
        """

    def give_back(self, key: str, limit: Limit) -> None:
        """Gives back what `pace` has taken."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """How one budget stands: times in nanoseconds, `wait` until one may pass."""

    tat: int
    interval: int
    remaining: int
    wait: int


def _stand(limit: Limit, tat: int, now: int) -> _Standing:
    window, interval = limit.window_seconds * _SECOND, _interval(limit)
    if tat > now + 2 * window:
        tat = now  # the clock was set back; nobody earns so distant a TAT
    tat = max(tat, now)
    burst = (limit.requests - 1) * interval
    spare = burst - (tat - now)
    if spare < 0:
        return _Standing(tat, interval, 0, -spare)
    return _Standing(tat, interval, spare // interval + 1, 0)


def _interval(limit: Limit) -> int:
    # Rounded up: never more than the limit.
    return -(-limit.window_seconds * _SECOND // limit.requests)


class SharedMemoryLimiter:
    """Budgets in a memory-mapped file, shared by the processes of one machine.

    The table has a fixed size. When its bucket is full, a new budget takes the
    place of the one that is whole again soonest, which forgets the least.
    """

    def __init__(
        self,
        path: Path | None = None,
        slots: int = 65_536,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        """Opens the table, and makes it if need be.

        Args:
            path: The file, the same for all processes. None: memory of this
                process alone, without locks.
            slots: The size of the table, a multiple of 16, the same for all.
            clock: Nanoseconds since 1970, the same for all processes.
        """
        size = slots * _SLOT_BYTES
        self._clock = clock
        self._file = _open_table(path, size) if path else None
        self._memory = mmap.mmap(self._file if self._file is not None else -1, size)
        self._words = memoryview(self._memory).cast("Q")
        self._half = slots // 2

    def take(self, caller: Caller) -> Budget:
        """See `RateLimiter.take`.

        The lock is the system's, which frees it should this process die.
        """
        token, tenant = _hash(caller.token_id), _hash(caller.business_id)
        self._lock(fcntl.LOCK_EX)
        try:
            now = self._clock()
            # A half for each, so that the two never fight for a slot.
            token_slot = self._slot(token, 0)
            tenant_slot = self._slot(tenant, self._half)
            own = _stand(caller.token_limit, self._words[token_slot + 1], now)
            shared = _stand(caller.tenant_limit, self._words[tenant_slot + 1], now)
            wait = max(own.wait, shared.wait)
            if not wait:
                self._words[token_slot + 1] = own.tat + own.interval
                self._words[tenant_slot + 1] = shared.tat + shared.interval
        finally:
            self._lock(fcntl.LOCK_UN)
        return _budget(caller.token_limit, own, shared, wait, now)

    def pace(self, key: str, limit: Limit) -> int:
        """See `RateLimiter.pace`."""
        self._lock(fcntl.LOCK_EX)
        try:
            slot = self._slot(_hash(key), 0)
            own = _stand(limit, self._words[slot + 1], self._clock())
            if not own.wait:
                self._words[slot + 1] = own.tat + own.interval
        finally:
            self._lock(fcntl.LOCK_UN)
        return -(-own.wait // _SECOND)

    def give_back(self, key: str, limit: Limit) -> None:
        """See `RateLimiter.give_back`."""
        self._lock(fcntl.LOCK_EX)
        try:
            slot = self._slot(_hash(key), 0)
            self._words[slot + 1] = max(0, self._words[slot + 1] - _interval(limit))
        finally:
            self._lock(fcntl.LOCK_UN)

    def close(self) -> None:
        """Lets the memory go; the file stays."""
        self._words.release()
        self._memory.close()
        if self._file is not None:
            os.close(self._file)

    def _lock(self, operation: int) -> None:
        """Locks the table for this process alone, or unlocks it."""
        if self._file is not None:
            fcntl.lockf(self._file, operation, 1)

    def _slot(self, key: int, start: int) -> int:
        """The index of a key's slot, or of the slot that it may take over."""
        words = self._words
        bucket = start + key % (self._half // _BUCKET_SLOTS) * _BUCKET_SLOTS
        first = bucket * 2
        indices = range(first, first + _BUCKET_SLOTS * 2, 2)
        for index in indices:
            if words[index] == key:
                return index
        oldest = min(indices, key=lambda index: words[index + 1])
        words[oldest], words[oldest + 1] = key, 0
        return oldest


def _open_table(path: Path, size: int) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.fstat(file).st_size < size:
        os.ftruncate(file, size)  # new bytes are zero: free slots
    return file


@lru_cache(maxsize=16_384)
def _hash(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big") or 1


def _budget(
    limit: Limit, own: _Standing, shared: _Standing, wait: int, now: int
) -> Budget:
    tighter = own if own.remaining <= shared.remaining else shared
    spent = 0 if wait else 1
    whole = tighter.tat + spent * tighter.interval
    left = tighter.remaining - spent
    return Budget(
        limit=limit.requests,
        window_seconds=limit.window_seconds,
        remaining=max(0, left),
        reset=-(-whole // _SECOND),
        reset_after=-(-(whole - now) // _SECOND),
        retry_after=-(-wait // _SECOND),
        refused_by="" if not wait else "token" if own.wait >= shared.wait else "tenant",
    )
