"""Reads one record that a caller sees."""

from typing import Any

from services.caller import Caller
from services.errors import NotFound
from services.ids import is_id
from services.postgres.database import Database
from services.records.compiled import CompiledKind
from services.records.erasing.tombstones import missing
from services.records.many.merged import can_merge, survivor_of
from services.records.visibility import USER, visible


async def load(
    database: Database,
    compiled: CompiledKind[Any],
    caller: Caller,
    record_id: str,
    its: str,
    *,
    again: bool = True,
) -> Any:
    """Returns a record with the custom fields that answers hide.

    The id of a merged record is that of its survivor. Raises `NotFound` if the caller
    sees no such record, of the custom object `its` if the kind has several.

    It may come back between two looks, as a merge is undone: we look `again`. What
    the token said of merges does not count: the first one may be newer.
    """
    kind = compiled.kind
    if not is_id(kind.policy.id_prefix, record_id):
        raise NotFound
    sql, values = compiled.get_sql, [caller.business_id, record_id]
    if its:
        values.append(its)
    seen = visible(kind, caller, compiled.kinds)
    if seen:
        user = "$4" if its else "$3"
        sql = f"{sql} AND {seen.format(tenant='$1', user=user)}"
    if USER in seen:
        values.append(caller.user_id)
    row = await database.row(sql, *values)
    if row is not None:
        return compiled.codec.read(row, caller.business_id)
    survivor = await survivor_of(database, kind, caller.business_id, record_id)
    if survivor is None:
        if again and can_merge(kind):
            return await load(database, compiled, caller, record_id, its, again=False)
        raise await missing(database, kind, caller, record_id)
    return await load(database, compiled, caller, survivor, its)
