"""Searches: filters, text, order and page position, compiled to one statement.

A page is read by its position in an index (keyset), never by counting rows, so
the ten-thousandth costs what the first does.
"""

from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from prospectconnect.type.v1.search_pb2 import SortDirection

from services.caller import Call
from services.cursors import Cursors
from services.record_type import Field, Kind
from services.records import Records
from services.sql_parts import Parameters
from services.visibility import USER, visible
from services.words import Words

DEFAULT_LIMIT = 25
DEFAULT_ORDER = "created_at"
EXACT_TOTAL = 100_000


@dataclass(frozen=True, slots=True)
class _Order:
    """The expression that orders, which an index holds, and the direction."""

    expression: str
    column_type: str
    descending: bool

    @property
    def word(self) -> str:
        return "DESC" if self.descending else "ASC"

    def after(self, value: str, record_id: str, p: Parameters) -> str:
        """The SQL of what comes after a position."""
        sign = "<" if self.descending else ">"
        place = f"{p.add(value, 'text')}::{self.column_type}"
        if self.column_type == "text":
            place += ' COLLATE "C"'
        return f"({self.expression}, r.id) {sign} ({place}, {p.add(record_id, 'text')})"


class Searches:
    """Searches the records of one kind."""

    def __init__(self, records: Records, cursors: Cursors) -> None:
        self._records = records
        self._cursors = cursors
        self._words = Words(records.kind, records.kinds)

    async def search(self, call: Call, request: Any, response: type[Message]) -> Any:
        """One page of what the request asks for, as a `response` message."""
        limit = request.limit or DEFAULT_LIMIT
        order = self._order(request)
        p: Parameters = call.parameters
        conditions = self._conditions(call, request, p)
        counted = list(p.values)
        total = self._total(conditions) if request.include_total else "NULL"
        page = list(conditions)
        if request.cursor:
            position = self._cursors.open(call.caller, request)
            page.append(order.after(*position, p))
        codec = self._records.codec
        sql = (
            f"SELECT {codec.columns}, ({order.expression})::text, {total}"
            f" FROM {self._records.kind.table} AS r WHERE {' AND '.join(page)}"
            f" ORDER BY {order.expression} {order.word}, r.id {order.word}"
            f" LIMIT {limit + 1}"
        )
        rows = await self._records.database.rows(sql, *p.values)
        answer: Any = response()
        codec.read_into(answer, rows[:limit], call.caller.business_id)
        answer.meta.cursor.has_more = len(rows) > limit
        if len(rows) > limit:
            last = rows[limit - 1]
            position = (last[codec.width], answer.data[-1].id)
            answer.meta.cursor.next = self._cursors.seal(call.caller, request, position)
        if request.include_total:
            found = rows[0][codec.width + 1] if rows else None
            if found is None and request.cursor:
                found = await self._count(conditions, counted)
            _set_total(answer, found or 0)
        return answer

    def _order(self, request: Any) -> _Order:
        item = self._records.kind.by_name[request.order_by or DEFAULT_ORDER]
        ascending = request.sort_direction == SortDirection.SORT_DIRECTION_ASC
        return _Order(
            order_expression(item, not ascending), item.column_type, not ascending
        )

    def _conditions(self, call: Call, request: Any, p: Parameters) -> list[str]:
        """What a record must satisfy to be found, the page's position aside."""
        business = p.add(call.caller.business_id, "text")
        conditions = [f"r.business_id = {business}", "r.deleted_at IS NULL"]
        kind, kinds = self._records.kind, self._records.kinds
        seen = visible(kind, call.caller, kinds)
        if seen:
            user = p.add(call.caller.user_id, "text") if USER in seen else ""
            conditions.append(seen.format(user=user))
        conditions += call.conditions
        sought = self._words.sought(call.caller)
        for word in dict.fromkeys(request.search_text.split()):
            conditions.append(sought.condition(word, business, p))
        return conditions

    def _total(self, conditions: list[str]) -> str:
        return (
            f"(SELECT count(*) FROM (SELECT 1 FROM {self._records.kind.table} AS r"
            f" WHERE {' AND '.join(conditions)} LIMIT {EXACT_TOTAL + 1}) AS found)"
        )

    async def _count(self, conditions: list[str], values: list[Any]) -> int:
        """The total for a page past the end, where no row tells it."""
        row = await self._records.database.row(
            f"SELECT {self._total(conditions)}", *values
        )
        return 0 if row is None else int(row[0])


def _set_total(answer: Any, total: int) -> None:
    if total <= EXACT_TOTAL:
        answer.meta.total = total


def order_expression(item: Field, descending: bool) -> str:
    """What a search orders by: text without case, unset values last."""
    column = f"r.{item.name}"
    if item.kind is Kind.STRING:
        return f'(lower({column}) COLLATE "C")'
    if item.nullable:
        end = "-infinity" if descending else "infinity"
        return f"coalesce({column}, '{end}'::{item.column_type})"
    return column
