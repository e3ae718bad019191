"""Whether states of records fulfil filters, as a search would say of such records.

The conditions are those of a search. The database judges the states row by row, as if
they were rows of the table: so both agree on each condition. Columns that the
database computes are computed by the expressions that the table has for them.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog
from prospectconnect.type.v1.search_pb2 import Filter

from services.clock import rfc3339
from services.errors import ValidationFailed
from services.faults import Faults
from services.kinds.own_fields import OwnFields
from services.kinds.record_type import FieldType, RecordType
from services.postgres.database import Database
from services.postgres.sql_parts import Parameters, column_of, row_by_row
from services.records.reading.states import State
from services.search.filters import FilterCompiler

# Where some states of a page cannot be judged, halves of it are, down to single ones:
# so many times at most.
_MOST_ASKED = 64

_log = structlog.get_logger("services")

# The columns of a table, the computed ones with their expressions. Value: its name.
_COLUMNS = """
SELECT string_agg(CASE a.attgenerated WHEN 's'
  THEN format('(%s) AS %I', pg_get_expr(d.adbin, d.adrelid), a.attname)
  ELSE format('%I', a.attname) END, ', ' ORDER BY a.attnum)
FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d
  ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
"""


@dataclass(frozen=True, slots=True)
class Judge:
    """The filters of one reader, compiled: the condition with its values."""

    kind: RecordType
    condition: str
    values: Sequence[Any]


class Judges:
    """Makes judges, and lets them judge."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._columns: dict[str, str] = {}

    def judge(
        self,
        kind: RecordType,
        filters: Sequence[Filter],
        own: OwnFields,
        business_id: str,
    ) -> Judge:
        """Compiles filters over records of a kind. Raises `ValidationFailed`.

        `own` are the tenant's fields of these records, as searches know them.
        """
        faults, p = Faults(), Parameters(business_id=business_id)
        parts = [f"r.business_id = {p.tenant}"]  # the first of the values
        # The conditions of deleted records are about columns of their rows alone.
        compiler = FilterCompiler(kind, faults, p, own, deleted=True)
        conditions = compiler.all(filters)
        if faults.found:
            raise ValidationFailed(faults.found)
        parts += [row_by_row(each.sql) for each in conditions]
        return Judge(kind, " AND ".join(parts), p.values)

    async def fitting(self, judge: Judge, states: Sequence[State]) -> list[bool]:
        """Which of some states fulfil the filters.

        A state that cannot be judged counts as if it did, and the log tells of it: a
        reader who is told too much loses nothing, and is told what comes after it.
        """
        found, asked = [True] * len(states), 0
        parts = deque([range(len(states))] if states else ())
        while parts and asked < _MOST_ASKED:
            part, asked = parts.popleft(), asked + 1
            try:
                fits = await self._judged(judge, [states[number] for number in part])
            except asyncpg.DataError as error:  # of one of them, so the others are well
                middle = len(part) // 2
                if middle:
                    parts += (part[:middle], part[middle:])
                else:
                    _tell(judge, states[part[0]], type(error).__name__)
                continue
            for number, is_so in zip(part, fits, strict=True):
                found[number] = is_so
        for part in parts:
            for number in part:
                _tell(judge, states[number], "too_many")
        return found

    async def _judged(self, judge: Judge, states: Sequence[State]) -> list[bool]:
        columns = await self._columns_of(judge.kind.table)
        rows = [self._row(judge, state) for state in states]
        place = len(judge.values) + 1
        sql = (
            f"SELECT r.number::int FROM (SELECT {columns}, ordinality AS number"
            " FROM ROWS FROM"
            f" (jsonb_populate_recordset(NULL::{judge.kind.table}, ${place}::jsonb))"
            f" WITH ORDINALITY AS s) AS r WHERE {judge.condition}"
        )
        found = await self._database.rows(sql, *judge.values, rows)
        fits = {row[0] for row in found}
        return [number in fits for number in range(1, len(states) + 1)]

    def _row(self, judge: Judge, state: State) -> State:
        """A state as a row of the table: the fields alone.

        A state that was undone may hold more, as `deleted_at` of a restored record.
        """
        row: State = {"business_id": judge.values[0]}
        for field in judge.kind.fields:
            value = state.get(field.name)
            if value is not None:
                is_moment = field.type is FieldType.TIMESTAMP
                row[column_of(field.name)] = rfc3339(value) if is_moment else value
        return row

    async def _columns_of(self, table: str) -> str:
        found = self._columns.get(table)
        if found is None:
            row: Any = await self._database.row(_COLUMNS, table)
            found = self._columns[table] = str(row[0])
        return found


def _tell(judge: Judge, state: State, error: str) -> None:
    """Tells the log, without any value of the record, which may be a person's."""
    its = {"resource": judge.kind.resource, "id": state.get("id")}
    _log.error("change_was_not_judged", **its, error=error)
