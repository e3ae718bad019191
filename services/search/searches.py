"""Searches: filters, text, order and page position, and the page that they ask for.

A page begins at its position in an index (keyset), never by counting rows, so that
the ten-thousandth costs what the first does.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message
from prospectconnect.type.v1.search_pb2 import SortDirection

from services.caller import Call
from services.kinds.own_fields import NO_FIELDS, NO_SCHEMA
from services.postgres.database import Row
from services.postgres.sql_parts import Condition, Parameters, by_index
from services.records import own_checks
from services.records.engine import Records
from services.records.restoring.deletion import DELETED_AT
from services.records.rows import RowReader, beside
from services.records.visibility import visible
from services.sealed.cursors import Cursors
from services.search.deleted import (
    ORDER,
    among_deleted,
    count_deleted,
    deletable,
    read_deleted,
    reader_of_deleted,
)
from services.search.generations import as_of
from services.search.own_orders import read_ordered
from services.search.packed import PackedPage
from services.search.pages import Page, in_order
from services.search.reading import REACH, Reach, count, read
from services.search.words import Words

DEFAULT_LIMIT = 25
DEFAULT_ORDER = "created_at"
EXACT_TOTAL = 100_000

# So many statements of one kind are remembered.
_MOST_KNOWN = 128


@dataclass(frozen=True, slots=True)
class Order:
    """The expression that orders, which an index holds, and the direction."""

    expression: str
    column_type: str
    descending: bool

    @property
    def word(self) -> str:
        return "DESC" if self.descending else "ASC"

    def after(self, whole: Page, position: tuple[str, str], p: Parameters) -> Page:
        """The page of what comes after a position: its value and its record's id."""
        value, record_id = position
        sign = "<" if self.descending else ">"
        place = f"{p.place(value, 'text')}::{self.column_type}"
        if self.column_type == "text":
            place += ' COLLATE "C"'
        held = f"({place}, {p.place(record_id, 'text')})"
        bound = f"({self.expression}, r.id) {sign} {held}"
        return replace(whole, bounds=(*whole.bounds, bound))


class Searches:
    """Searches the records of one kind."""

    def __init__(
        self, records: Records[Any], cursors: Cursors, reach: Reach = REACH
    ) -> None:
        self._records = records
        self._cursors = cursors
        self._reach = reach
        self._words = Words(records.kind, records.kinds)
        self._orders: dict[tuple[str, bool], Order] = {}
        self._of_all: OrderedDict[tuple[str, int, int, bool, str], str] = OrderedDict()

    async def search(self, call: Call, request: Any, response: type[Message]) -> Any:
        """One page of what the request asks for, as a `response` message."""
        limit = request.limit or DEFAULT_LIMIT
        database, position = self._records.database, None
        if request.cursor:
            position = self._cursors.open(call.caller, request)
        if self._finds_all(call, request):
            sql = self._page_of_all(call, request, limit, position)
            tenant = call.caller.business_id
            rows = await database.rows(sql, tenant, *(position or ()))
            return await self._answer(call, request, response(), rows, limit)
        order = self.order(call, request)
        whole = self.whole(call, request, order, limit + 1)
        counted = list(call.parameters.values)
        if call.deleted:
            page = whole
            if position is not None:
                page = order.after(whole, position, call.parameters)
            rows = await read_deleted(database, page, call.parameters.values)
        elif call.ordered is not None:
            rows = await read_ordered(
                database, whole, call.ordered, position, counted, self._reach
            )
        else:
            page = whole
            if position is not None:
                page = order.after(whole, position, call.parameters)
            rows = await read(database, page, call.parameters.values, self._reach)
        answer = await self._answer(call, request, response(), rows, limit)
        if request.include_total:
            is_first = not request.cursor and call.ordered is None
            total = _told(rows, limit) if is_first else None
            if total is None:
                counting = count_deleted if call.deleted else count
                total = await counting(database, whole, counted, EXACT_TOTAL + 1)
            _set_total(answer, total)
        return answer

    async def _answer(
        self, call: Call, request: Any, answer: Any, rows: list[Row], limit: int
    ) -> Any:
        """An answer with the records of a page's rows, and where the next page begins.

        Parts of records stay bytes, and so do records with which others come along:
        most are only sent.
        """
        codec, tenant = self.reader(call), call.caller.business_id
        told, cursor = rows[:limit], answer.meta.cursor
        is_packed = call.asked is not None and call.asked.stays_packed
        if is_packed:
            answer = PackedPage(answer, codec.pack(told, tenant), told)
        else:
            codec.read_into(answer, told, tenant)
        cursor.has_more = len(rows) > limit
        if cursor.has_more:
            end = told[-1]
            last = codec.read(end, tenant) if is_packed else answer.data[-1]
            position = (end[codec.width], last.id)
            cursor.next = self._cursors.seal(call.caller, request, position)
        if call.schema is not None and call.schema is not NO_SCHEMA:
            own = await self._records.own_of(call)
            if own.hidden:
                own_checks.hide(own, answer.data)
        return answer

    def _finds_all(self, call: Call, request: Any) -> bool:
        """Whether a search pages through all records of its kind, in any order."""
        if call.conditions or call.deleted or call.asks_own or call.object:
            return False
        if call.ordered is not None or request.include_total or request.search_text:
            return False
        records = self._records
        return not visible(records.kind, call.caller, records.kinds)

    def _page_of_all(
        self, call: Call, request: Any, limit: int, position: tuple[str, str] | None
    ) -> str:
        """The statement of a page of all records, for the tenant and the position.

        It depends on nothing else that a caller gives, and is remembered.
        """
        columns, begins = self.reader(call).columns, position is None
        key = request.order_by, request.sort_direction, limit, begins, columns
        sql = self._of_all.get(key)
        if sql is None:
            order = self.order(call, request)
            page = self.whole(call, request, order, limit + 1)
            if position is not None:
                page = order.after(page, position, call.parameters)
            sql = self._of_all[key] = in_order(page)
            if len(self._of_all) > _MOST_KNOWN:
                self._of_all.popitem(last=False)
        return sql

    def order(self, call: Call, request: Any) -> Order:
        """What a request orders by."""
        ascending = request.sort_direction == SortDirection.SORT_DIRECTION_ASC
        if call.ordered is not None:
            return Order("NULL", "", not ascending)  # `read_ordered` has its own
        if call.deleted and request.order_by == DELETED_AT:
            return Order(ORDER, "timestamptz", not ascending)
        return self._order_by(request.order_by or DEFAULT_ORDER, ascending)

    def _order_by(self, name: str, ascending: bool) -> Order:
        known = self._orders.get((name, ascending))
        if known is None:
            item = self._records.kind.by_name[name]
            expression = item.search.highest if ascending else item.search.lowest
            known = Order(expression, item.column_type, not ascending)
            self._orders[name, ascending] = known
        return known

    def whole(self, call: Call, request: Any, order: Order, limit: int) -> Page:
        """The search as a page from the first position."""
        p, records = call.parameters, self._records
        p.business_id = call.caller.business_id
        business = p.tenant
        conditions = self.conditions(call, request)
        bounds = [
            by_index(each.sql)
            for each in conditions
            if each.bounds and each.bounds == order.expression
        ]
        kind, reader = records.kind, self.reader(call)
        if call.asks_own:
            bounds.append(as_of(call.schema.generation, p))
        if p.object is not None:
            bounds.insert(0, f"r.{kind.object_field} = {p.object}")
        page = Page(
            table=kind.table,
            columns=reader.columns,
            width=reader.width,
            key=order.expression,
            word=order.word,
            is_in_time=order.column_type == "timestamptz",
            tenant=f"r.business_id = {business}",
            bounds=bounds,
            conditions=[e for e in conditions if e.bounds != order.expression],
            limit=limit,
            object=f"'{kind.table}'" if p.object is None else str(p.object),
        )
        return among_deleted(page, p, kind) if call.deleted else page

    def reader(self, call: Call) -> RowReader:
        """What makes the records of the answer: whole ones, or parts."""
        asked, codec = call.asked, self._records.codec
        reader = None if asked is None else asked.reader
        if reader is None and call.deleted:
            reader = reader_of_deleted(self._records.kind)
        if asked is None or asked.stands_alone:
            return reader or codec
        return beside(reader or codec.sent, asked.looked_at)

    def conditions(self, call: Call, request: Any) -> list[Condition]:
        """What a record must fulfil to be seen and found."""
        kind, p = self._records.kind, call.parameters
        business, conditions = p.tenant, list(call.conditions)
        seen = visible(kind, call.caller, self._records.kinds)
        if seen:
            user = p.place(call.caller.user_id, "text")
            conditions.append(Condition((seen.format(tenant=business, user=user),)))
        schema = call.schema
        if call.deleted:
            conditions += deletable(kind, self._records.kinds, call.caller)
            schema = NO_SCHEMA  # what words find in own fields is gone
        text = getattr(request, "search_text", "")  # a funnel has none
        words = list(dict.fromkeys(text.split()))
        if not words:
            return conditions
        has_own = schema is not None and schema is not NO_SCHEMA
        own = schema.searched(call.object or kind.table) if has_own else NO_FIELDS
        sought = self._words.sought(call.caller, own)
        return conditions + sought.conditions(words, business, p)


def _told(rows: list[Row], limit: int) -> int | None:
    """The total, if the rows of a first page tell it."""
    if len(rows) <= limit:
        return len(rows)
    told = rows[0][-1]
    return int(told) if told else None


def _set_total(answer: Any, total: int) -> None:
    if total <= EXACT_TOTAL:
        answer.meta.total = total
