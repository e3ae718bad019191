"""The mailer of a process: sends the mail of all tenants, many at once.

Twice a second it asks for senders with mail that is due. Tenants take turns, and one of
them has a part of the process's places at most: a server that hangs holds up nobody
else.
"""

import asyncio
import secrets
import time
from contextlib import suppress

import structlog

from services.clock import AHEAD
from services.delivering.places import Places
from services.errors import Unavailable
from services.mailing import queue
from services.mailing.attempts import Parts, attempt, end_lost

LOOK_SECONDS = 0.5
MEASURE_SECONDS = 15.0
# So many mails go at once in a process, of one tenant, and of one sender.
MOST, MOST_OF_TENANT, MOST_OF_SENDER = 256, 8, 4
_MOST_SERVED = 1_024
DRAIN_SECONDS = 10.0

_log = structlog.get_logger("services")

_Key = tuple[str, str]


class Mailer:
    """Sends mail in one event loop, from `run` until that is cancelled."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._places = Places(MOST, MOST_OF_TENANT)
        self._serving: dict[_Key, set[asyncio.Task[None]]] = {}
        self._measures_at = 0.0
        self._is_away = self._is_stopping = False
        self._hurried = asyncio.Event()

    def hurry(self) -> None:
        """Lets it look at once for mail that is due."""
        self._hurried.set()

    async def run(self) -> None:
        """Sends mail until the task is cancelled; then others may have it."""
        try:
            while True:
                await self._turn()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._hurried.wait()
                self._hurried.clear()
        finally:
            self._is_stopping = True
            tasks = [task for every in self._serving.values() for task in every]
            if tasks:
                await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _turn(self) -> None:
        try:
            if time.monotonic() >= self._measures_at:
                self._measures_at = time.monotonic() + MEASURE_SECONDS
                found = await queue.waiting(self._parts.database)
                figures = self._parts.figures
                figures.waiting, figures.oldest_seconds = found
            for business_id, sender_id, ahead in await queue.find(self._parts.database):
                key = business_id, sender_id
                if key not in self._serving and len(self._serving) < _MOST_SERVED:
                    self._begin(key, ahead)
        except Unavailable:
            if not self._is_away:
                _log.warning("mail_waits_for_the_database")
            self._is_away = True
        except Exception:
            self._parts.figures.failed_turns += 1
            _log.exception("mail_was_not_looked_for")
        else:
            self._is_away = False

    def _begin(self, key: _Key, ahead: int) -> None:
        """Serves a sender by one more task."""
        task = asyncio.create_task(self._serve(key, ahead))
        every = self._serving.setdefault(key, set())
        every.add(task)
        task.add_done_callback(lambda done: self._done(key, done))

    def _done(self, key: _Key, task: "asyncio.Task[None]") -> None:
        every = self._serving[key]
        every.discard(task)
        if not every:
            del self._serving[key]

    async def _serve(self, key: _Key, ahead: int) -> None:
        """Sends mail of a sender until nothing more of it is due."""
        AHEAD.set(ahead)  # of this task, which serves one tenant
        figures = self._parts.figures
        try:
            await end_lost(self._parts, *key)
            while not self._is_stopping:
                async with self._places.of(key[0]):
                    given = *key, secrets.token_hex(8), 1
                    claimed = await queue.claim(self._parts.database, *given)
                    if not claimed:
                        return
                    if len(self._serving[key]) < MOST_OF_SENDER:
                        self._begin(key, ahead)
                    figures.sending += 1
                    try:
                        await attempt(self._parts, claimed[0])
                    finally:
                        figures.sending -= 1
        except Unavailable:
            pass  # its lease ends by itself
        except Exception:
            figures.failed_turns += 1
            _log.exception("mail_was_not_sent", sender=key[1])
