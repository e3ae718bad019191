"""Chooses who holds a meeting, while nobody else can book the time of its hosts."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import asyncpg
from prospectconnect.scheduling.v1.bookings_pb2 import Booking
from prospectconnect.scheduling.v1.meeting_types_pb2 import MeetingType
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, Caller
from services.clock import rfc3339
from services.errors import ValidationFailed
from services.faults import Fault
from services.meetings import finding, hosts
from services.meetings.errors import SlotTaken
from services.postgres.bound import BoundDatabase
from services.postgres.database import Database
from services.records import idempotency

Made = TypeVar("Made")


class ChangedError(Exception):
    """The booking that moves has changed since it was read."""


class _TakenError(Exception):
    """Something else is at that time."""


@dataclass(slots=True)
class Choice:
    """What is asked for, and who was chosen.

    `time` is a moment and how many minutes the meeting lasts. `before` is the booking
    that moves. `but` are the ids of bookings and holds that are in nobody's way.
    `refused` are hosts whose time the database has refused to give twice.
    """

    meeting: MeetingType = field(default_factory=MeetingType)
    time: tuple[int, int] = (0, 0)
    before: Booking | None = None
    but: Sequence[str] = ()
    locked: Sequence[str] = ()
    chosen: Sequence[str] = ()
    refused: set[str] = field(default_factory=set)

    def ask(
        self, meeting: MeetingType, time: tuple[int, int], before: Booking | None = None
    ) -> None:
        """Says what is asked for."""
        self.meeting, self.time, self.before = meeting, time, before
        self.but = () if before is None else (before.id,)
        self.locked, self.chosen = (), ()


class Choosing:
    """Chooses in the transaction of `bound`."""

    def __init__(self, database: Database, bound: BoundDatabase) -> None:
        self._database, self._bound = database, bound

    async def until_free(
        self, call: Call, work: Callable[[Choice], Awaitable[Made]]
    ) -> Made:
        """Does work in a transaction; with the next host where the database refuses
        one, and anew where the booking has changed. Raises `SlotTaken` with the next
        free slots. A call that was answered before locks nobody."""
        await idempotency.refuse_used(self._database, call)
        choice = Choice()
        while True:
            try:
                done, _ = await self._bound.within(lambda _: work(choice))
            except asyncpg.ExclusionViolationError:
                choice.refused.update(choice.chosen)
            except ChangedError:
                continue
            except _TakenError:
                break
            else:
                return done
        its = choice.meeting, choice.time, choice.but
        free = await finding.next_free(self._database, call.caller, *its)
        raise SlotTaken([(rfc3339(begin), rfc3339(end)) for begin, end in free])

    async def lock(self, caller: Caller, choice: Choice) -> None:
        """Locks all who may hold the meeting, and those who hold it."""
        meeting, before = choice.meeting, choice.before
        kept = [] if before is None else list(before.host_ids)
        choice.locked = [*kept, *(each.user_id for each in meeting.hosts)]
        await hosts.lock(self._bound, caller.business_id, choice.locked)

    async def choose(self, caller: Caller, choice: Choice) -> list[str]:
        """Who holds the meeting, the first of whom it belongs to.

        Their time stays as it is read here until the transaction ends. Raises
        `ValidationFailed` where there is no slot, taken or not.
        """
        meeting, before = choice.meeting, choice.before
        kept = [] if before is None else list(before.host_ids)
        if not choice.locked:
            await self.lock(caller, choice)
        where = self._bound, caller, meeting
        free = await finding.free_at(*where, choice.time, choice.but)
        if free is None:
            code = FaultCode.FAULT_CODE_INVALID
            message = finding.why_none(meeting, choice.time)
            raise ValidationFailed([Fault("starts_at", code, message)])
        left = [each for each in free if each not in choice.refused]
        chosen = await hosts.choose(*where, left, kept)
        if not chosen:
            raise _TakenError
        choice.chosen = chosen
        return chosen

    async def leave(self, caller: Caller, choice: Choice) -> None:
        """Leaves no row of the locks, once the booking is written."""
        if choice.locked:
            await hosts.unlock(self._bound, caller.business_id, choice.locked)
