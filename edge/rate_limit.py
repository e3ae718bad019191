"""Rate limits: a budget for each token, a larger one for its tenant, and others.

GCRA: all that is kept of a budget is the theoretical arrival time (TAT), the
moment when it will be whole again. Budgets lie in memory that the workers of one
machine share, so that together they let no more through than one would; those of
several machines lie in Valkey (`valkey_limiter`).
"""

import fcntl
import mmap
import os
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, Protocol

from edge.access import Caller, Limit

# A slot: the hash of the budget's key, and its TAT in nanoseconds since 1970.
# Integers, because a double near 1.8e9 seconds counts only in quarters of a
# microsecond, and that would add up.
_SLOT_BYTES = 16
_BUCKET_SLOTS = 8
_SECOND = 1_000_000_000


class Budget(NamedTuple):  # made four times as fast as a frozen dataclass
    """What became of a request and what is left for the next ones.

    `remaining` is the smaller of the token's and the tenant's. `reset` is when the
    whole budget is there again, in Unix seconds; `reset_after` is in seconds from
    now, and so is `retry_after`, which is 0 for a request that passed. `refused_by`
    says whose budget is used up, `token` or `tenant`; `wait` is `retry_after` in
    nanoseconds, before it was rounded up.
    """

    limit: int
    window_seconds: int
    remaining: int
    reset: int
    reset_after: int
    retry_after: int
    refused_by: str = ""
    wait: int = 0

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

    def take(self, caller: Caller) -> Budget | Awaitable[Budget]:
        """Takes one request from the token's and the tenant's budget.

        Takes from both, or, when one of them is used up, from neither. It is there at
        once where budgets lie in memory: each request under `/v1` comes here, and a
        coroutine that has nothing to wait for costs as much as the budgets do.
        """

    async def pace(self, key: str, limit: Limit) -> int:
        """Takes one from a budget of its own.

        Returns 0, or, when the budget is used up, the seconds until it is not.
        """

    async def give_back(self, key: str, limit: Limit) -> None:
        """Gives back what `pace` has taken."""


def _tat(limit: Limit, kept: int, now: int) -> int:
    """The TAT of a budget as it stands now."""
    if kept <= now or kept > now + 2 * limit.window:
        return now  # or the clock was set back: nobody earns so distant a TAT
    return kept


class SharedMemoryLimiter:
    """Budgets in a memory-mapped file, shared by the processes of one machine.

    The table has a fixed size: a region for tokens, one for tenants and one for
    addresses, so that none of them fights another for a slot. When its bucket is full,
    a new budget takes the place of the one that is whole again soonest, which forgets
    the least.
    """

    def __init__(
        self,
        path: Path | None = None,
        slots: int = 32_768,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        """Opens the table, and makes it if need be.

        Args:
            path: The file, the same for all processes. None: memory of this
                process alone, without locks.
            slots: The size of a region, a multiple of 8, the same for all.
            clock: Nanoseconds since 1970, the same for all processes.
        """
        size = 3 * slots * _SLOT_BYTES
        self._clock = clock
        self._file = _open_table(path, size) if path else None
        self._memory = mmap.mmap(self._file if self._file is not None else -1, size)
        self._words = memoryview(self._memory).cast("Q")
        self._buckets = slots // _BUCKET_SLOTS
        self._tokens, self._tenants, self._addresses = 0, slots, 2 * slots

    def take(self, caller: Caller) -> Budget:
        """See `RateLimiter.take`.

        The lock is the system's, which frees it should this process die.
        """
        own, shared = caller.token_limit, caller.tenant_limit
        token, tenant = _hash(caller.token_id), _hash(caller.business_id)
        words = self._words
        self._lock(fcntl.LOCK_EX)
        try:
            now = self._clock()
            token_slot = self._slot(token, self._tokens) + 1
            tenant_slot = self._slot(tenant, self._tenants) + 1
            own_tat = _tat(own, words[token_slot], now)
            shared_tat = _tat(shared, words[tenant_slot], now)
            own_wait = own_tat - now - own.burst
            shared_wait = shared_tat - now - shared.burst
            if own_wait > 0 or shared_wait > 0:
                refused = "token" if own_wait >= shared_wait else "tenant"
                wait = max(own_wait, shared_wait)
            else:
                refused, wait = "", 0
                own_tat += own.interval
                shared_tat += shared.interval
                words[token_slot], words[tenant_slot] = own_tat, shared_tat
        finally:
            self._lock(fcntl.LOCK_UN)
        return budget_of((own, own_tat), (shared, shared_tat), refused, wait, now)

    async def pace(self, key: str, limit: Limit) -> int:
        """See `RateLimiter.pace`."""
        self._lock(fcntl.LOCK_EX)
        try:
            now, slot = self._clock(), self._slot(_hash(key), self._addresses) + 1
            tat = _tat(limit, self._words[slot], now)
            wait = max(0, tat - now - limit.burst)
            if not wait:
                self._words[slot] = tat + limit.interval
        finally:
            self._lock(fcntl.LOCK_UN)
        return -(-wait // _SECOND)

    async def give_back(self, key: str, limit: Limit) -> None:
        """See `RateLimiter.give_back`."""
        self._lock(fcntl.LOCK_EX)
        try:
            slot = self._slot(_hash(key), self._addresses) + 1
            self._words[slot] = max(0, self._words[slot] - limit.interval)
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
        bucket = start + key % self._buckets * _BUCKET_SLOTS
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


Standing = tuple[Limit, int]  # a budget and its TAT


def budget_of(
    own: Standing, shared: Standing, refused: str, wait: int, now: int
) -> Budget:
    """What is told of the tighter of two budgets; times in nanoseconds.

    Args:
        own: The token's budget.
        shared: The tenant's.
        refused: Whose is used up, if one is.
        wait: How long it takes until it is not.
        now: The time on the clock of the TATs.
    """
    left, tat = _left(own, now), own[1]
    if (of_tenant := _left(shared, now)) < left:
        left, tat = of_tenant, shared[1]
    return Budget(
        limit=own[0].requests,
        window_seconds=own[0].window_seconds,
        remaining=left,
        reset=-(-tat // _SECOND),
        reset_after=-(-(tat - now) // _SECOND),
        retry_after=-(-wait // _SECOND),
        refused_by=refused,
        wait=wait,
    )


def _left(standing: Standing, now: int) -> int:
    """How many requests may pass at this moment."""
    limit, tat = standing
    return max(0, (limit.burst - (tat - now)) // limit.interval + 1)
