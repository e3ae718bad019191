"""The roles that a definition names as readers of a sensitive field."""

from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Fault
from services.postgres.database import Database

_ROLES = "SELECT name FROM roles WHERE business_id = $1 ORDER BY name"


async def unknown_readers(
    database: Database, business_id: str, definition: pb.Field
) -> list[Fault]:
    """The faults of roles that the tenant does not have."""
    if not definition.readable_by:
        return []
    names = [row[0] for row in await database.rows(_ROLES, business_id)]
    message = f"Give roles of your tenant: {', '.join(names[:20])}."
    return [
        Fault(
            f"field.readable_by[{index}]",
            FaultCode.FAULT_CODE_INVALID_CHOICE,
            message,
        )
        for index, name in enumerate(definition.readable_by)
        if name not in names
    ]
