"""A lock that a test holds, so that the product's statements must wait for it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE $1 = ANY (pg_blocking_pids(pid)) AND state = 'active'
"""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that is held until the block ends or `release` is called."""

    _runner: asyncio.Runner
    _holder: Any
    _watcher: Any

    def waiting(self) -> int:
        """The number of other statements that wait for it."""
        pid = self._holder.get_server_pid()
        return int(self._runner.run(self._watcher.fetchval(_WAITING, pid)))

    def release(self) -> None:
        """Rolls back, so that waiting statements continue."""
        if self._holder.is_in_transaction():
            self._runner.run(self._holder.execute("ROLLBACK"))


@contextmanager
def held(database_url: str, sql: str, *values: object) -> Iterator[Lock]:
    """Holds the locks of a statement, and then rolls back."""
    with asyncio.Runner() as runner:
        holder = runner.run(asyncpg.connect(database_url))
        watcher = runner.run(asyncpg.connect(database_url))
        runner.run(holder.execute("BEGIN"))
        runner.run(holder.execute(sql, *values))
        lock = Lock(runner, holder, watcher)
        try:
            yield lock
        finally:
            lock.release()
            runner.run(holder.close())
            runner.run(watcher.close())


def until(condition: Callable[[], object], seconds: float = 180.0) -> None:
    """Waits until the condition is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.005)
