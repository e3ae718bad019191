"""Rate limits: a budget for each token, a larger one for its tenant, and others.

The workers of one machine share their budgets in a table (`budget_table`). Several
machines share them in Valkey (`valkey_limiter`). So all of them together allow no more
than one process would.
"""

import mmap
import os
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, Protocol

from edge.limits.budget_table import PureTable, Table, bytes_of
from edge.limits.limit import Limit

_BLOCK_BYTES = 512  # the unit of st_blocks
_SECOND = 1_000_000_000


class Budget(NamedTuple):  # made four times as fast as a frozen dataclass
    """The decision on a request, and the budget that is left.

    `left_of_token` and `left_of_tenant` are requests that may be made at once now, and
    `remaining` is the smaller of the two. `reset` is the time when the budget is full
    again, in Unix seconds, and `reset_after` the same in seconds from now.
    `retry_after` is in seconds from now, and 0 for a request that passed.
    `refused_by` names the budget that is used up, `token` or `tenant`. `wait` is
    `retry_after` in nanoseconds, not rounded up.
    """

    limit: int
    window_seconds: int
    remaining: int
    reset: int
    reset_after: int
    retry_after: int
    left_of_token: int
    left_of_tenant: int
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


class LimitedCaller(Protocol):
    """A caller's token and tenant, and the limit of each."""

    @property
    def token_id(self) -> str:
        """The id of the token."""

    @property
    def budget_of(self) -> str:
        """The key of the tenant's budget."""

    @property
    def token_limit(self) -> Limit:
        """The limit of the token."""

    @property
    def tenant_limit(self) -> Limit:
        """The limit of all tokens of the tenant together."""


class RateLimiter(Protocol):
    """A store of budgets."""

    def take(
        self, caller: LimitedCaller, requests: int = 1
    ) -> Budget | Awaitable[Budget]:
        """Takes requests, most often one, from the token's and the tenant's budget.

        It takes from both, or, if one of them is used up, from neither. It returns no
        awaitable if budgets are in memory: it runs for every request under `/v1`, and a
        coroutine that never waits would cost as much as the budgets themselves.
        """

    async def pace(self, key: str, limit: Limit) -> int:
        """Takes one request from the separate budget of a key.

        Returns 0, or, if the budget is used up, the seconds until a request is allowed.
        """

    async def give_back(self, key: str, limit: Limit) -> None:
        """Returns to the budget the request that `pace` has taken."""


class SharedMemoryLimiter:
    """Budgets in a memory-mapped file, shared by the processes of one machine."""

    def __init__(
        self,
        path: Path | None = None,
        slots: int = 32_768,
        clock: Callable[[], int] = time.time_ns,
        table: type[PureTable] = Table,
    ) -> None:
        """Opens the table, and creates it if it does not exist.

        Args:
            path: The file, the same for all processes. None: private memory of this
                process, without locks.
            slots: The size of a region, a multiple of 8, the same for all.
            clock: Nanoseconds since 1970, the same for all processes.
            table: The class of the table, the same for all.
        """
        size = bytes_of(slots)
        self._clock = clock
        self._file = -1 if path is None else _open_file(path, size)
        self._memory = mmap.mmap(self._file, size)
        self._table = table(self._memory, slots, self._file)

    def take(self, caller: LimitedCaller, requests: int = 1) -> Budget:
        """See `RateLimiter.take`."""
        own, shared, now = caller.token_limit, caller.tenant_limit, self._clock()
        own_tat, shared_tat, own_wait, shared_wait = self._table.take(
            _hash(caller.token_id),
            _hash(caller.budget_of),
            own.spans if requests == 1 else own.of_several(requests),
            shared.spans if requests == 1 else shared.of_several(requests),
            now,
        )
        refused, wait = "", 0
        if own_wait > 0 or shared_wait > 0:
            refused = "token" if own_wait >= shared_wait else "tenant"
            wait = max(own_wait, shared_wait)
        return budget_of((own, own_tat), (shared, shared_tat), refused, wait, now)

    async def pace(self, key: str, limit: Limit) -> int:
        """See `RateLimiter.pace`."""
        wait = self._table.pace(_hash(key), limit.spans, self._clock())
        return -(-wait // _SECOND)

    async def give_back(self, key: str, limit: Limit) -> None:
        """See `RateLimiter.give_back`."""
        self._table.give_back(_hash(key), limit.spans)

    def close(self) -> None:
        """Unmaps the memory; the file stays."""
        self._table.close()
        self._memory.close()
        if self._file >= 0:
            os.close(self._file)


def _open_file(path: Path, size: int) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    found = os.fstat(file)
    if found.st_size < size or found.st_blocks * _BLOCK_BYTES < size:
        _take_room(file, size)  # new bytes are zero: free slots
    return file


def _take_room(file: int, size: int) -> None:
    """Extends a file to a size, and allocates disk space for every byte.

    Without that, a write to the mapped memory would kill the process if the disk were
    full by then.
    """
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:  # macOS
        os.ftruncate(file, size)


@lru_cache(maxsize=16_384)
def _hash(key: str) -> int:
    return (
        int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big") >> 1 or 1
    )


Standing = tuple[Limit, int]  # a budget and its TAT


def budget_of(
    own: Standing, shared: Standing, refused: str, wait: int, now: int
) -> Budget:
    """The state of the budget with less left; times in nanoseconds.

    Args:
        own: The token's budget.
        shared: The tenant's.
        refused: The budget that is used up, `token` or `tenant`; else empty.
        wait: The time until a request passes again.
        now: The current time on the clock of the TATs.
    """
    limit, tat = own
    of_token = left = (limit.burst - tat + now) // limit.interval + 1
    of_tenant = (shared[0].burst - shared[1] + now) // shared[0].interval + 1
    if of_tenant < left:
        left, tat = of_tenant, shared[1]
    return Budget(
        limit.requests,
        limit.window_seconds,
        left if left > 0 else 0,
        reset=-(-tat // _SECOND),
        reset_after=-((now - tat) // _SECOND),
        retry_after=-(-wait // _SECOND),
        left_of_token=of_token,
        left_of_tenant=of_tenant,
        refused_by=refused,
        wait=wait,
    )
