"""The methods of the feed: one reads a page and may wait for it, one goes on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.crm.v1 import changes_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, Caller, current_call
from services.changes.order import Position
from services.changes.readers import check_given
from services.changes.reading import Feed
from services.changes.tellers import CHANGED, STATE
from services.changes.waiting import Waiting
from services.errors import Unavailable, ValidationFailed
from services.faults import Fault
from services.gates.door import Bounded, is_stranger
from services.gates.permissions import check_permission
from services.gates.turns import SEARCH, Turns
from services.iam.access import Access

PERMISSION = "change.read"
# A call is answered so long before its deadline, so that the answer arrives.
ARRIVES_SECONDS = 1.0
# After so long without a change, who watches gets a sign of life.
SIGN_SECONDS = 15.0
# After so long it is looked up again, and its page is read.
STAY_SECONDS = 300.0
# The most watchers over sockets, of a process and of a tenant. Each is a call in
# progress. A gRPC server takes a few thousand calls.
MOST_WATCHERS, MOST_WATCHERS_OF_TENANT = 1_024, 256
_ENDS = "The server ends. Go on from the last cursor."


@dataclass(frozen=True, slots=True)
class Shared:
    """What readers share with all other calls: turns, and the look-up of callers.

    Changes are told for `keep_days`. Without `access` nobody is looked up again.
    """

    keep_days: int
    turns: Turns
    waiting: Waiting
    access: Access | None = None


class ChangeMethods:
    """The methods of changes, as the proto describes them."""

    def __init__(self, feed: Feed, shared: Shared) -> None:
        self._feed, self._shared, self._waiting = feed, shared, shared.waiting
        self._watchers = Bounded(MOST_WATCHERS, MOST_WATCHERS_OF_TENANT)

    async def ReadChanges(
        self, request: pb.ReadChangesRequest, context: Any
    ) -> pb.ReadChangesResponse:
        call, loop = current_call(), asyncio.get_running_loop()
        _check_parts(request.include)
        check_given(request)
        until = loop.time() + _seconds(request, context)
        answer, end = await self._answer(call, request, None)
        tenant = call.caller.business_id
        while not answer.data and not answer.meta.cursor.has_more:
            left = until - loop.time()
            if left <= 0 or not self._waiting.has_room(tenant, is_stranger()):
                break
            if not await self._waiting.wait(tenant, end.place, left):
                break
            answer, end = await self._again(call, request, end, context)
        return answer

    async def WatchChanges(self, request: pb.WatchChangesRequest, context: Any) -> None:
        """Writes its answers itself; ends when the client leaves."""
        call = current_call()
        _check_parts(request.include)
        tenant = call.caller.business_id
        self._watchers.acquire(tenant, shares=True)
        try:
            await self._watch(call, _read_request(request), context)
        finally:
            self._watchers.release(tenant)

    async def _watch(
        self, call: Call, request: pb.ReadChangesRequest, context: Any
    ) -> None:
        loop, tenant, said = asyncio.get_running_loop(), call.caller.business_id, 0.0
        answer, end = await self._answer(call, request, None)
        while True:
            for change, cursor in zip(answer.data, answer.cursors, strict=True):
                told = pb.WatchChangesResponse(change=change, cursor=cursor)
                await context.write(told)
                said = loop.time()
            sign = pb.WatchChangesResponse(cursor=answer.meta.cursor.next)
            again = loop.time() + STAY_SECONDS
            while not answer.meta.cursor.has_more and loop.time() < again:
                left = said + SIGN_SECONDS - loop.time()
                if left <= 0:
                    call.caller = await self._caller(context, call.caller)
                    await context.write(sign)
                    said, left = loop.time(), SIGN_SECONDS
                if await self._waiting.wait(tenant, end.place, left):
                    break
                if self._waiting.has_ended:
                    raise Unavailable(_ENDS)
            answer, end = await self._again(call, request, end, context)

    async def _again(
        self,
        call: Call,
        request: pb.ReadChangesRequest,
        position: Position,
        context: Any,
    ) -> tuple[pb.ReadChangesResponse, Position]:
        """The next page after a wait, of a caller that is looked up again.

        Those who are woken together go one after the other, past the calls of others.
        """
        seen = self._waiting.horizon
        async with self._waiting.lane(call.caller.business_id):
            request.seen_place = seen
            call.caller = await self._caller(context, call.caller)
            return await self._answer(call, request, position)

    async def _caller(self, context: Any, caller: Caller) -> Caller:
        """The caller as it is after a wait. Raises if the token is revoked by then."""
        access = self._shared.access
        if access is None:
            return caller
        metadata = dict(context.invocation_metadata() or ())
        authorization = str(metadata.get("authorization", ""))
        known = access.known(authorization) or await access.caller(authorization)
        check_permission(known, PERMISSION)
        return known

    async def _answer(
        self, call: Call, request: pb.ReadChangesRequest, position: Position | None
    ) -> tuple[pb.ReadChangesResponse, Position]:
        """A page, and where it ends. It takes a turn, as other calls do."""
        tenant, turns = call.caller.business_id, self._shared.turns
        if not turns.begin(tenant, SEARCH):
            await turns.wait(tenant, SEARCH)
        try:
            return await self._feed.read(call, request, position)
        finally:
            turns.end(tenant, SEARCH)


def _read_request(watched: pb.WatchChangesRequest) -> pb.ReadChangesRequest:
    """The pages that a watcher reads: their cursors are those of pages."""
    request = pb.ReadChangesRequest(each_cursor=True)
    for field, value in watched.ListFields():
        if field.is_repeated:
            getattr(request, field.name).extend(value)
        else:
            setattr(request, field.name, value)
    return request


def _seconds(request: pb.ReadChangesRequest, context: Any) -> float:
    """How long a request may wait."""
    seconds = float(request.stay_seconds or request.wait_seconds)
    left = context.time_remaining() if seconds else 0.0
    return seconds if left is None else min(seconds, left - ARRIVES_SECONDS)


def _check_parts(parts: Sequence[str]) -> None:
    code, message = FaultCode.FAULT_CODE_INVALID_CHOICE, "Give changed or state."
    faults = [
        Fault(f"include[{index}]", code, message)
        for index, each in enumerate(parts)
        if each not in (CHANGED, STATE)
    ]
    if faults:
        raise ValidationFailed(faults)
