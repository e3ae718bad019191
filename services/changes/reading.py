"""Reads pages of the feed: where readers stand, what they are told, where it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from prospectconnect.crm.v1 import changes_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call
from services.changes import order
from services.changes.filtering import Judge
from services.changes.merges import MARGIN
from services.changes.order import Page, Position
from services.changes.sharing import SharedPages
from services.changes.states import Moment
from services.changes.tellers import STATE, Tellers, moment_of
from services.clock import DAY, now, rfc3339
from services.errors import ChangesGone, ValidationFailed
from services.faults import Fault
from services.gates.figures import Figures
from services.kinds.formats import timestamp
from services.kinds.own_fields import Schema
from services.postgres.database import Database, Row
from services.records.engine import Records
from services.records.reading.states import State
from services.records.schemas import Schemas
from services.sealed.cursors import Cursors

DEFAULT_LIMIT = 100
# Where a reader asks for few types, so many rows are looked at before it is answered.
MOST_LOOKED_AT = 5_000
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a page is to hold: the number of changes, their types, the filters."""

    limit: int
    types: frozenset[str]
    judge: Judge | None
    # The place up to which a page that others have read must reach, 0 for none.
    seen: int


class Feed:
    """Reads the feed; `every` are the records of all kinds.

    Changes are told for `keep_days`.
    """

    def __init__(
        self,
        database: Database,
        every: Mapping[str, Records[Any]],
        schemas: Schemas,
        cursors: Cursors,
        keep_days: int,
        figures: Figures | None = None,
    ) -> None:
        self._database, self._schemas, self._cursors = database, schemas, cursors
        self._figures = figures
        self._tellers, self._keep = Tellers(database, every), keep_days * DAY
        self._shared = SharedPages(database, self._tellers.states.after)

    async def read(
        self, call: Call, request: pb.ReadChangesRequest, position: Position | None
    ) -> tuple[pb.ReadChangesResponse, Position]:
        """A page, and where it ends. Without a position the request says where."""
        schema = await self._schemas.of(call.caller)
        given = request.resources, request.types
        objects = self._tellers.readers.objects(call.caller, schema, *given)
        if position is None:
            position = await self._position(call, request)
        judge = self._judge(call, request, schema)
        limit, seen = request.limit or DEFAULT_LIMIT, request.seen_place
        asked = _Asked(limit, frozenset(request.types), judge, seen)
        page, told, rows = await self._page(call, asked, position, objects)
        answer = pb.ReadChangesResponse()
        answer.data.extend(told)
        await self._add_parts(call, request, schema, (rows, page.rows), answer)
        cursor = answer.meta.cursor
        cursor.has_more = page.has_more
        reached = page.rows[-1]["at"] if page.has_more and page.rows else now()
        cursor.next = self._cursor(call, request, page.end, reached)
        if request.each_cursor:
            for row in rows:
                at = order.after(row, page.end.since)
                answer.cursors.append(self._cursor(call, request, at, row["at"]))
            answer.place = page.end.place
        return answer, page.end

    def _cursor(
        self, call: Call, request: pb.ReadChangesRequest, place: Position, reached: int
    ) -> str:
        return self._cursors.seal(call.caller, request, (place.text, str(reached)))

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

    async def _page(
        self,
        call: Call,
        asked: _Asked,
        position: Position,
        objects: list[str],
    ) -> tuple[Page, list[pb.Change], list[Row]]:
        """A page with what it tells: the changes that are asked for."""
        limit, types = asked.limit, asked.types
        business_id, looked_at = call.caller.business_id, list[Row]()
        told, of_told = list[pb.Change](), list[Row]()
        at_once = AT_ONCE if types or asked.judge else limit
        while True:
            seen = asked.seen
            page = await self._read(business_id, position, objects, at_once, seen)
            has_merges = page.has_merges
            tell = await self._tellers.telling(
                business_id, page.rows, has_merges=has_merges
            )
            fits = await self._fitting(business_id, page.rows, asked)
            for index, row in enumerate(page.rows):
                looked_at.append(row)
                change = tell(row)
                if row["at"] < position.since or (types and change.type not in types):
                    continue
                if not self._tellers.readers.is_open_to(call.caller, row):
                    continue
                if fits is not None and moment_of(row) not in fits:
                    continue
                told.append(change)
                of_told.append(row)
                if len(told) == limit:
                    page = _cut(page, index, looked_at)
                    return page, told, of_told
            position = page.end
            if not page.has_more or len(looked_at) >= MOST_LOOKED_AT:
                return _cut(page, len(page.rows) - 1, looked_at), told, of_told

    async def _read(
        self,
        business_id: str,
        position: Position,
        objects: list[str],
        limit: int,
        seen: int,
    ) -> Page:
        """Rows of the log. Those who were woken together share them."""
        if seen:
            return await self._shared.read(business_id, position, objects, limit, seen)
        return await order.read_page(
            self._database, business_id, position, objects, limit
        )

    def _judge(
        self, call: Call, request: pb.ReadChangesRequest, schema: Schema
    ) -> Judge | None:
        """What judges states by the filters of a request, None if it has none."""
        if not request.filters:
            return None
        if len(request.resources) != 1:
            code = FaultCode.FAULT_CODE_INVALID
            message = "Name the one type of record whose fields the filters are about."
            raise ValidationFailed([Fault("resources", code, message)])
        (name,) = request.resources
        return self._tellers.judge(name, request.filters, schema, call.caller)

    async def _fitting(
        self, business_id: str, rows: Sequence[Row], asked: _Asked
    ) -> set[Moment] | None:
        """The changes of a page whose states fulfil the filters, None for all."""
        if asked.judge is None:
            return None
        states = await self._after(business_id, rows, asked.seen)
        fits = await self._tellers.fitting(asked.judge, rows, states)
        if self._figures is not None:
            self._figures.unjudged = self._tellers.unjudged
        return fits

    async def _after(
        self, business_id: str, rows: Sequence[Row], seen: int
    ) -> dict[Moment, State]:
        """The records after changes. Those who were woken together share them."""
        if seen:
            return await self._shared.states(business_id, rows)
        return await self._tellers.states.after(business_id, rows)

    async def _add_parts(
        self,
        call: Call,
        request: pb.ReadChangesRequest,
        schema: Schema,
        rows: tuple[Sequence[Row], Sequence[Row]],
        answer: pb.ReadChangesResponse,
    ) -> None:
        """Adds what the request includes. `rows` are those told, and those read."""
        (told, read), states = rows, dict[Moment, State]()
        if STATE in request.include and told:
            ids = {row["record_id"] for row in told}
            whole = [row for row in read if row["record_id"] in ids]
            business_id, seen = call.caller.business_id, request.seen_place
            states = await self._after(business_id, whole, seen)
        reader = schema, call.caller
        for each in zip(answer.data, told, strict=True):
            self._tellers.add_parts(each, request.include, states, reader)


def _cut(page: Page, last: int, looked_at: list[Row]) -> Page:
    """The page up to its row `last`, with all rows that were looked at before."""
    if last + 1 >= len(page.rows):
        return replace(page, rows=looked_at)
    end = order.after(page.rows[last], page.end.since)
    return replace(page, rows=looked_at, end=end, has_more=True)


def _refused(message: str) -> ValidationFailed:
    return ValidationFailed([Fault("start", FaultCode.FAULT_CODE_INVALID, message)])
