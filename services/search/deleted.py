"""Searches of records that were deleted within the time in which they can be restored.

The values that find records by index are those of living ones. So a deleted record is
looked at row by row, among those that an index by the time of deletion gives.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from services.caller import Caller
from services.clock import now
from services.kinds.objects import object_kinds
from services.kinds.record_type import Kinds, RecordType
from services.postgres.database import Database, Row
from services.postgres.sql_parts import Condition, Parameters
from services.records.many.merged import MERGED_IDS, NOT_MERGED, can_merge
from services.records.restoring.deletion import DELETED_AT, deletion_fields
from services.records.restoring.restoring import KEPT
from services.records.rows import Part, RowReader, public_names
from services.search import pages
from services.search.pages import Page

# The order by the time of deletion, which living records do not have.
ORDER = f"r.{DELETED_AT}"


def among_deleted(page: Page, p: Parameters, kind: RecordType) -> Page:
    """The same page of deleted records. What was merged lives on in its survivor."""
    kept_since = p.place(now() - KEPT, "timestamptz")
    lives = f"r.{DELETED_AT} > {kept_since}"
    if can_merge(kind):
        lives += f" AND {NOT_MERGED}"
    return replace(page, lives=lives)


def deletable(kind: RecordType, kinds: Kinds, caller: Caller) -> list[Condition]:
    """What a record must fulfil besides for the caller to delete it.

    An association is deleted by those who may write its first record. For other records
    the caller has the permission already.
    """
    if not kind.ends:
        return []
    prefixes = (
        each.policy.id_prefix.removesuffix("_")
        for each in object_kinds(kinds)
        if caller.may(f"{each.resource}.write")
    )
    named = ", ".join(f"'{each}'" for each in prefixes) or "NULL"
    first = kind.ends[0].name
    return [Condition((f"split_part(r.{first}, '_', 1) IN ({named})",))]


@lru_cache(maxsize=64)
def reader_of_deleted(kind: RecordType) -> RowReader:
    """What makes whole records from the rows, with what is told of their deletion."""
    fields, names = (*kind.fields, *deletion_fields(kind)), public_names(kind)
    reader = RowReader(kind, Part(fields, names), compiled=True)
    if MERGED_IDS not in names:
        return reader
    less = tuple(name for name in names if name != MERGED_IDS)
    return _SeldomMerged(reader, RowReader(kind, Part(fields, less), compiled=True))


class _SeldomMerged(RowReader):
    """Leaves `merged_ids` out where there are none, since nobody has asked for them."""

    def __init__(self, merged: RowReader, other: RowReader) -> None:
        self.columns, self.width = merged.columns, merged.width
        columns = [each.rpartition(".")[2] for each in merged.columns.split(", ")]
        place = columns.index(MERGED_IDS)

        def of(row: Row) -> RowReader:
            return merged if row[place] else other

        def read_into(answer: Any, rows: list[Row], business_id: str) -> None:
            for row in rows:
                of(row).read_into(answer, [row], business_id)

        self.read = lambda row, business_id: of(row).read(row, business_id)
        self.read_into = read_into
        self.pack = lambda rows, business_id: b"".join(
            of(row).pack([row], business_id) for row in rows
        )


async def read_deleted(
    database: Database, page: Page, values: Sequence[Any]
) -> list[Row]:
    """The rows of a page, one more than it holds if others follow."""
    return await database.rows(pages.looked_at(page), *values)


async def count_deleted(
    database: Database, page: Page, values: Sequence[Any], most: int
) -> int:
    """How many records a page is of, as far as `most`."""
    sql = pages.counted(page, not page.conditions, most)
    ((number,),) = await database.rows(sql, *values)
    return int(number)
