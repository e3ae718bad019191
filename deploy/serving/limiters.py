"""Opens the store of rate limits: a file for one machine, or Valkey for several.

Edges count the requests that they serve. Services count the calls of callers that use
no edge, in the same budgets where both use the same store.
"""

from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import lru_cache

from deploy.errors import SettingsError
from deploy.private_files import make_folder
from deploy.settings import Settings
from edge.callers.caller import budget_of
from edge.limits.limit import Limit
from edge.limits.rate_limit import Budget, RateLimiter, SharedMemoryLimiter
from services.caller import Caller
from services.errors import RateLimited
from services.gates.door import Count


def open_limiter(
    parts: AsyncExitStack, settings: Settings, *, has_file: bool = True
) -> RateLimiter:
    """Opens the limiter of the settings; `parts` closes it.

    Without a file, and without Valkey, the budgets are this process's own.

    Raises SettingsError if the folder is not writable, the URL is not valid, or the
    package for Valkey is missing.
    """
    try:
        if has_file:
            make_folder(settings.data_dir)
        file = settings.rate_limit_file if has_file else None
        alone = SharedMemoryLimiter(file)
    except OSError as error:
        need = f"--data-dir {settings.data_dir} must hold the rate limits"
        raise SettingsError(f"{need}: {error.strerror}.") from None
    parts.callback(alone.close)
    if settings.rate_limit_url is None:
        return alone
    try:
        from edge.limits.valkey_limiter import ValkeyLimiter  # noqa: PLC0415 - an extra
    except ImportError:
        need = "--rate-limit-url needs the extra: pip install 'prospectconnect[valkey]'"
        raise SettingsError(f"{need}.") from None
    try:
        limiter = ValkeyLimiter(settings.rate_limit_url, alone)
    except ValueError:
        # The message omits the URL, which may contain a password.
        need = "--rate-limit-url must be valkey://HOST:PORT or valkeys://HOST:PORT"
        raise SettingsError(f"{need}.") from None
    parts.push_async_callback(limiter.close)
    return limiter


@dataclass(frozen=True, slots=True)
class _Limited:
    """A caller of the services, as limiters of the edge take it."""

    token_id: str
    budget_of: str
    token_limit: Limit
    tenant_limit: Limit


def count_calls(limiter: RateLimiter) -> Count:
    """Returns the function by which services count a call in a limiter's budgets."""

    def count(caller: Caller, requests: int) -> Awaitable[None] | None:
        taken = limiter.take(
            _Limited(
                caller.token_id,
                budget_of(caller),
                _limit(caller.token_limit),
                _limit(caller.tenant_limit),
            ),
            requests,
        )
        if not isinstance(taken, Budget):
            return _await(taken)
        _check(taken)
        return None

    return count


@lru_cache(maxsize=1_024)
def _limit(limit: tuple[int, int]) -> Limit:
    return Limit(*limit)


async def _await(taken: Awaitable[Budget]) -> None:
    _check(await taken)


def _check(budget: Budget) -> None:
    if not budget.allowed:
        raise RateLimited(budget.refused_by, budget.retry_after)
