"""How many fields the records of a tenant may have, archived definitions included."""

from prospectconnect.iam.v1.limits_pb2 import LimitHolder, LimitName
from prospectconnect.schema.v1.fields_pb2 import Field, FieldType
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.bounds import Bound
from services.errors import ValidationFailed
from services.faults import Faults
from services.postgres.database import Transaction

_OF_TENANT, _IS_UNIQUE = "fields WHERE business_id = $1", '"unique" AND NOT archived'

FIELDS = Bound(
    name=LimitName.LIMIT_NAME_FIELDS,
    per=LimitHolder.LIMIT_HOLDER_OBJECT,
    most=500,
    used=f"SELECT object, count(*) FROM {_OF_TENANT} GROUP BY object",
)
UNIQUE_FIELDS = Bound(
    name=LimitName.LIMIT_NAME_UNIQUE_FIELDS,
    per=LimitHolder.LIMIT_HOLDER_OBJECT,
    most=20,
    used=f"""
    SELECT object, count(*) FROM {_OF_TENANT} AND {_IS_UNIQUE} GROUP BY object
    """,
)
_IS_FORMULA = f"type = {FieldType.FIELD_TYPE_FORMULA} AND NOT archived"
FORMULAS = Bound(
    name=LimitName.LIMIT_NAME_FORMULAS,
    per=LimitHolder.LIMIT_HOLDER_OBJECT,
    most=50,
    used=f"""
    SELECT object, count(*) FROM {_OF_TENANT} AND {_IS_FORMULA} GROUP BY object
    """,
)

_USED = f"""
SELECT count(*), count(*) FILTER (WHERE {_IS_UNIQUE}),
  count(*) FILTER (WHERE {_IS_FORMULA})
FROM {_OF_TENANT} AND object = $2
"""


async def refuse_too_many(
    transaction: Transaction, business_id: str, before: Field | None, after: Field
) -> None:
    """Refuses a definition beyond the bounds, which the counts include already."""
    row = await transaction.row(_USED, business_id, after.object)
    fields, unique, formulas = row or (0, 0, 0)
    faults = Faults()
    code = FaultCode.FAULT_CODE_TOO_MANY
    if before is None and fields > FIELDS.most:
        message = f"{after.object} have at most {FIELDS.most} definitions."
        faults.add("field.key", code, message)
    was_unique = before is not None and before.unique and not before.archived
    if after.unique and not was_unique and unique > UNIQUE_FIELDS.most:
        message = f"{after.object} have at most {UNIQUE_FIELDS.most} unique fields."
        faults.add("field.unique", code, message)
    was_live = before is not None and not before.archived
    is_formula = after.type == FieldType.FIELD_TYPE_FORMULA and not after.archived
    if is_formula and not was_live and formulas > FORMULAS.most:
        message = f"{after.object} have at most {FORMULAS.most} formulas."
        faults.add("field.type", code, message)
    if faults.found:
        raise ValidationFailed(faults.found)
