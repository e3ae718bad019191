"""The worker of a process: runs the jobs of all tenants, a step at a time.

Tenants alternate, and a tenant has half of a worker's processor at most: from the begin
of one step to the next there is twice the time that the step kept the processor busy.
What a step waits for the database is part of that rest. A worker without jobs asks the
database twice a second.
"""

import asyncio
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType

import structlog

from services.errors import Unavailable
from services.jobs import queue
from services.jobs.figures import JobFigures, kind_name, state_name
from services.jobs.queue import Claim
from services.jobs.work import NotNowError, Runners, Transactions, Work
from services.postgres.database import Database

LOOK_SECONDS = 0.5
MEASURE_SECONDS = 15.0
# More tenants wait for one of these: each has its turn within a lease.
MOST_HELD = 8

_log = structlog.get_logger("services")


@dataclass(slots=True)
class _Held:
    """A claimed job, and when its tenant may have the next step."""

    claim: Claim
    rests_until: float = 0.0


class Worker:
    """Runs jobs in one event loop, from `run` until that is cancelled."""

    def __init__(
        self,
        database: Database,
        runners: Runners,
        figures: JobFigures,
        transactions: Transactions = MappingProxyType({}),
    ) -> None:
        self._database = database
        self._runners, self._transactions = runners, transactions
        self.figures = figures
        self._lease = secrets.token_hex(8)
        # The jobs by tenant, in the order of their turns.
        self._held: dict[str, _Held] = {}
        self._looks_at = 0.0
        self._measures_at = 0.0
        self._is_away = False

    async def run(self) -> None:
        """Runs jobs until the task is cancelled; then others may have them."""
        try:
            while True:
                try:
                    await self._turn()
                except Unavailable:
                    self._lose_all()
                    await asyncio.sleep(LOOK_SECONDS)
                else:
                    self._is_away = False
        finally:
            with suppress(Unavailable):
                for held in self._held.values():
                    await queue.give_back(self._database, held.claim)

    def _lose_all(self) -> None:
        """Leaves all jobs to who comes first once the database is back."""
        if not self._is_away:
            _log.warning("jobs_wait_for_the_database")
        self._is_away = True
        self._held.clear()

    async def _turn(self) -> None:
        """Gives one tenant its step, or waits until one may have it."""
        now = asyncio.get_running_loop().time()
        if now >= self._looks_at:
            self._looks_at = now + LOOK_SECONDS
            await self._look(now)
        for tenant, held in self._held.items():
            if held.rests_until <= now:
                del self._held[tenant]
                await self._step(tenant, held)
                return
        ends = [held.rests_until for held in self._held.values()]
        await asyncio.sleep(max(0.0, min([self._looks_at, *ends]) - now))

    async def _look(self, now: float) -> None:
        """Claims jobs of tenants that this worker has no job of.

        Ends those that were cancelled before they began, whatever runs before them.
        """
        if now >= self._measures_at:
            self._measures_at = now + MEASURE_SECONDS
            found = await queue.waiting(self._database)
            self.figures.open, self.figures.oldest_seconds = found
        for tenant, ahead in await queue.due(self._database):
            if tenant in self._held:
                await self._end_given_up(tenant, ahead)
                continue
            if len(self._held) >= MOST_HELD:
                continue
            claimed = await queue.claim(self._database, tenant, self._lease, ahead)
            if claimed is not None:
                self._held[tenant] = _Held(claimed)

    async def _end_given_up(self, tenant: str, ahead: int) -> None:
        """Lets a job end that was cancelled before it began, if there is one.

        It does not wait for the job that is held. What is left of it to do does.
        """
        where = self._database, tenant, self._lease, ahead
        claimed = await queue.claim(*where, given_up=True)
        if claimed is None:
            return
        work = await self._done(claimed)
        if work is not None and work.is_open:
            await queue.give_back(self._database, claimed)

    async def _step(self, tenant: str, held: _Held) -> None:
        loop = asyncio.get_running_loop()
        began, used = loop.time(), time.thread_time()
        try:
            work = await self._done(held.claim)
        except (Unavailable, asyncio.CancelledError):
            self._held[tenant] = held
            raise
        if work is None:
            return
        if work.is_open and work.rests_seconds >= LOOK_SECONDS:
            await queue.rest(self._database, held.claim, work.rests_seconds)
        elif work.is_open:
            rests = max(2 * (time.thread_time() - used), work.rests_seconds)
            held.rests_until = began + rests
            self._held[tenant] = held  # behind all others
        else:
            self._looks_at = 0.0  # the tenant may have another job

    async def _done(self, claimed: Claim) -> Work | None:
        """Does a step of a job. Returns None if it failed, or if the job is lost."""
        loop, figures = asyncio.get_running_loop(), self.figures
        began = loop.time()
        try:
            given = claimed, self._runners, self._transactions
            work = await queue.step(self._database, *given)
        except NotNowError:
            _log.warning("job_waits", job=claimed.id, exc_info=True)
            await queue.wait(self._database, claimed)
            return None
        except (Unavailable, asyncio.CancelledError):
            raise
        except Exception:
            figures.failed_steps += 1
            _log.exception("job_step_failed", job=claimed.id)
            await queue.put_off(self._database, claimed)
            return None
        figures.steps += 1
        figures.step_seconds += loop.time() - began
        if work is not None:
            self._note(work)
        return work

    def _note(self, work: Work) -> None:
        if work.has_ended_now:
            key = kind_name(work.kind), state_name(work.state)
            self.figures.ended[key] += 1
            _log.info("job_ended", job=work.id, kind=key[0], state=key[1])
