"""How many fields and types a tenant may have, archived ones included."""

from prospectconnect.iam.v1.limits_pb2 import LimitHolder, LimitName
from prospectconnect.schema.v1.fields_pb2 import Field, FieldType
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.bounds import Bound
from services.errors import ValidationFailed
from services.faults import Fault, Faults
from services.postgres.database import Transaction

_OWN_TYPES = "association_types WHERE business_id = $1 AND NOT built_in"
_OF_TENANT, _IS_UNIQUE = "fields WHERE business_id = $1", '"unique" AND NOT archived'
_ALL_OPTIONS = "coalesce(sum(jsonb_array_length(options)), 0)::bigint"

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
OPTIONS = Bound(
    name=LimitName.LIMIT_NAME_OPTIONS,
    per=LimitHolder.LIMIT_HOLDER_OBJECT,
    most=20_000,
    used=f"SELECT object, {_ALL_OPTIONS} FROM {_OF_TENANT} GROUP BY object",
)

_CUSTOM = "objects WHERE business_id = $1 AND NOT built_in"

OBJECTS = Bound(
    name=LimitName.LIMIT_NAME_OBJECTS,
    per=LimitHolder.LIMIT_HOLDER_TENANT,
    most=200,
    used=f"SELECT NULL, count(*) FROM {_CUSTOM}",
)

ASSOCIATION_TYPES = Bound(
    name=LimitName.LIMIT_NAME_ASSOCIATION_TYPES,
    per=LimitHolder.LIMIT_HOLDER_TENANT,
    most=200,
    used=f"SELECT NULL, count(*) FROM {_OWN_TYPES}",
)

_USED = f"""
SELECT count(*), count(*) FILTER (WHERE {_IS_UNIQUE}),
  count(*) FILTER (WHERE {_IS_FORMULA}), {_ALL_OPTIONS}
FROM {_OF_TENANT} AND object = $2
"""


async def refuse_too_many(
    transaction: Transaction, business_id: str, before: Field | None, after: Field
) -> None:
    """Refuses a definition beyond the bounds, which the counts include already."""
    row = await transaction.row(_USED, business_id, after.object)
    fields, unique, formulas, options = row or (0, 0, 0, 0)
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
    had = 0 if before is None else len(before.options)
    if len(after.options) > had and options > OPTIONS.most:
        message = f"{after.object} have at most {OPTIONS.most} options together."
        faults.add("field.options", code, message)
    if faults.found:
        raise ValidationFailed(faults.found)


async def refuse_too_many_objects(transaction: Transaction, business_id: str) -> None:
    """Refuses a custom object beyond the bound, which the count includes already."""
    row = await transaction.row(f"SELECT count(*) FROM {_CUSTOM}", business_id)
    if row is not None and row[0] > OBJECTS.most:
        message = f"There are at most {OBJECTS.most} custom objects."
        code = FaultCode.FAULT_CODE_TOO_MANY
        raise ValidationFailed([Fault("object.slug", code, message)])


async def refuse_more_types(transaction: Transaction, business_id: str) -> None:
    """Refuses a type beyond the bound, which the count includes already."""
    row = await transaction.row(f"SELECT count(*) FROM {_OWN_TYPES}", business_id)
    if row is not None and row[0] > ASSOCIATION_TYPES.most:
        message = f"A tenant has at most {ASSOCIATION_TYPES.most} association types."
        code = FaultCode.FAULT_CODE_TOO_MANY
        raise ValidationFailed([Fault("association_type.key", code, message)])
