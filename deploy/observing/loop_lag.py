"""Measures the delay of the event loop. Code that blocks it delays every request."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_EVERY_SECONDS = 0.25
_WINDOW_SECONDS = 15.0  # longer than the interval between two scrapes


class LoopLag:
    """Measures the loop that runs it. Any thread may read the result."""

    def __init__(self) -> None:
        self._lags: deque[float] = deque(maxlen=int(_WINDOW_SECONDS / _EVERY_SECONDS))
        self._due = time.monotonic()

    def seconds(self) -> float:
        """Returns the longest recent delay, including one that still lasts."""
        lasting = time.monotonic() - self._due
        return max(0.0, lasting, *tuple(self._lags))

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Measures until the context ends."""
        self._due = time.monotonic() + _EVERY_SECONDS
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            now = time.monotonic()
            self._lags.append(now - self._due)
            self._due = now + _EVERY_SECONDS
