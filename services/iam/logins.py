"""Who a user is: found by e-mail address and workspace, proven by a password.

Every attempt asks the same of the database and has one password hashed, whether or
not there is such a user: neither the answer nor its time tells.
"""

from dataclasses import dataclass

from services.postgres.database import Database

_TENANTS = """
SELECT business_id FROM addresses WHERE email = lower($1) ORDER BY business_id LIMIT 2
"""
_NAMED = "SELECT business_id FROM tenants WHERE name = $1"
_USER = """
SELECT id, password_hash FROM users
WHERE business_id = $1 AND lower(email) = lower($2) AND active AND deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Known:
    """Whom an address may belong to; empty where there is no tenant or no user."""

    business_id: str
    user_id: str
    password_hash: str | None


async def find_user(database: Database, email: str, workspace: str) -> Known:
    """The active user with an address, in the workspace if one is named.

    An address that several tenants know names nobody until a workspace is named:
    trying its password on each would tell, by the time it takes, how many they are.
    """
    if workspace:
        rows = await database.rows(_NAMED, workspace)
    else:
        rows = await database.rows(_TENANTS, email)
    business_id = rows[0][0] if len(rows) == 1 else ""
    user = await database.row(_USER, business_id, email)
    if user is None:
        return Known(business_id, "", None)
    return Known(business_id, user[0], user[1])
