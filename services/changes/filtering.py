"""Whether states of records fulfil filters, as a search would say of such records.

The conditions are those of a search. The database judges the states row by row, as if
they were rows of the table: so both agree on each condition. Columns that the
database computes are computed by the expressions that the table has for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
        """Which of some states fulfil the filters."""
        if not states:
            return []
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
        numbers = {row[0] for row in found}
        return [number in numbers for number in range(1, len(states) + 1)]

    def _row(self, judge: Judge, state: State) -> State:
        """A state as a row of the table."""
        row = {column_of(name): value for name, value in state.items()}
        row["business_id"] = judge.values[0]
        for field in judge.kind.fields:
            if field.type is FieldType.TIMESTAMP and row.get(field.name) is not None:
                row[field.name] = rfc3339(row[field.name])
        return row

    async def _columns_of(self, table: str) -> str:
        found = self._columns.get(table)
        if found is None:
            row: Any = await self._database.row(_COLUMNS, table)
            found = self._columns[table] = str(row[0])
        return found
