"""Cuts long work of the event loop into short stretches, and lets others work between.

All requests of a process share its event loop. A request passes through the loop about
six times until it is answered, and waits each time for what runs there just then.
"""

import asyncio
from collections.abc import Awaitable
from contextvars import ContextVar
from time import perf_counter
from typing import Protocol

# So long runs one piece of work before others may go on.
LONGEST_SECONDS = 0.00025
# A round of the loop that took longer did work of others. They may have more to do at
# once, and go on before the long work does, for some rounds.
_BUSY_SECONDS = 0.0001
_MOST_ROUNDS = 4


class Calls(Protocol):
    """The calls of clients that run in a process."""

    def rest(self) -> Awaitable[None] | None:
        """What work that nobody waits for rests by; None if no call has just begun.

        It is over when no call runs any more, after some milliseconds at the latest.
        """


# What a job and all that it begins give way to, also while it waits for the database.
# Others than jobs are calls themselves, and have none.
CALLS: ContextVar[Calls | None] = ContextVar("calls", default=None)


class Pauses:
    """The pauses of one piece of work. Ask for one wherever the work may rest."""

    __slots__ = ("_calls", "_until")

    def __init__(self) -> None:
        self._calls = CALLS.get()
        self._until = perf_counter() + LONGEST_SECONDS

    async def between(self) -> None:
        """Lets others go on if the work has run for long enough."""
        if perf_counter() >= self._until:
            await self.now()

    async def now(self) -> None:
        """Lets others go on, and begins a new stretch."""
        moment = perf_counter()
        for _ in range(_MOST_ROUNDS):
            await asyncio.sleep(0)
            before, moment = moment, perf_counter()
            if moment - before < _BUSY_SECONDS:
                break
        if self._calls is not None and (rest := self._calls.rest()) is not None:
            await rest
            moment = perf_counter()
        self._until = moment + LONGEST_SECONDS
