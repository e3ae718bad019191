"""How late the event loop is: whatever blocks it keeps every request waiting."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_EVERY_SECONDS = 0.25
_WINDOW_SECONDS = 15.0  # longer than it takes until a scrape comes by


class LoopLag:
    """Watches the loop that runs it; another thread may ask for the figure."""

    def __init__(self) -> None:
        self._lags: deque[float] = deque(maxlen=int(_WINDOW_SECONDS / _EVERY_SECONDS))
        self._due = time.monotonic()

    def seconds(self) -> float:
        """The longest delay of late, one that lasts included."""
        lasting = time.monotonic() - self._due
        return max(0.0, lasting, *tuple(self._lags))

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Watches as long as the context lasts."""
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
