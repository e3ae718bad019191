"""Records by their ids, and the records that are associated with others.

Each is one statement, however many ids it is for. What a caller does not see is left
out, and so are records of archived custom objects.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from services.answers.asked import Listed
from services.caller import Caller
from services.ids import is_id
from services.kinds.record_type import Kinds, RecordType
from services.postgres.database import Row
from services.postgres.sql_parts import Parameters
from services.records.engine import Records
from services.records.rows import RowReader
from services.records.visibility import visible

# The most associated records of one type that come along with a record.
MOST_LISTED = 25


async def rows_of(
    records: Records[Any],
    reader: RowReader,
    caller: Caller,
    ids: Iterable[str],
    custom_object: str = "",
) -> list[Row]:
    """The rows of the records with these ids that the caller sees, in any order."""
    kind = records.kind
    prefix = kind.policy.id_prefix
    sought = [each for each in dict.fromkeys(ids) if is_id(prefix, each)]
    if not sought:
        return []
    p = Parameters(business_id=caller.business_id)
    where = f"r.business_id = {p.tenant} AND r.id = ANY({p.place(sought, 'text[]')})"
    where += f" AND r.deleted_at IS NULL{_seen(kind, records.kinds, caller, p)}"
    if custom_object:
        where += f" AND r.{kind.object_field} = {p.place(custom_object, 'text')}"
    sql = f"SELECT {reader.columns} FROM {kind.table} AS r WHERE {where}"
    return await records.database.rows(sql, *p.values)


def _seen(kind: RecordType, kinds: Kinds, caller: Caller, p: Parameters) -> str:
    """The condition on records `r` that the caller sees, after an AND; "" for all."""
    seen = visible(kind, caller, kinds)
    if not seen:
        return ""
    user = p.place(caller.user_id, "text")
    return f" AND {seen.format(tenant=p.tenant, user=user)}"


async def associated(
    records: Records[Any], listed: Listed, caller: Caller, ids: Sequence[str]
) -> list[Row]:
    """The records that each of some records is associated with, the newest first.

    The last column is the id of the record that leads there. There is one more than
    `MOST_LISTED` where there are more.
    """
    p = Parameters(business_id=caller.business_id)
    near = f"unnest({p.place(list(ids), 'text[]')}) AS k (id)"
    source = _source(listed, records.kinds, caller, p)
    one = f"{source} ORDER BY r.id DESC LIMIT {MOST_LISTED + 1}"
    columns = f"{records.codec.columns}, k.id AS led_from"
    sql = f"SELECT {columns} FROM {near} CROSS JOIN LATERAL ({one}) AS r"
    return await records.database.rows(sql, *p.values)


def _source(listed: Listed, kinds: Kinds, caller: Caller, p: Parameters) -> str:
    """The query of the records that the record `k` is associated with."""
    kind, link = listed.other.kind, listed.type.link_field
    lives = f"r.business_id = {p.tenant} AND r.deleted_at IS NULL"
    lives += _seen(kind, kinds, caller, p)
    if kind.object_field:
        lives += f" AND r.{kind.object_field} = {p.place(listed.other.slug, 'text')}"
    records = f"SELECT r.* FROM {kind.table} AS r"
    if link and listed.inverse:
        return f"{records} WHERE {lives} AND r.{link} = k.id"
    if link:
        table = listed.type.from_object
        near = f"n.business_id = {p.tenant} AND n.id = k.id AND n.{link} = r.id"
        return f"{records} JOIN {table} AS n ON {near} WHERE {lives}"
    ends = ("to_id", "from_id") if listed.inverse else ("from_id", "to_id")
    between = (
        f"x.business_id = {p.tenant} AND x.{ends[0]} = k.id AND x.{ends[1]} = r.id"
        f" AND x.type = {p.place(listed.type.key, 'text')} AND x.deleted_at IS NULL"
    )
    return f"{records} JOIN associations AS x ON {between} WHERE {lives}"
