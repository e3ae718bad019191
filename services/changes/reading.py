"""Reads pages of the feed: where readers stand, what they are told, where it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.crm.v1 import changes_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call
from services.changes import order
from services.changes.filtering import Judge, Judges
from services.changes.merges import MARGIN, merges_of
from services.changes.order import Page, Position
from services.changes.readers import Readers
from services.changes.states import States
from services.changes.telling import Teller
from services.clock import DAY, now, rfc3339
from services.errors import ChangesGone, ValidationFailed
from services.faults import Fault
from services.kinds.formats import timestamp
from services.kinds.own_fields import Schema
from services.kinds.sensitive import fields_of
from services.postgres.database import Database, Row
from services.records.engine import Records
from services.records.log.changes import DELETED, ERASED
from services.records.schemas import Schemas
from services.sealed.cursors import Cursors

DEFAULT_LIMIT = 100
# What a request may include.
CHANGED, STATE = "changed", "state"
# Where a reader asks for few types, so many rows are looked at before it is answered.
MOST_LOOKED_AT = 5_000
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a page is to hold: the number of changes, their types, the filters."""

    limit: int
    types: frozenset[str]
    judge: Judge | None


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
    ) -> None:
        self._database, self._schemas, self._cursors = database, schemas, cursors
        self._readers = Readers(next(iter(every.values())).kinds)
        by_table = {each.kind.table: each for each in every.values()}
        told = {name: by_table[name] for name in self._readers.by_table}
        self._states = States(database, told, self._readers)
        self._tellers = {name: Teller(each.kind) for name, each in told.items()}
        self._judges, self._keep = Judges(database), keep_days * DAY

    async def read(
        self, call: Call, request: pb.ReadChangesRequest, position: Position | None
    ) -> tuple[pb.ReadChangesResponse, Position]:
        """A page, and where it ends. Without a position the request says where."""
        schema = await self._schemas.of(call.caller)
        given = request.resources, request.types
        objects = self._readers.objects(call.caller, schema, *given)
        if position is None:
            position = await self._position(call, request)
        judge = self._judge(call, request, schema)
        asked = _Asked(request.limit or DEFAULT_LIMIT, frozenset(request.types), judge)
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
                at = _after(row, page.end.since)
                answer.cursors.append(self._cursor(call, request, at, row["at"]))
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
            page = await order.read_page(
                self._database, business_id, position, objects, at_once
            )
            made_by = await merges_of(self._database, business_id, page)
            fits = await self._fitting(business_id, page, asked.judge)
            for index, row in enumerate(page.rows):
                looked_at.append(row)
                change = self._told(business_id, row, made_by)
                if row["at"] < position.since or (types and change.type not in types):
                    continue
                if fits is not None and index not in fits:
                    continue
                told.append(change)
                of_told.append(row)
                if len(told) == limit:
                    page = _cut(page, index, looked_at)
                    return page, told, of_told
            position = page.end
            if not page.has_more or len(looked_at) >= MOST_LOOKED_AT:
                return _cut(page, len(page.rows) - 1, looked_at), told, of_told

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
        own = fields_of(schema, name, call.caller, searching=True)
        kind = self._readers.kind_of(name)
        return self._judges.judge(kind, request.filters, own, call.caller.business_id)

    async def _fitting(
        self, business_id: str, page: Page, judge: Judge | None
    ) -> set[int] | None:
        """The changes of a page whose states fulfil the filters, None for all.

        Erasures are all told: nobody can say any more what the contact was.
        """
        if judge is None:
            return None
        states = await self._states.after(business_id, page.rows)
        keys = [(row["record_id"], row["at"]) for row in page.rows]
        known = [index for index, key in enumerate(keys) if key in states]
        judged = await self._judges.fitting(judge, [states[keys[i]] for i in known])
        fits = {index for index, is_so in zip(known, judged, strict=True) if is_so}
        erased = (i for i, row in enumerate(page.rows) if row["operation"] == ERASED)
        return fits.union(erased)

    def _told(
        self, business_id: str, row: Row, made_by: Mapping[tuple[str, str], str]
    ) -> pb.Change:
        kind = self._readers.kind_of(row["object"])
        survivor = made_by.get((row["xid"], row["record_id"]))
        teller = self._tellers[kind.table]
        return teller.tell(business_id, row, survivor, survivor is not None)

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
    end = _after(page.rows[last], page.end.since)
    return Page(looked_at, end, True, page.since, page.has_merges)


def _after(row: Row, since: int) -> Position:
    """The position after a change."""
    return Position(int(row["place"]), row["at"], row["record_id"], since)


def _refused(message: str) -> ValidationFailed:
    return ValidationFailed([Fault("start", FaultCode.FAULT_CODE_INVALID, message)])
