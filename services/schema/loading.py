"""Field definitions of records that were loaded, such as those of a demonstration."""

from collections.abc import Sequence

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.kinds.record_type import record_types
from services.postgres.database import Database
from services.record_messages import record_messages
from services.records.bulk import copy_in, rows_of
from services.schema import existing
from services.schema.formulas import Formulas
from services.schema.generation import COUNT_UP, LOCK

_ANY_NUMBER = 10**9


async def define(
    database: Database, business_id: str, fields: Sequence[pb.Field]
) -> None:
    """Defines fields of records that were loaded. No method of a service calls it."""
    rows, formulas = (
        rows_of(business_id, fields),
        Formulas(record_types(record_messages())),
    )
    async with database.transaction() as transaction:
        await transaction.run(LOCK, business_id)
        await copy_in(transaction, rows)
        for each in fields:
            if each.type != pb.FIELD_TYPE_FORMULA:
                await existing.fit(transaction, business_id, each, most=_ANY_NUMBER)
        for name in {each.object for each in fields}:
            own = await formulas.fields_of(transaction, business_id, name)
            where = transaction, business_id, name, own
            await formulas.recompute(*where, own.formulas, _ANY_NUMBER)
        await transaction.run(COUNT_UP, business_id)
