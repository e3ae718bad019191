"""The methods of holds."""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.scheduling.v1 import meeting_types_pb2 as pb

from services.caller import Call, current_call
from services.clock import SECOND, from_timestamp
from services.errors import NotFound
from services.meetings import asked, holds
from services.meetings.choosing import Choice, Choosing
from services.meetings.errors import HoldsLimited
from services.meetings.held_types import HeldTypes
from services.meetings.holds import Wanted
from services.postgres.bound import BoundDatabase
from services.postgres.database import Database
from services.records.commands import keep_answer
from services.records.engine import Records

_MINUTE = 60 * SECOND


class HoldMethods:
    """The methods of `MeetingTypeService` that are about holds."""

    def __init__(self, database: Database, types: Records[Any]) -> None:
        self._database = database
        self._bound = BoundDatabase(database)
        self._types = HeldTypes(self._bound, types)
        self._choosing = Choosing(database, self._bound)

    async def CreateHold(self, request: pb.CreateHoldRequest, _: Any) -> pb.Hold:
        call = current_call()

        async def hold(choice: Choice) -> pb.Hold:
            caller = call.caller
            meeting = await self._types.seen(call, request.id)
            if meeting is None:
                raise NotFound
            duration = asked.duration_of(meeting, request)
            wanted = _wanted(call, request, duration)
            await self._refuse_too_many(call)
            choice.ask(meeting, (wanted.starts_at, duration))
            await self._choosing.lock(caller, choice)
            before = await holds.of_visitor(self._bound, caller, wanted)
            choice.but = (before,) if before else ()
            chosen = await self._choosing.choose(caller, choice)
            if before:
                await holds.end(self._bound, caller, before)
            made = await holds.add(self._bound, caller, wanted, chosen)
            await self._choosing.leave(caller, choice)
            await keep_answer(self._bound, call, made)
            return made

        return await self._choosing.until_free(call, hold)

    async def GetHold(self, request: pb.GetHoldRequest, _: Any) -> pb.Hold:
        return await self._living(self._database, request)

    async def DeleteHold(self, request: pb.DeleteHoldRequest, _: Any) -> Empty:
        async def delete(_: Any) -> Empty:
            hold = await self._living(self._bound, request, locked=True)
            await holds.end(self._bound, current_call().caller, hold.id)
            return Empty()

        done, _ = await self._bound.within(delete)
        return done

    async def _living(
        self, database: Database, request: Any, *, locked: bool = False
    ) -> pb.Hold:
        """The hold that a request names. Raises `NotFound`."""
        caller = current_call().caller
        hold = await holds.living(database, caller, request.hold_id, locked=locked)
        if hold is None or hold.meeting_type_id != request.id:
            raise NotFound
        return hold

    async def _refuse_too_many(self, call: Call) -> None:
        """Refuses callers who keep very many slots. Calls at once may pass by a few."""
        kept, seconds = await holds.count(self._bound, call.caller)
        if kept >= holds.MOST_OF_USER:
            raise HoldsLimited(seconds)


def _wanted(call: Call, request: pb.CreateHoldRequest, duration: int) -> Wanted:
    starts_at = from_timestamp(request.starts_at)
    seconds = holds.DEFAULT_SECONDS
    if request.HasField("ttl_seconds"):
        seconds = request.ttl_seconds
    return Wanted(
        meeting_type_id=request.id,
        visitor=holds.visitor_of(request.visitor or call.caller.user_id),
        starts_at=starts_at,
        ends_at=starts_at + duration * _MINUTE,
        seconds=seconds,
    )
