"""The method of the feed: where a reader begins, what it is told, and where it ends."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.crm.v1 import changes_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, Caller, current_call
from services.changes import order
from services.changes.order import Page, Position
from services.changes.readers import Readers
from services.changes.states import States
from services.changes.telling import Teller
from services.changes.waiting import Waiting
from services.clock import DAY, SECOND, now, rfc3339
from services.errors import ChangesGone, ValidationFailed
from services.faults import Fault
from services.gates.permissions import check_permission
from services.gates.turns import SEARCH, Turns
from services.iam.access import Access
from services.kinds.formats import timestamp
from services.kinds.own_fields import Schema
from services.kinds.sensitive import fields_of
from services.postgres.database import Database, Row
from services.records.engine import Records
from services.records.log.changes import DELETED, ERASED, RESTORED
from services.records.schemas import Schemas
from services.sealed.cursors import Cursors

DEFAULT_LIMIT = 100
PERMISSION = "change.read"
# Where so many readers of a tenant wait in a process, further ones are answered at
# once: each of them is a request in progress.
MOST_WAITING = 64
# A call is answered so long before its deadline, so that the answer arrives.
ARRIVES_SECONDS = 1.0
# What a request may include.
CHANGED, STATE = "changed", "state"
# Where a reader asks for few types, so many rows are looked at before it is answered.
MOST_LOOKED_AT = 5_000
AT_ONCE = 500
# Clocks of machines differ by no more, and no transaction that writes takes longer.
MARGIN = 60 * SECOND

# The merges that transactions made or undid. Values: business, the transactions, from
# and to: the moments around them.
_MERGES = """
SELECT xid::text AS xid, undone_xid::text AS undone_xid, survivor_id, merged_ids
FROM merges WHERE business_id = $1 AND deleted_at IS NULL
  AND (at BETWEEN $3 AND $4 AND xid = ANY($2::text[]::xid8[])
    OR undone_at BETWEEN $3 AND $4 AND undone_xid = ANY($2::text[]::xid8[]))
"""


@dataclass(frozen=True, slots=True)
class Shared:
    """What readers share with all other calls: turns, and the look-up of callers.

    Changes are told for `keep_days`. Without `access` nobody is looked up again.
    """

    keep_days: int
    turns: Turns
    access: Access | None = None


class ChangeMethods:
    """The methods of changes, as the proto describes them.

    `every` are the records of all kinds.
    """

    def __init__(
        self,
        database: Database,
        every: Mapping[str, Records[Any]],
        schemas: Schemas,
        cursors: Cursors,
        shared: Shared,
    ) -> None:
        self._database, self._schemas, self._cursors = database, schemas, cursors
        self._readers = Readers(next(iter(every.values())).kinds)
        by_table = {each.kind.table: each for each in every.values()}
        told = {name: by_table[name] for name in self._readers.by_table}
        self._states = States(database, told, self._readers)
        self._tellers = {name: Teller(each.kind) for name, each in told.items()}
        self._keep, self._shared = shared.keep_days * DAY, shared
        self._waiting = Waiting(database)

    async def ReadChanges(
        self, request: pb.ReadChangesRequest, context: Any
    ) -> pb.ReadChangesResponse:
        call, loop = current_call(), asyncio.get_running_loop()
        _check_parts(request.include)
        until = loop.time() + _seconds(request, context)
        answer, end = await self._answer(call, request, None)
        tenant = call.caller.business_id
        while not answer.data and not answer.meta.cursor.has_more:
            left = until - loop.time()
            if left <= 0 or self._waiting.of(tenant) >= MOST_WAITING:
                break
            if not await self._waiting.wait(tenant, end.place, left):
                break
            call.caller = await self._again(context, call.caller)
            answer, end = await self._answer(call, request, end)
        return answer

    async def _again(self, context: Any, caller: Caller) -> Caller:
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
            return await self.page(call, request, position)
        finally:
            turns.end(tenant, SEARCH)

    async def page(
        self, call: Call, request: pb.ReadChangesRequest, position: Position | None
    ) -> tuple[pb.ReadChangesResponse, Position]:
        """A page after a position, or from the request's start, and where it ends."""
        schema = await self._schemas.of(call.caller)
        given = request.resources, request.types
        objects = self._readers.objects(call.caller, schema, *given)
        if position is None:
            position = await self._position(call, request)
        page, told, rows = await self._read(call, request, position, objects)
        answer = pb.ReadChangesResponse()
        answer.data.extend(told)
        await self._add_parts(call, request, schema, (rows, page.rows), answer)
        cursor = answer.meta.cursor
        cursor.has_more = page.has_more
        reached = page.rows[-1]["at"] if page.has_more and page.rows else now()
        where = page.end.text, str(reached)
        cursor.next = self._cursors.seal(call.caller, request, where)
        return answer, page.end

    async def _position(self, call: Call, request: pb.ReadChangesRequest) -> Position:
        """Where the reader stands."""
        start, business_id = request.start or "now", call.caller.business_id
        if request.cursor:
            text, reached = self._cursors.open(call.caller, request)
            if int(reached) < now() - self._keep:
                raise ChangesGone(rfc3339(await self._oldest(business_id)))
            return Position.read(text)
        if start == "now":
            return await order.horizon(self._database)
        oldest = await self._oldest(business_id)
        if start == "earliest":
            moment = oldest
        else:
            given = timestamp(start)
            if given is None:
                raise _refused("Give `now`, `earliest` or a time, as RFC 3339 has it.")
            moment = given
        if moment < oldest:
            raise ChangesGone(rfc3339(oldest))
        return await order.place_since(self._database, business_id, moment, MARGIN)

    async def _oldest(self, business_id: str) -> int:
        """Since when changes are kept."""
        began = await order.began(self._database, business_id)
        return max(began, now() - self._keep)

    async def _read(
        self,
        call: Call,
        request: pb.ReadChangesRequest,
        position: Position,
        objects: list[str],
    ) -> tuple[Page, list[pb.Change], list[Row]]:
        """A page with what it tells: the changes of the types asked for."""
        limit, types = request.limit or DEFAULT_LIMIT, frozenset(request.types)
        business_id, looked_at = call.caller.business_id, list[Row]()
        told, of_told = list[pb.Change](), list[Row]()
        at_once = AT_ONCE if types else limit
        while True:
            page = await order.read_page(
                self._database, business_id, position, objects, at_once
            )
            made_by = await self._merges(business_id, page)
            for index, row in enumerate(page.rows):
                looked_at.append(row)
                change = self._told(business_id, row, made_by)
                if row["at"] < position.since or (types and change.type not in types):
                    continue
                told.append(change)
                of_told.append(row)
                if len(told) == limit:
                    page = _cut(page, index, looked_at)
                    return page, told, of_told
            position = page.end
            if not page.has_more or len(looked_at) >= MOST_LOOKED_AT:
                return _cut(page, len(page.rows) - 1, looked_at), told, of_told

    def _told(
        self, business_id: str, row: Row, made_by: Mapping[tuple[str, str], str]
    ) -> pb.Change:
        kind = self._readers.kind_of(row["object"])
        survivor = made_by.get((row["xid"], row["record_id"]))
        teller = self._tellers[kind.table]
        return teller.tell(business_id, row, survivor, survivor is not None)

    async def _merges(self, business_id: str, page: Page) -> dict[tuple[str, str], str]:
        """The survivors of merged records, by the transaction and the record."""
        rows = [e for e in page.rows if e["operation"] in (DELETED, RESTORED)]
        if not page.has_merges or not rows:
            return {}
        moments = [each["at"] for each in rows]
        around = min(moments) - MARGIN, max(moments) + MARGIN
        xids = list({each["xid"] for each in rows})
        found = {}
        for merge in await self._database.rows(_MERGES, business_id, xids, *around):
            for record_id in merge["merged_ids"]:
                for xid in (merge["xid"], merge["undone_xid"]):
                    found[xid, record_id] = merge["survivor_id"]
        return found

    async def _add_parts(
        self,
        call: Call,
        request: pb.ReadChangesRequest,
        schema: Schema,
        rows: tuple[Sequence[Row], Sequence[Row]],
        answer: pb.ReadChangesResponse,
    ) -> None:
        """Adds what the request includes. `rows` are those told, and those read."""
        told, read = rows
        has_changed = CHANGED in request.include
        states = {}
        if STATE in request.include and told:
            ids = {row["record_id"] for row in told}
            whole = [row for row in read if row["record_id"] in ids]
            states = await self._states.after(call.caller.business_id, whole)
        for change, row in zip(answer.data, told, strict=True):
            name = row["object"]
            own = fields_of(schema, name, call.caller)
            teller = self._tellers[self._readers.kind_of(name).table]
            if has_changed:
                teller.tell_changed(change, row, own)
            state = states.get((row["record_id"], row["at"]))
            if state is not None and row["operation"] not in (DELETED, ERASED):
                teller.tell_state(change, state, own)


def _cut(page: Page, last: int, looked_at: list[Row]) -> Page:
    """The page up to its row `last`, with all rows that were looked at before."""
    if last + 1 >= len(page.rows):
        return Page(looked_at, page.end, page.has_more, page.since, page.has_merges)
    row = page.rows[last]
    place = int(row["place"]), row["at"], row["record_id"]
    end = Position(*place, page.end.since)
    return Page(looked_at, end, True, page.since, page.has_merges)


def _seconds(request: pb.ReadChangesRequest, context: Any) -> float:
    """How long a request may wait."""
    left = context.time_remaining() if request.wait_seconds else 0.0
    seconds = float(request.wait_seconds)
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


def _refused(message: str) -> ValidationFailed:
    return ValidationFailed([Fault("start", FaultCode.FAULT_CODE_INVALID, message)])
