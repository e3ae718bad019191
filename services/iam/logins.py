"""Finds the user of a login by e-mail address and workspace.

Every attempt runs the same queries and hashes one password, whether or not the user
exists. So neither the answer nor its time shows which users exist.
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
    """The tenant and user that an address belongs to, empty if there is none."""

    business_id: str
    user_id: str
    password_hash: str | None


async def find_user(database: Database, email: str, workspace: str) -> Known:
    """Finds the active user with an address, in the workspace if one is given.

    If several tenants have the address, no user is found without a workspace. Checking
    the password for each of them would show their number by the time it takes.
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
