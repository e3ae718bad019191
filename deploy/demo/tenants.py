"""The tenants of the demonstration data, and whether their records are loaded.

It imports little, so that a start which finds the data loaded imports nothing that
makes them, which took a tenth of its time.
"""

from prospectconnect.crm.v1.contacts_pb2 import Contact

from services.errors import NotFound
from services.iam.tenants import business_of
from services.kinds.descriptors import record_type
from services.postgres.database import Database

TENANT = "demo"
OTHER_TENANT = "other"
ROLES = ("owner", "admin", "manager", "member", "viewer")


def email(role: str, tenant: str = TENANT) -> str:
    """Returns the address of a tenant's user with a role."""
    return f"{role}@{tenant}.example"


async def is_loaded(database: Database) -> bool:
    """Whether the load is complete, which ends with the other tenant's contacts."""
    try:
        last = await business_of(database, OTHER_TENANT)
    except NotFound:
        return False
    table = record_type(Contact).table
    sql = f"SELECT EXISTS (SELECT FROM {table} WHERE business_id = $1)"
    row = await database.row(sql, last)
    return row is not None and bool(row[0])
