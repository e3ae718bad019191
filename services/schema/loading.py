"""Field definitions of records that were loaded, such as those of a demonstration."""

from collections.abc import Sequence

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.postgres.database import Database
from services.records.bulk import copy_in, rows_of
from services.schema import existing
from services.schema.generation import COUNT_UP, LOCK

_ANY_NUMBER = 10**9


async def define(
    database: Database, business_id: str, fields: Sequence[pb.Field]
) -> None:
    """Defines fields of records that were loaded. No method of a service calls it.

    The records hold the values of formulas already.
    """
    for each in fields:
        each.state = pb.FIELD_STATE_ACTIVE
    rows = rows_of(business_id, fields)
    async with database.transaction() as transaction:
        await transaction.run(LOCK, business_id)
        await copy_in(transaction, rows)
        for each in fields:
            await existing.fit(transaction, business_id, each, most=_ANY_NUMBER)
        await transaction.run(COUNT_UP, business_id)
