"""The records of an export, page by page, as JSON text, as answers have them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from google.protobuf.message import Message

from services.answers.reading import Answers, Every
from services.exports.columns import STAGE, STAGE_ID
from services.exports.own_names import names_of
from services.exports.selection import NAME, Selection
from services.kinds.sensitive import mask
from services.postgres.bound import SCOPE, BoundDatabase
from services.postgres.database import Database, Row
from services.postgres.snapshots import Snapshot
from services.records import own_checks
from services.records.compiled import CompiledKind
from services.records.engine import Records
from services.records.schemas import Schemas
from services.sealed.cursors import Cursors
from services.search.pages import Page
from services.search.searches import Searches

# So many rows are read at once, fewer of large ones, and so many of them are written at
# once, in some tenths of a millisecond: requests stand behind them each time they wait.
PAGE_ROWS, FIRST_ROWS = 200, 20
SLICE_ROWS = 40
PAGE_BYTES = 256 * 1024


# The names of all stages of a tenant, by their ids. Values: business.
_STAGES = """
SELECT jsonb_object_agg(s.stage ->> 'id', s.stage ->> 'name')
FROM pipelines AS p, jsonb_array_elements(p.stages) AS s (stage)
WHERE p.business_id = $1
"""


class RecordWriter(Protocol):
    """Writes each record of a page as JSON text."""

    @property
    def packed(self) -> Callable[[bytes], list[bytes]]:
        """Writes the records of a serialized page."""

    @property
    def page(self) -> Callable[[Any], list[bytes]]:
        """Writes the records of a page, with what came along."""


# By the message of a page, and the date of a contract; "" is the newest one.
WriteRecords = Callable[[type[Message], str], RecordWriter]


@dataclass(slots=True)
class Reading:
    """What reads and writes one selection in a snapshot."""

    snapshot: Snapshot
    selection: Selection
    page: Page
    searches: Searches
    answers: Answers
    write: RecordWriter
    every: Every
    at_once: int = FIRST_ROWS
    stages: Mapping[str, str] | None = None

    async def count(self) -> int | None:
        """How many records there are; None if it takes long to say."""
        page = self.page
        sql = f"SELECT count(*) FROM {page.table} AS r WHERE {page.by_index}"
        values = self.selection.call.parameters.values
        return await self.snapshot.count(sql, *values)

    async def slices(self) -> AsyncIterator[list[bytes]]:
        """The records, some at a time, each as JSON text."""
        page = self.page
        selection = self.selection
        if selection.names and STAGE_ID in selection.kind.by_name:
            row = await self.snapshot.row(_STAGES, selection.call.caller.business_id)
            self.stages = row[0] or {}
        sql = (
            f"SELECT {page.columns} FROM {page.table} AS r WHERE {page.by_index}"
            f" ORDER BY {page.order}"
        )
        await self.snapshot.begin(sql, *self.selection.call.parameters.values)
        rows = await self.snapshot.next_rows(self.at_once)
        while rows:
            # The database makes the next rows ready while these are written.
            following = None
            if not self._asks_besides:
                following = asyncio.create_task(self.snapshot.next_rows(self.at_once))
            # What comes along is read for a whole page at once.
            step = len(rows) if self._asks_besides else SLICE_ROWS
            size = 0
            try:
                for start in range(0, len(rows), step):
                    lines = await self._lines(rows[start : start + step])
                    size += sum(map(len, lines))
                    yield lines
                average = size // len(rows) + 1
                self.at_once = max(1, min(PAGE_ROWS, PAGE_BYTES // average))
                rows = await (following or self.snapshot.next_rows(self.at_once))
            finally:
                if following is not None:
                    following.cancel()
                    await asyncio.wait((following,))

    @property
    def _asks_besides(self) -> bool:
        """Whether records that come along are read between two pages."""
        asked = self.selection.call.asked
        comes = asked is not None and (asked.links or asked.lists)
        return bool(comes or self.selection.own_links)

    async def _lines(self, rows: list[Row]) -> list[bytes]:
        selection, call = self.selection, self.selection.call
        asked, tenant = call.asked, call.caller.business_id
        reader = self.searches.reader(call)
        own = selection.own
        masked = own if asked is None else asked.within(own)
        comes = self._asks_besides
        if not (own.hidden or masked.masked or comes):
            return self.write.packed(reader.pack(rows, tenant))
        page: Any = selection.page()
        reader.read_into(page, rows, tenant)
        if own.hidden:
            own_checks.hide(own, page.data)
        if masked.masked:
            mask(masked, page.data)
        members: list[dict[str, Any]] = [{} for _ in rows]
        if comes:
            before = SCOPE.set(self.snapshot.scope)
            try:
                if asked is not None:
                    await self.answers.expand(call, page, rows)
                if selection.own_links:
                    links = selection.own_links
                    its = call.caller, call.schema, links, page.data
                    members = await names_of(self.every, *its)
            finally:
                SCOPE.reset(before)
        if self.stages is not None:
            for record, each in zip(page.data, members, strict=True):
                each[STAGE] = {NAME: self.stages.get(record.stage_id)}
        return _with_members(self.write.page(page), members)


def _with_members(
    lines: list[bytes], members: Sequence[Mapping[str, Any]]
) -> list[bytes]:
    """Records with more members: the names that stand beside ids."""
    return [
        b"%b,%b" % (line[:-1], orjson.dumps(more)[1:]) if more else line
        for line, more in zip(lines, members, strict=True)
    ]


class Readings:
    """Makes readings. One for each process."""

    def __init__(
        self,
        database: Database,
        kinds: Mapping[str, CompiledKind[Any]],
        schemas: Schemas,
        cursors: Cursors,
        write: WriteRecords,
    ) -> None:
        bound = BoundDatabase(database)
        self._every = {n: Records(bound, each, schemas) for n, each in kinds.items()}
        self._cursors, self._write = cursors, write

    def reading(
        self, snapshot: Snapshot, selection: Selection, contract: str
    ) -> Reading:
        """What reads a selection in a snapshot."""
        records = self._every[selection.kind.resource]
        searches = Searches(records, self._cursors)
        call, request = selection.call, selection.request
        order = searches.order(call, request)
        return Reading(
            snapshot=snapshot,
            selection=selection,
            page=searches.whole(call, request, order, 0),
            searches=searches,
            answers=Answers(records, searches, self._every),
            write=self._write(selection.page, contract),
            every=self._every,
        )
