"""Looks for the records that may be duplicates of others, and compares them.

One statement follows all ways from several records. Each way reads a bounded number of
records, and only then is looked at whether the caller sees them: who sees few records
does not make PostgreSQL read many.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.caller import Caller
from services.duplicates.likeness import Likeness
from services.duplicates.ways import NEIGHBOURS, Comparing, Equal, Near
from services.ids import is_id
from services.postgres.database import Row
from services.records.engine import Records
from services.records.visibility import USER, visible

# So many comparisons are made before others get a turn: about a millisecond.
_AT_ONCE = 100
# How alike names must look to be compared, by their groups of three letters.
_RESEMBLES = 0.3


@dataclass(frozen=True, slots=True)
class Subject:
    """A record that is looked for: as its row has it, and as it is compared."""

    id: str
    row: Any
    compared: Any


@dataclass(frozen=True, slots=True)
class Pair:
    """A record that was found from another, and how alike they are."""

    start: Subject
    found: Subject
    likeness: Likeness


class Looking:
    """Looks for duplicates among the records of one kind."""

    def __init__(self, records: Records[Any], comparing: Comparing) -> None:
        self._records, self._comparing = records, comparing
        self._found = found_sql(records.kind.table, comparing)

    def subject(self, row: Row) -> Subject:
        return Subject(row["id"], row, self._comparing.read(row))

    async def of_id(self, caller: Caller, record_id: str) -> Subject | None:
        """The record with an id, None if the caller sees no such record."""
        kind = self._records.kind
        if not is_id(kind.policy.id_prefix, record_id):
            return None
        seen, values = self._seen(caller, 3)
        sql = (
            f"SELECT {self._comparing.columns} FROM {kind.table} AS r"
            f" WHERE r.business_id = $1 AND r.id = $2 AND r.deleted_at IS NULL{seen}"
        )
        where = caller.business_id, record_id, *values
        row = await self._records.database.row(sql, *where)
        return None if row is None else self.subject(row)

    async def of_record(self, caller: Caller, record: Any) -> Subject:
        """A record that need not exist, read as its row would be."""
        given = self._comparing.given
        columns = ", ".join(
            f"${place}::text AS {name}" for place, name in enumerate(given, 2)
        )
        values = (getattr(record, name) or None for name in given)
        sql = (
            f"SELECT {self._comparing.columns} FROM"
            f" (SELECT *{self._comparing.made} FROM"
            f" (SELECT $1::text AS business_id, '' AS id, {columns}) AS g) AS r"
            " WHERE r.business_id = $1"
        )
        row = await self._records.database.row(sql, caller.business_id, *values)
        assert row is not None  # noqa: S101 - the statement makes its row
        return self.subject(row)

    async def after(
        self, caller: Caller, record_id: str, most: int
    ) -> tuple[list[Subject], str, bool]:
        """The next records by id that the caller sees: of so many that are looked at.

        Returns with them the id of the last one that was looked at, and whether that
        many were there.
        """
        seen, values = self._seen(caller, 4)
        sql = (
            f"SELECT {self._comparing.columns}, (true{seen}) AS seen FROM"
            f" (SELECT * FROM {self._records.kind.table} AS r WHERE r.business_id = $1"
            " AND r.id > $2 AND r.deleted_at IS NULL ORDER BY r.id LIMIT $3) AS r"
            " ORDER BY r.id"
        )
        where = caller.business_id, record_id, most, *values
        rows = await self._records.database.rows(sql, *where)
        last = rows[-1]["id"] if rows else record_id
        subjects = [self.subject(row) for row in rows if row["seen"]]
        return subjects, last, len(rows) == most

    async def pairs(
        self, caller: Caller, subjects: Sequence[Subject], least: int
    ) -> list[Pair]:
        """The records that are like the subjects, at least so much."""
        keys = [
            (number, each)
            for number, subject in enumerate(subjects, 1)
            for each in self._comparing.keys(subject.row)
        ]
        if not keys:
            return []
        names = self._comparing.names
        # Nothing equals null, and nothing is near it.
        columns = [[each.get(name) or None for _, each in keys] for name in names]
        columns[0] = [each["id"] for _, each in keys]
        seen, values = self._seen(caller, len(names) + 3)
        sql = self._found.format(columns=self._comparing.columns, seen=seen)
        numbers = [number for number, _ in keys]
        where = caller.business_id, numbers, *columns, *values
        rows = await self._records.database.rows(sql, *where)
        found = []
        for count, row in enumerate(rows, 1):
            start, other = subjects[row["start"] - 1], self.subject(row)
            likeness = self._comparing.compare(start.compared, other.compared)
            if likeness.score >= least:
                found.append(Pair(start, other, likeness))
            if count % _AT_ONCE == 0:
                await asyncio.sleep(0)
        return found

    def _seen(self, caller: Caller, place: int) -> tuple[str, list[str]]:
        """The condition of what the caller sees, after an AND, and its value."""
        seen = visible(self._records.kind, caller, self._records.kinds)
        if not seen:
            return "", []
        told = f" AND {seen.format(tenant='$1', user=f'${place}')}"
        return told, [caller.user_id] if USER in seen else []


def found_sql(table: str, comparing: Comparing) -> str:
    """The statement that follows all ways, with places for columns and visibility.

    Its values are the tenant, the numbers of the subjects, and the names' keys. It is
    written to be short, as long ones are not kept prepared: what the ways have in
    common stands once, in a part that PostgreSQL puts into each of them.
    """
    names = comparing.names
    arrays = ", ".join(f"${place}::text[]" for place in range(3, len(names) + 3))
    every = [*dict.fromkeys(way.expression for way in comparing.ways)]
    expressions = "".join(f", {each} AS e{n}" for n, each in enumerate(every))
    ways = " UNION ".join(
        f"({each})"
        for way in comparing.ways
        for each in _way(way, f"r.e{every.index(way.expression)}")
    )
    return (
        f"WITH p AS NOT MATERIALIZED (SELECT r.*, {comparing.name} AS a{expressions}"
        f" FROM {table} AS r WHERE r.business_id = $1 AND r.deleted_at IS NULL)"
        " SELECT r.*, f.start FROM (SELECT DISTINCT k.start, c.id FROM"
        f" unnest($2::int[], {arrays}) k (start, {', '.join(names)})"
        f" CROSS JOIN LATERAL ({ways}) c"
        " WHERE c.id <> k.id) f"
        # By its own index for each of them (OFFSET): there are few.
        " CROSS JOIN LATERAL (SELECT {columns} FROM p AS r WHERE r.id = f.id{seen}"
        " OFFSET 0) AS r ORDER BY f.start, r.id"
    )


def _way(way: Equal | Near, is_at: str) -> Iterator[str]:
    """The queries of one way, whose expression `is_at` of a record."""
    among = f"FROM p AS r WHERE true{way.of}"
    if way.within:
        among += f" AND r.{way.within} = k.{way.within}"
    if isinstance(way, Equal):
        equal = f"{is_at} = k.{way.key}"
        if way.until:
            equal = f"{is_at} BETWEEN k.{way.key} AND k.{way.until}"
        yield f"SELECT r.id {among} AND {equal} LIMIT {way.most}"
        return
    for sign, back in ((">", ""), ("<", " DESC")):
        yield (
            f"SELECT n.id FROM (SELECT r.id, r.a {among}"
            f" AND ({is_at}, r.id) {sign} (k.{way.key}, k.id)"
            f" ORDER BY {is_at}{back}, r.id{back} LIMIT {NEIGHBOURS}) n"
            f" WHERE similarity(n.a, k.name) >= {_RESEMBLES}"
        )
