"""The statements that read one page of a search, each good for searches of its kind.

`in_order` reads along the order's index. `nearby` does so for a stretch of so many
records and looks at each; its plan does not depend on the values and is kept.
`gathered` finds all that fulfils the conditions first, by their indexes, and then
puts it in order. A row is the record's columns, its position in the order as text,
and a column of the statement's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.postgres.database import Row
from services.postgres.sql_parts import Condition, Sql, by_index, joined, row_by_row


@dataclass(frozen=True, slots=True)
class Page:
    """What a page is of: `tenant`, `bounds` and `conditions` hold, `limit` is read.

    `key` is the expression that orders, `word` the direction. An index reads along
    tenant, key and `id` within the bounds. `object` is the SQL of what the tables of
    values call the type of the records, `lives` what holds of those that are found.
    """

    table: str
    columns: str
    width: int
    key: str
    word: str
    is_in_time: bool
    tenant: str
    bounds: Sequence[str]
    conditions: Sequence[Condition]
    limit: int
    object: str
    id: str = "r.id"
    lives: str = "r.deleted_at IS NULL"

    @property
    def along(self) -> str:
        """What holds along the index of the order."""
        return " AND ".join([self.tenant, self.lives, *self.bounds])

    @property
    def by_index(self) -> str:
        """The conditions as indexes take them."""
        sql: Sql = (self.along,)
        for each in self.conditions:
            sql += (" AND ", *each.sql)
        return by_index(sql)

    @property
    def row_by_row(self) -> str:
        """The conditions for records that are looked at one after the other."""
        told = [each.sql for each in self.conditions if not each.implied]
        return row_by_row(joined(" AND ", told))

    @property
    def order(self) -> str:
        return f"{self.key} {self.word}, {self.id} {self.word}"

    @property
    def row(self) -> str:
        """The record and its position."""
        return f"{self.columns}, ({self.key})::text"


def in_order(page: Page) -> str:
    """The page, by whatever plan; the last column is empty."""
    return (
        f"SELECT {page.row}, NULL FROM {page.table} AS r WHERE {page.by_index}"
        f" ORDER BY {page.order} LIMIT {page.limit}"
    )


def looked_at(page: Page) -> str:
    """The page, by looking at every record; the last column is empty."""
    where = f"{page.along} AND {page.row_by_row}" if page.conditions else page.along
    return (
        f"SELECT {page.row}, NULL FROM {page.table} AS r WHERE {where}"
        f" ORDER BY {page.order} LIMIT {page.limit}"
    )


def nearby(page: Page, stretch: int) -> str:
    """What the page holds of the next `stretch` records.

    A row more, whose last column is true, says that the page is not full yet and that
    other records come after the stretch.
    """
    along = f"FROM {page.table} AS r WHERE {page.along} ORDER BY {page.order}"
    nothing = ", ".join(["NULL"] * (page.width + 1))
    return (
        f"(SELECT {page.row}, false FROM (SELECT * {along} LIMIT {stretch}) AS r"
        f" WHERE {page.row_by_row}) UNION ALL (SELECT {nothing}, true FROM"
        f" (SELECT {along} OFFSET {stretch} LIMIT 1) AS beyond) LIMIT {page.limit}"
    )


def is_whole(rows: Sequence[Row]) -> bool:
    """Whether what was found nearby is all of the page."""
    return not rows or not rows[-1][-1]


def found(page: Page, by_index: bool) -> str:
    """Key and id of all that is found."""
    where = page.by_index if by_index else f"{page.along} AND {page.row_by_row}"
    return f"SELECT {page.key} AS key, r.id FROM {page.table} AS r WHERE {where}"


def gathered(page: Page, by_index: bool, most: int) -> str:
    """The page, out of all that is found; the last column counts that.

    No more than one beyond `most` is gathered, and then the page means nothing.
    """
    return (
        f"WITH found AS MATERIALIZED ({found(page, by_index)}),"
        f" held AS MATERIALIZED (SELECT * FROM found LIMIT {most + 1})"
        f" SELECT {page.columns}, f.key::text, (SELECT count(*) FROM held)"
        f" FROM (SELECT * FROM held ORDER BY key {page.word}, id {page.word}"
        f" LIMIT {page.limit}) AS f"
        f" JOIN {page.table} AS r ON {page.tenant} AND r.id = f.id"
        f" ORDER BY f.key {page.word}, f.id {page.word}"
    )


def gathered_in(rows: Sequence[Row]) -> int:
    """How many records were gathered for a page."""
    return rows[0][-1] if rows else 0


def counted(page: Page, by_index: bool, most: int) -> str:
    """How many records are found, as far as `most`."""
    return f"SELECT count(*) FROM ({found(page, by_index)} LIMIT {most}) AS found"
