"""Makes the figures that a request asks for, of the records that its caller sees."""

import json
from collections.abc import Sequence
from typing import Any

import asyncpg
from prospectconnect.type.v1 import figures_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.aggregates.places import Places
from services.aggregates.plan import MOST_GROUPS, Plan
from services.aggregates.rows import row_of
from services.aggregates.statement import statement
from services.caller import Call
from services.errors import BadRequest, ValidationFailed
from services.faults import Fault
from services.postgres.database import Database, Row
from services.postgres.sql_parts import by_index
from services.records.engine import Records
from services.sealed.cursors import Cursors
from services.search.generations import as_of
from services.search.searches import Searches

MOST_SECONDS = 10
# For one statement. Sorts and hashes that need more go to disk. Compiling a statement
# to machine code takes longer than it saves here.
SETTINGS = (
    f"SET LOCAL statement_timeout = '{MOST_SECONDS}s'; SET LOCAL work_mem = '80MB';"
    " SET LOCAL jit = off; SET LOCAL timezone = 'UTC'"
)

# A median finds its values in memory where there are no more records: they take about
# 80 bytes each. Sorts of more records go to disk.
MOST_GATHERED = 2_000_000

_TOO_MANY = FaultCode.FAULT_CODE_TOO_MANY


class Aggregates:
    """Figures of the records of one kind."""

    def __init__(
        self,
        records: Records[Any],
        searches: Searches,
        cursors: Cursors,
        places: Places,
        settings: str = SETTINGS,
    ) -> None:
        self._records, self._searches = records, searches
        self._cursors, self._places = cursors, places
        self._settings = settings

    async def aggregate(self, call: Call, request: Any) -> pb.Figures:
        """One page of the figures of a request, which the call's plan tells of.

        Raises:
            ValidationFailed: There are too many groups, or it takes too long.
        """
        plan: Plan = call.plan
        source = self.source(call, request)
        after = ""
        if request.cursor:
            after = plan.after(self._position(call, request, plan), call.parameters)
        sql = statement(plan, source, after)
        if plan.sorts_records and await self._rows(call, sql) <= MOST_GATHERED:
            sql = statement(plan.gathering(), source, after)
        rows = await self.run(call, sql)
        if rows[0][0] > MOST_GROUPS:
            message = f"There are more than {MOST_GROUPS:,} groups. Narrow the filters."
            raise ValidationFailed([Fault("group_by", _TOO_MANY, message)])
        return self._answer(call, request, plan, rows)

    def source(self, call: Call, request: Any) -> str:
        """The table, and the condition on the records that are counted.

        Joins go where it says `{join}`; all other braces are doubled.
        """
        p, kind = call.parameters, self._records.kind
        p.business_id = call.caller.business_id
        where = [f"r.business_id = {p.tenant}", "r.deleted_at IS NULL"]
        if p.object is not None:
            where.append(f"r.{kind.object_field} = {p.object}")
        if call.asks_own:
            where.append(as_of(call.schema.generation, p))
        conditions = self._searches.conditions(call, request)
        where += [by_index(each.sql) for each in conditions]
        text = " AND ".join(where).replace("{", "{{").replace("}", "}}")
        return f"FROM {kind.table} AS r{{join}} WHERE {text}"

    async def run(self, call: Call, sql: str) -> list[Row]:
        """Runs a statement with the call's values, in its place and within its time."""
        database: Database = self._records.database
        async with self._places.taken(call.caller.business_id):
            try:
                return await database.rows_with(
                    self._settings, sql, *call.parameters.values
                )
            except asyncpg.QueryCanceledError:
                message = (
                    f"The figures take longer than {MOST_SECONDS} seconds. Narrow the"
                    " filters, or ask for fewer groups."
                )
                fault = Fault("filters", _TOO_MANY, message)
                raise ValidationFailed([fault]) from None

    async def _rows(self, call: Call, sql: str) -> float:
        """About how many records a statement reads, as the database's planner says."""
        (row,) = await self.run(call, f"EXPLAIN (FORMAT JSON) {sql}")
        found = json.loads(row[0]) if isinstance(row[0], str) else row[0]
        return _most_rows(found[0]["Plan"])

    def _position(self, call: Call, request: Any, plan: Plan) -> Sequence[str | None]:
        held, _ = self._cursors.open(call.caller, request)
        position: list[str | None] = json.loads(held)
        if len(position) != len(plan.keys):  # a field has another type since
            raise BadRequest("The cursor is not one of these figures any more.")
        return position

    def _answer(
        self, call: Call, request: Any, plan: Plan, rows: Sequence[Row]
    ) -> pb.Figures:
        found = [row for row in rows if row[1] is not None]
        page, width = found[: plan.limit], 2 + len(plan.columns)
        answer = pb.Figures(data=[row_of(plan, row[2:width]) for row in page])
        answer.meta.cursor.has_more = len(found) > plan.limit
        if len(found) > plan.limit:
            position = json.dumps(list(page[-1][width:]), ensure_ascii=False)
            seal = self._cursors.seal(call.caller, request, (position, ""))
            answer.meta.cursor.next = seal
        return answer


def _most_rows(node: dict[str, Any]) -> float:
    """The most rows that a part of a plan gives."""
    parts = (_most_rows(each) for each in node.get("Plans", ()))
    return max((float(node["Plan Rows"]), *parts))
