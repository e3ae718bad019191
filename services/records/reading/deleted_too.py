"""Reads the row of one record that a caller sees, deleted or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.caller import Call
from services.errors import NotFound
from services.ids import is_id
from services.postgres.database import Database, Row
from services.records.compiled import CompiledKind
from services.records.visibility import USER, visible


@dataclass(frozen=True, slots=True)
class Besides:
    """What is read beside a record: columns, SQL that joins their tables, its values.

    The places of the values begin at `$3`.
    """

    columns: str = ""
    joined: str = ""
    given: Sequence[Any] = ()


async def row_of(
    database: Database,
    compiled: CompiledKind[Any],
    call: Call,
    record_id: str,
    besides: Besides = Besides(),
) -> Row | None:
    """The record's columns, when it was deleted, and what is besides.

    None if there is no such record. Raises `NotFound` for what is no id of the kind.
    """
    kind, codec, caller = compiled.kind, compiled.codec, call.caller
    if not is_id(kind.policy.id_prefix, record_id):
        raise NotFound
    values = [caller.business_id, record_id, *besides.given]
    sql = (
        f"SELECT {codec.columns}, r.deleted_at{besides.columns} FROM {kind.table} AS r"
        f" {besides.joined} WHERE r.business_id = $1 AND r.id = $2"
    )
    if call.object:
        values.append(call.object)
        sql += f" AND r.{kind.object_field} = ${len(values)}"
    seen = visible(kind, caller, compiled.kinds)
    if seen:
        sql += f" AND {seen.format(tenant='$1', user=f'${len(values) + 1}')}"
    if USER in seen:
        values.append(caller.user_id)
    return await database.row(sql, *values)
