"""The roles that a definition names as readers of a sensitive field."""

from collections.abc import Collection

from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Fault
from services.postgres.database import Database

_ROLES = "SELECT name FROM roles WHERE business_id = $1 ORDER BY name"


async def role_names(database: Database, business_id: str) -> list[str]:
    """The names of a tenant's roles."""
    return [row[0] for row in await database.rows(_ROLES, business_id)]


def unknown_readers(definition: pb.Field, roles: Collection[str]) -> list[Fault]:
    """The faults of roles that the tenant does not have."""
    code = FaultCode.FAULT_CODE_INVALID_CHOICE
    message = f"Give roles of your tenant: {', '.join([*roles][:20])}."
    return [
        Fault(f"field.readable_by[{index}]", code, message)
        for index, name in enumerate(definition.readable_by)
        if name not in roles
    ]
