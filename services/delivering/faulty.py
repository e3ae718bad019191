"""Faults of deliveries that integrators plant in their sandboxes.

Webhooks of live tenants never come here. The services count, as they do for requests.
"""

import asyncio
from collections.abc import Awaitable, Callable

from services.delivering.sending import TIMEOUT, Outcome
from services.iam.sandbox_faults import take
from services.postgres.database import Database

LATE_SECONDS = 5.0

Send = Callable[[], Awaitable[Outcome]]


class Faulty:
    """Sends the deliveries of one webhook of a sandbox, each as it was planted."""

    def __init__(self, database: Database, business_id: str) -> None:
        self._database, self._business_id = database, business_id
        # Deliveries take faults in the order in which they are sent.
        self._turn = asyncio.Lock()
        self._sent_other = asyncio.Event()

    async def send(self, send: Send) -> Outcome:
        """Sends a delivery, or does not."""
        async with self._turn:
            its = self._database, self._business_id, ""
            fault = await take(*its, of_deliveries=True)
            kind = "" if fault is None else fault.answer
            if kind == "reorder":
                self._sent_other.clear()
        if kind == "drop":
            return Outcome(error=TIMEOUT)
        if kind == "duplicate":
            await send()
        elif kind == "delay":
            await asyncio.sleep(LATE_SECONDS)
        elif kind == "reorder":
            await self._let_another_pass()
        outcome = await send()
        self._sent_other.set()
        return outcome

    async def _let_another_pass(self) -> None:
        try:
            async with asyncio.timeout(LATE_SECONDS):
                await self._sent_other.wait()
        except TimeoutError:
            return
