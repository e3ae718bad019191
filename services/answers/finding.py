"""Records by their ids, and the records that are associated with others.

Each is one statement, however many ids it is for. What a caller does not see is left
out, and so are records of archived custom objects.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from services.answers.asked import Listed
from services.caller import Caller
from services.kinds.record_type import STRUCTS, Kinds, RecordType
from services.postgres.database import Row
from services.postgres.sql_parts import Parameters
from services.records.engine import Records
from services.records.visibility import visible

# The most associated records of one type that come along with a record.
MOST_LISTED = 25

# The most bytes of long values of the associated records in one answer, and how many
# characters a text may have that does not count among these.
MOST_LISTED_BYTES, LONG = 8 * 1024**2, 1000


async def rows_of(
    records: Records[Any],
    columns: str,
    caller: Caller,
    ids: Iterable[str],
    custom_object: str = "",
) -> list[Row]:
    """The rows of the records with these ids that the caller sees, in any order."""
    kind, sought = records.kind, ",".join(ids)
    if not sought:
        return []
    p = Parameters(business_id=caller.business_id)
    # One text: an array is checked and written id by id.
    array = f"string_to_array({p.place(sought, 'text')}, ',')"
    where = f"r.business_id = {p.tenant} AND r.id = ANY({array})"
    where += f" AND r.deleted_at IS NULL{_seen(kind, records.kinds, caller, p)}"
    if custom_object:
        where += f" AND r.{kind.object_field} = {p.place(custom_object, 'text')}"
    sql = f"SELECT {columns} FROM {kind.table} AS r WHERE {where}"
    return await records.database.rows(sql, *p.values)


def _seen(kind: RecordType, kinds: Kinds, caller: Caller, p: Parameters) -> str:
    """The condition on records `r` that the caller sees, after an AND; "" for all."""
    seen = visible(kind, caller, kinds)
    if not seen:
        return ""
    user = p.place(caller.user_id, "text")
    return f" AND {seen.format(tenant=p.tenant, user=user)}"


def sent(records: Records[Any], others: Iterable[str] = ()) -> str:
    """What to select of records if only ids and some other fields are looked at.

    The type of custom records is among these.
    """
    kind = records.kind
    looked_at = ["id", *others]
    if kind.object_field:
        looked_at.append(kind.object_field)
    columns = (f"r.{name}" for name in dict.fromkeys(looked_at))
    return ", ".join((records.codec.sent.columns, *columns))


async def associated(
    records: Records[Any], listed: Listed, caller: Caller, ids: Sequence[str]
) -> list[Row]:
    """The records that each of some records is associated with, the newest first.

    After what was `sent` come the id of the record that leads there and the number of
    those that it leads to, which counts to `MOST_LISTED` + 1. Once the records have
    more than `MOST_LISTED_BYTES` of long values, only the newest for each id follows.
    """
    p = Parameters(business_id=caller.business_id)
    near = f"unnest({p.place(list(ids), 'text[]')}) WITH ORDINALITY AS k (id, place)"
    source = _source(listed, records.kinds, caller, p)
    one = f"{source} ORDER BY r.id DESC LIMIT {MOST_LISTED + 1}"
    found = f"""
        SELECT r.*, k.id AS led_from, k.place, count(*) OVER one AS leads,
            row_number() OVER (one ORDER BY r.id DESC) AS nth,
            sum({_size_of(listed.other.kind)}) OVER (ORDER BY place, r.id DESC) AS bytes
        FROM {near} CROSS JOIN LATERAL ({one}) AS r
        WINDOW one AS (PARTITION BY k.place)
    """
    sql = f"""
        SELECT {sent(records)}, r.led_from, r.leads FROM ({found}) AS r
        WHERE r.nth = 1 OR r.nth <= {MOST_LISTED} AND r.bytes <= {MOST_LISTED_BYTES}
        ORDER BY r.place, r.id DESC
    """
    return await records.database.rows(sql, *p.values)


def _size_of(kind: RecordType) -> str:
    """The bytes of the values of a record `r` that can be long, as SQL."""
    long = (f for f in kind.fields if f.type in STRUCTS or f.policy.max_len > LONG)
    sizes = (f"coalesce(octet_length({field.sql}::text), 0)" for field in long)
    return " + ".join(sizes) or "0"


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
