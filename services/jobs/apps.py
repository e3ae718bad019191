"""An app sees those jobs, imports and exports alone that it has begun itself."""

from collections.abc import Iterable
from typing import Any

from services.caller import Call, Caller
from services.errors import NotFound
from services.postgres.sql_parts import Condition
from services.records.engine import Records


async def refuse_others(records: Records[Any], caller: Caller, record_id: str) -> None:
    """Refuses an app what it has not begun: `NotFound`."""
    if caller.client_id and not await _of_app(records, caller, (record_id,)):
        raise NotFound


async def find_own(records: Records[Any], call: Call, request: Any) -> None:
    """Lets the search of an app find what it has begun alone."""
    count_own(call)
    if call.caller.client_id and request.ids:
        its = await _of_app(records, call.caller, request.ids)
        request.ids[:] = [each if each in its else "" for each in request.ids]


def count_own(call: Call) -> None:
    """Lets the figures of an app count what it has begun alone."""
    if call.caller.client_id:
        client = call.parameters.place(call.caller.client_id, "text")
        call.conditions.append(Condition((f"r.client_id = {client}",)))


async def _of_app(
    records: Records[Any], caller: Caller, ids: Iterable[str]
) -> set[str]:
    """Those of some records that the calling app has begun."""
    sql = (
        f"SELECT id FROM {records.kind.table} WHERE business_id = $1"
        " AND id = ANY($2::text[]) AND client_id = $3"
    )
    given = caller.business_id, list(ids), caller.client_id
    return {row[0] for row in await records.database.rows(sql, *given)}
