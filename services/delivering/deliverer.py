"""The deliverer of a process: serves webhooks of all tenants, many at once.

Ten times a second it asks for webhooks with something to do that nobody serves, and
claims them. Each webhook is served by one process, so the order of its changes and the
number of its requests need nobody else.
"""

import asyncio
import secrets
import time
from contextlib import suppress

import structlog

from services.delivering import queues
from services.delivering.serving import Parts, Serving
from services.errors import Unavailable

LOOK_SECONDS = 0.1
# A look that takes long, as where there are very many webhooks, is followed by a longer
# rest: ten times as long, but no longer than this.
_SHARE, _MOST_REST_SECONDS = 10, 1.0
MEASURE_SECONDS = 15.0
MOST_SERVED = 1_024
DRAIN_SECONDS = 5.0

_log = structlog.get_logger("services")


class Deliverer:
    """Serves webhooks in one event loop, from `run` until that is cancelled."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._serving: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._measures_at = 0.0
        self._is_away = False
        self._hurried = asyncio.Event()

    def hurry(self) -> None:
        """Lets it look at once for what is to be served."""
        self._hurried.set()

    async def run(self) -> None:
        """Serves webhooks until the task is cancelled; then others may have them."""
        try:
            while True:
                began = time.monotonic()
                await self._turn(began)
                took = time.monotonic() - began
                rest = min(_SHARE * took, _MOST_REST_SECONDS)
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(LOOK_SECONDS, rest)):
                        await self._hurried.wait()
                self._hurried.clear()
        finally:
            self._stopping.set()
            tasks = list(self._serving.values())
            if tasks:
                await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _turn(self, began: float) -> None:
        try:
            if began >= self._measures_at:
                self._measures_at = began + MEASURE_SECONDS
                await self._measure()
            if len(self._serving) < MOST_SERVED:
                await self._claim()
        except Unavailable:
            if not self._is_away:
                _log.warning("deliveries_wait_for_the_database")
            self._is_away = True
        except Exception:
            self._parts.figures.failed_turns += 1
            _log.exception("webhooks_were_not_looked_for")
        else:
            self._is_away = False

    async def _measure(self) -> None:
        figures = self._parts.figures
        found = await queues.waiting(self._parts.database)
        figures.pending, figures.oldest_seconds = found
        figures.unjudged = self._parts.telling.unjudged

    async def _claim(self) -> None:
        """Begins to serve what is to be served."""
        for key in await queues.find(self._parts.database):
            if key in self._serving:
                continue
            if len(self._serving) >= MOST_SERVED:
                return
            lease = secrets.token_hex(8)
            found = await queues.claim(self._parts.database, key, lease)
            if found is not None:
                serving = Serving(self._parts, found, self._stopping)
                task = asyncio.create_task(self._serve(key, serving))
                self._serving[key] = task
                self._parts.figures.serving = len(self._serving)

    async def _serve(self, key: tuple[str, str], serving: Serving) -> None:
        try:
            await serving.run()
        except Unavailable:
            pass  # its lease ends by itself
        except Exception:
            self._parts.figures.failed_turns += 1
            _log.exception("webhook_was_not_served", webhook=key[1])
        finally:
            with suppress(KeyError):
                del self._serving[key]
            self._parts.figures.serving = len(self._serving)
