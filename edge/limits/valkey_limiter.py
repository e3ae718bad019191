"""Rate limits that several machines share, in Valkey.

A script takes from the token's budget and the tenant's in one round trip. It uses the
server's clock, so edges with different clocks agree. If Valkey is unreachable or slow,
this machine counts alone with the same limits. So an outage of Valkey is no outage of
the API, and a token gets at most one full limit on each machine.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any

import structlog
from valkey.asyncio import BlockingConnectionPool, Valkey
from valkey.exceptions import ValkeyError

from edge.limits.limit import Limit
from edge.limits.rate_limit import (
    Budget,
    LimitedCaller,
    SharedMemoryLimiter,
    budget_of,
)

_log = structlog.get_logger("edge")

ANSWER_SECONDS = 0.05  # the longest that a request waits for its budgets
TIMEOUTS = 3  # so many in a row are a failure; one may be a delay of this process
REST_SECONDS = 1.0  # after a failure; then one request tries again
CONNECTIONS = 32
CLOSE_SECONDS = 1.0

_NANOSECONDS = 1_000  # in a microsecond

# Takes one from each budget, or, if one of them is used up, from none. KEYS are the
# budgets; ARGV contains the interval, the burst and the window of each. It returns the
# time, and for each budget its TAT and its wait. All are in microseconds: a Lua number
# represents them exactly until the year 2255.
TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local told, passes = {now}, true
for i, key in ipairs(KEYS) do
  local tat = tonumber(redis.call('GET', key) or now)
  if tat <= now or tat > now + 2 * ARGV[3 * i] then tat = now end
  local wait = tat - now - ARGV[3 * i - 1]
  passes = passes and wait <= 0
  told[2 * i], told[2 * i + 1] = tat, wait
end
if passes then
  for i, key in ipairs(KEYS) do
    local tat = told[2 * i] + ARGV[3 * i - 2]
    local lasts = math.ceil((tat - now) / 1000)
    redis.call('SET', key, string.format('%.0f', tat), 'PX', lasts)
    told[2 * i] = tat
  end
end
return told
"""

GIVE_BACK = """
local tat = redis.call('GET', KEYS[1])
if tat then
  tat = string.format('%.0f', tat - ARGV[1])
  redis.call('SET', KEYS[1], tat, 'KEEPTTL')
end
"""


class ValkeyLimiter:
    """Budgets in Valkey, or in `alone` while Valkey cannot be reached.

    Attributes:
        counted_alone: The number of requests that this machine has counted alone.
    """

    def __init__(
        self,
        url: str,
        alone: SharedMemoryLimiter,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """Opens no connection yet; raises ValueError for a malformed URL."""
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=answer_seconds,
            # `_ask` limits the whole time. The client's own limits of five seconds
            # would count as an outage if `answer_seconds` were longer.
            socket_timeout=None,
            socket_connect_timeout=None,
            protocol=2,
        )
        self._valkey: Any = Valkey(connection_pool=pool)
        self._take = self._valkey.register_script(TAKE)
        self._give_back = self._valkey.register_script(GIVE_BACK)
        self._alone = alone
        self._answer_seconds = answer_seconds
        self._timeouts = 0  # in a row
        self._asks_again = 0.0  # when to try again, in `time.monotonic` seconds
        self._alone_since: int | None = None  # `counted_alone` at the last failure
        self.counted_alone = 0

    async def take(self, caller: LimitedCaller, requests: int = 1) -> Budget:
        """See `RateLimiter.take`."""
        own, shared = caller.token_limit, caller.tenant_limit
        # The part in braces selects the shard of a cluster: the same for both keys.
        tenant = f"prospectconnect:{{{caller.budget_of}}}"
        keys = (f"{tenant}:{caller.token_id}", tenant)
        told = await self._ask(
            self._take, keys, (*_numbers(own, requests), *_numbers(shared, requests))
        )
        if told is None:
            return self._alone.take(caller, requests)
        now, own_tat, own_wait, shared_tat, shared_wait = (
            each * _NANOSECONDS for each in told
        )
        wait = max(0, own_wait, shared_wait)
        refused = "" if not wait else "token" if own_wait >= shared_wait else "tenant"
        return budget_of((own, own_tat), (shared, shared_tat), refused, wait, now)

    async def pace(self, key: str, limit: Limit) -> int:
        """See `RateLimiter.pace`."""
        told = await self._ask(self._take, (_name(key),), _numbers(limit))
        if told is None:
            return await self._alone.pace(key, limit)
        wait: int = told[2]
        return max(0, -(-wait // 1_000_000))

    async def give_back(self, key: str, limit: Limit) -> None:
        """See `RateLimiter.give_back`."""
        if self._alone_since is not None:
            await self._alone.give_back(key, limit)
        await self._ask(self._give_back, (_name(key),), _numbers(limit)[:1])

    async def close(self) -> None:
        """Closes the connections, or abandons them if that fails."""
        with suppress(ValkeyError, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._valkey.aclose(close_connection_pool=True)

    async def _ask(
        self, script: Any, keys: Sequence[str], numbers: Sequence[int]
    ) -> Any:
        """Returns a script's answer; None if there is no answer in time."""
        if self._alone_since is not None and not self._is_time():
            self.counted_alone += 1
            return None
        try:
            async with asyncio.timeout(self._answer_seconds):
                told = _checked(await script(keys, numbers), len(numbers))
        except Exception as error:  # any failure: requests are still answered
            self._fail(error)
            return None
        self._timeouts = 0
        if self._alone_since is not None:
            self._return()
        return told

    def _is_time(self) -> bool:
        """Whether to try again; while one request does, others are counted alone."""
        now = time.monotonic()
        if now < self._asks_again:
            return False
        self._asks_again = now + REST_SECONDS
        return True

    def _fail(self, error: Exception) -> None:
        self.counted_alone += 1
        if isinstance(error, TimeoutError):
            self._timeouts += 1
            if self._timeouts < TIMEOUTS:
                return
        self._asks_again = time.monotonic() + REST_SECONDS
        if self._alone_since is None:
            self._alone_since = self.counted_alone - 1
            # The error's text may contain the address, and with it a password.
            _log.error("rate_limits_alone", error=type(error).__name__)

    def _return(self) -> None:
        alone = self.counted_alone - (self._alone_since or 0)
        self._alone_since = None
        _log.warning("rate_limits_together_again", counted_alone=alone)


def _checked(told: Any, numbers: int) -> Any:
    """An answer of the script `TAKE`: a time, and two numbers for each limit.

    The other script, which gets a single number, has no answer. Raises ValueError.
    """
    size = 1 + 2 * (numbers // 3)
    if size > 1 and not (
        isinstance(told, list)
        and len(told) == size
        and all(type(each) is int for each in told)
    ):
        raise ValueError
    return told


def _numbers(limit: Limit, requests: int = 1) -> tuple[int, int, int]:
    """A limit as arguments of the script, to take requests by."""
    window, interval, burst = limit.of_several(requests)
    return interval // _NANOSECONDS, burst // _NANOSECONDS, window // _NANOSECONDS


def _name(key: str) -> str:
    """The name of a separate budget; hashed, so that Valkey stores no addresses."""
    return f"prospectconnect:{sha256(key.encode()).hexdigest()[:32]}"
