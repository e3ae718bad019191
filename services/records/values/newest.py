"""Keeps, beside a record, the newest moment of the records that refer to it.

A new record can only make that moment newer. So its own statement compares it with the
moment that stands there, once it has locked the record behind the reference.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.postgres.sql_parts import later
from services.records.log.statements import changed_columns, logged_many, moment_sql


@dataclass(frozen=True, slots=True)
class Newest:
    """A column of a table: the newest `moment` of all that refer to its record.

    `link` is the reference that leads there. `counts` is the SQL condition on a new
    record under which its moment counts, and `told_by` are the columns in it.
    """

    table: str
    column: str
    link: str
    moment: str
    counts: str
    told_by: tuple[str, ...]

    @property
    def returned(self) -> str:
        """The columns of the new records that the statement needs."""
        return ", ".join((self.link, self.moment, *self.told_by))


def newest_parts(
    newest: Newest, locked: Sequence[str], numbers: Iterator[int]
) -> list[tuple[str, str]]:
    """The parts of an insertion that keep the newest moment, and log its changes.

    `locked` are the parts with the ids and moments of the locked records. Values: the
    moment of the change, and who makes it, as `acting` says.
    """
    changed_at, actor = next(numbers), next(numbers)
    column = newest.column
    before = " UNION ".join(f"SELECT id, {column} FROM {name}" for name in locked)
    source = (
        f"(SELECT {newest.link} AS id, max({newest.moment}) AS moment FROM record"
        f" WHERE {newest.counts} GROUP BY 1) AS latest"
        f" JOIN ({before}) AS touched ON touched.id = latest.id"
    )
    is_newer = f"(touched.{column} < latest.moment OR touched.{column} IS NULL)"
    updated_at = later(f"${changed_at}", "r.updated_at")
    update = (
        f"UPDATE {newest.table} AS r SET {column} = latest.moment,"
        f" version = r.version + 1, updated_at = {updated_at} FROM {source}"
        " WHERE r.business_id = $1 AND r.deleted_at IS NULL AND r.id = touched.id"
        f" AND {is_newer}"
    )
    returned = changed_columns(
        newest.table,
        {f"'{column}'": moment_sql(f"touched.{column}")},
        {f"'{column}'": moment_sql("latest.moment")},
    )
    return [
        ("newer", f"{update} RETURNING {returned}"),
        ("told_newer", logged_many("newer", actor)),
    ]
