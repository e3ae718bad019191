"""The deadlines of the calls in process.

One timer checks all of them every few milliseconds. A timer for each call would cost
each request time, and be more exact than a deadline of seconds needs.
"""

import asyncio

from deploy.serving.call_context import CallContext

LOOK_SECONDS = 0.01


class Deadlines:
    """The running calls with a deadline, in one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._running: set[CallContext] = set()
        self._looks = False

    def begin(self, context: CallContext, seconds: float | None) -> None:
        """Cancels the task of a call unless `end` is called within `seconds`."""
        if seconds is None:
            return
        context.ends_at = self._loop.time() + seconds
        self._running.add(context)
        if not self._looks:
            self._looks = True
            self._loop.call_later(LOOK_SECONDS, self._look)

    def end(self, context: CallContext) -> None:
        """Removes a call that has ended."""
        self._running.discard(context)

    def _look(self) -> None:
        now = self._loop.time()
        for context in tuple(self._running):
            if context.ends_at is not None and context.ends_at <= now:
                self._running.discard(context)
                context.expire()
        self._looks = bool(self._running)
        if self._looks:
            self._loop.call_later(LOOK_SECONDS, self._look)
