"""What imports keep of their requests and files, besides rows.

Defaults, mappings, the first line of a file without a header, and the rows that a dry
run has shown may name a person: by the e-mail address, the telephone number, or both
names. What holds them goes as a whole. Only what clients sent is looked at: our own
words, such as states and the names of members, may be names of people, too.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.erasure.named_fields import NamedFields
from services.erasure.person import Person
from services.erasure.sent_texts import fault_texts, header_texts, value_texts
from services.postgres.database import Row, Transaction
from services.postgres.sql_parts import later
from services.records.log.job_changes import logged_change, returned

Json = Any

# What a file's header says, and the rows that a dry run has shown of it.
_HEADER = frozenset(("columns", "mapping", "missing", "unmapped"))
_ROWS = "rows"
_AT_ONCE = 100

# Which rows are read. A dry run may end meanwhile: what changes is read again when it
# is locked. Values after the business: the id before and how many; or ids.
_NEXT = "r.id > $2::text ORDER BY r.id LIMIT $3"
_LOCKED = "r.id = ANY($2::text[]) ORDER BY r.id FOR NO KEY UPDATE OF r"
_IMPORTS = """
SELECT r.id, ARRAY[r.resource] AS names, r.defaults, r.mapping, r.result, r.problem
FROM imports AS r WHERE r.business_id = $1 AND {}
"""
_JOBS = f"""
SELECT r.id, ARRAY(SELECT i.resource FROM imports AS i
    WHERE i.business_id = $1 AND i.id = r.subject_id) AS names,
  r.task, r.result, r.problem
FROM jobs AS r WHERE r.business_id = $1 AND r.kind = {int(pb.JOB_KIND_IMPORT)} AND {{}}
"""

# Values: business, lists of ids, defaults, mappings, results and problems.
_FORGET = """
UPDATE imports AS r SET version = r.version + 1, defaults = n.defaults,
  mapping = n.mapping, result = n.result, problem = n.problem
FROM unnest($2::text[], $3::jsonb[], $4::jsonb[], $5::jsonb[], $6::jsonb[])
  AS n (id, defaults, mapping, result, problem)
WHERE r.business_id = $1 AND r.id = n.id
"""

# Clients see the result and the problem of a job, so it tells of the change. Values:
# business, lists of ids, tasks, results and problems, the moment.
_FORGET_JOBS = f"""
WITH record AS (
  UPDATE jobs AS r SET version = r.version + 1,
    updated_at = {later("$6", "r.updated_at")},
    task = n.task, result = n.result, problem = n.problem
  FROM unnest($2::text[], $3::jsonb[], $4::jsonb[], $5::jsonb[])
    AS n (job_id, task, result, problem)
  WHERE r.business_id = $1 AND r.id = n.job_id
  RETURNING {returned()}
), told AS ({logged_change("NULL", "NULL")})
SELECT id FROM record
"""


@dataclass(frozen=True, slots=True)
class Telling:
    """Whether JSON that an import keeps tells of some persons."""

    persons: Sequence[Person]
    fields: NamedFields

    def import_left(self, row: Row) -> tuple[Json, ...]:
        """What is left of a row of imports: defaults, mapping, result and problem."""
        fields = self.fields.of(row["names"])
        defaults, mapping = row["defaults"], row["mapping"]
        return (
            None if self._is_told(value_texts(defaults, fields)) else defaults,
            None if self._is_told(header_texts({"mapping": mapping})) else mapping,
            self._result_left(row["result"], fields),
            self._problem_left(row["problem"]),
        )

    def job_left(self, row: Row) -> tuple[Json, ...]:
        """What is left of a job: task, result and problem."""
        fields = self.fields.of(row["names"])
        return (
            self._result_left(row["task"], fields),
            self._result_left(row["result"], fields),
            self._problem_left(row["problem"]),
        )

    def _result_left(self, held: Json, fields: NamedFields) -> Json:
        if not isinstance(held, dict):
            return held
        gone = set[str]()
        if any(self._is_row_of(each, fields) for each in held.get(_ROWS) or ()):
            gone.add(_ROWS)
        if self._is_told(header_texts(held)):
            gone.update((_ROWS, *_HEADER))
        return {name: each for name, each in held.items() if name not in gone}

    def _problem_left(self, problem: Json) -> Json:
        if not isinstance(problem, dict) or not self._is_problem_of(problem):
            return problem
        return {name: each for name, each in problem.items() if name != "detail"}

    def _is_row_of(self, row: Json, fields: NamedFields) -> bool:
        texts = value_texts(row.get("values"), fields)
        return self._is_told(texts) or self._is_problem_of(row.get("problem"))

    def _is_problem_of(self, problem: Json) -> bool:
        said, quoted = fault_texts(problem)
        has_address = any(
            each.has_address(text) for each in self.persons for text in said
        )
        return has_address or self._is_told(quoted)

    def _is_told(self, texts: Sequence[str]) -> bool:
        return any(each.is_told_by(texts) for each in self.persons)


async def forget(
    transaction: Transaction,
    business_id: str,
    persons: Sequence[Person],
    fields: NamedFields,
    moment: int,
) -> None:
    """Destroys what requests of imports tell of a person."""
    telling = Telling(persons, fields)
    its = transaction, business_id
    async for lists in _changed(*its, _IMPORTS, telling.import_left):
        await transaction.run(_FORGET, business_id, *lists)
    async for lists in _changed(*its, _JOBS, telling.job_left):
        await transaction.rows(_FORGET_JOBS, business_id, *lists, moment)


async def _changed(
    transaction: Transaction,
    business_id: str,
    sql: str,
    left: Callable[[Row], tuple[Json, ...]],
) -> AsyncIterator[list[list[Json]]]:
    """Locks the rows that tell of a person: their ids, and what is left of each column.

    Rows have an id, names, and then these columns.
    """
    after, rows = "", list[Row]()
    while not after or len(rows) == _AT_ONCE:
        rows = await transaction.rows(sql.format(_NEXT), business_id, after, _AT_ONCE)
        after = rows[-1]["id"] if rows else "~"
        ids = [row["id"] for row in rows if left(row) != tuple(row)[2:]]
        if ids:
            locked = await transaction.rows(sql.format(_LOCKED), business_id, ids)
            told = [[row["id"], *left(row)] for row in locked]
            yield [list(column) for column in zip(*told, strict=True)]
