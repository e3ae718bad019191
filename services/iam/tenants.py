"""Administration of tenants and users, for the command line.

No method of a service calls these functions.
"""

import asyncpg
from prospectconnect.options.v1.options_pb2 import Format

from services.clock import now
from services.errors import NotFound, ServiceError
from services.iam import audit
from services.iam.audit import OPERATOR, Event
from services.iam.passwords import hash_password
from services.ids import new_id
from services.kinds.formats import FORMATS
from services.postgres.database import Database, Transaction
from services.records.many.statements import update_many_sql
from services.records.statements import insert_one_sql

# A sandbox may send so large a part of the live tenant's requests.
PART_OF_LIMIT = 4

_SET_LIMIT = """
UPDATE tenants SET limit_requests = $2, limit_seconds = $3 WHERE business_id = $1
"""
# Its sandboxes have a part of it. Values: also how many of them make the whole.
_SET_LIMITS_OF_SANDBOXES = """
WITH its AS (
  SELECT tenant_id AS business_id FROM sandboxes
  WHERE business_id = $1 AND tenant_id IS NOT NULL
)
UPDATE tenants AS t
SET limit_requests = greatest(1, $2::int / $4::int), limit_seconds = $3
FROM its WHERE t.business_id = its.business_id
"""
_USER = insert_one_sql(
    "users",
    {
        "id": "$2",
        "name": "$3",
        "email": "$4",
        "role": "$5",
        "password_hash": "$6",
        "created_at": "$7",
        "updated_at": "$7",
    },
)
_CREATE_USER = f"""
WITH made AS ({_USER})
INSERT INTO addresses (email, business_id) SELECT lower($4), $1 FROM made
"""
# Nobody was active.
_NONE = "UPDATE 0"

# The role of a user, and how many tokens end with the user.
_HAD = """
SELECT u.role, (SELECT count(*) FROM tokens AS t WHERE t.business_id = $1
  AND t.user_id = u.id AND t.revoked_at IS NULL
  AND (t.expires_at IS NULL OR t.expires_at > now()))
FROM users AS u WHERE u.business_id = $1 AND u.id = $2
"""
_DEACTIVATE = update_many_sql("users", ["active = false"], "r.id = $2 AND r.active")


async def set_rate_limit(
    database: Database, tenant_name: str, rate_limit: tuple[int, int]
) -> None:
    """Sets a tenant's rate limit, and that of its sandboxes.

    It takes effect everywhere within a second.
    """
    business_id = await business_of(database, tenant_name)
    limit, seconds = rate_limit
    event = Event(
        "limit_changed",
        business_id,
        address=OPERATOR,
        details={"requests": limit, "seconds": seconds},
    )

    async def work(transaction: Transaction) -> None:
        its = business_id, *rate_limit
        await transaction.run(_SET_LIMIT, *its)
        await transaction.run(_SET_LIMITS_OF_SANDBOXES, *its, PART_OF_LIMIT)
        await audit.record(transaction, event)

    await database.in_transaction(work)


async def create_user(
    database: Database,
    tenant_name: str,
    email: str,
    role: str,
    password: str | None = None,
    name: str | None = None,
) -> str:
    """Creates a user and returns the id. Addresses are unique within a tenant."""
    email_form = FORMATS[Format.FORMAT_EMAIL]
    if not email_form.matches(email):
        raise ServiceError(email_form.message)
    business_id = await business_of(database, tenant_name)
    user_id = new_id("usr_")
    shown = checked_name(name or email.partition("@")[0])
    hashed = None if password is None else await hash_password(password)
    values = business_id, user_id, shown, email, role, hashed, now()
    event = Event(
        "user_created",
        business_id,
        address=OPERATOR,
        target=user_id,
        details={"role": role},
    )

    async def work(transaction: Transaction) -> None:
        await transaction.run(_CREATE_USER, *values)
        await audit.record(transaction, event)

    try:
        await database.in_transaction(work)
    except asyncpg.UniqueViolationError:
        raise ServiceError(f"The tenant has a user {email} already.") from None
    except asyncpg.ForeignKeyViolationError:
        raise ServiceError(f"The tenant has no role {role!r}.") from None
    return user_id


async def deactivate_user(database: Database, tenant_name: str, email: str) -> None:
    """Deactivates a user. All the user's tokens are refused within a second."""
    business_id = await business_of(database, tenant_name)
    user_id = await user_of(database, business_id, email)

    async def work(transaction: Transaction) -> None:
        whose = business_id, user_id
        if await transaction.run(_DEACTIVATE, *whose, now()) == _NONE:
            return
        row = await transaction.row(_HAD, *whose)
        role, tokens = ("", 0) if row is None else row
        event = Event(
            "user_deactivated",
            business_id,
            address=OPERATOR,
            target=user_id,
            details={"role": role, "tokens": tokens},
        )
        await audit.record(transaction, event)

    await database.in_transaction(work)


async def business_of(database: Database, tenant_name: str) -> str:
    """Returns the id of the tenant with a name."""
    row = await database.row(
        "SELECT business_id FROM tenants WHERE name = $1", tenant_name
    )
    if row is None:
        raise NotFound(f"There is no tenant {tenant_name!r}.")
    return str(row[0])


async def user_of(database: Database, business_id: str, email: str) -> str:
    """Returns the id of a tenant's user with an e-mail address."""
    row = await database.row(
        "SELECT id FROM users WHERE business_id = $1 AND lower(email) = lower($2)",
        business_id,
        email,
    )
    if row is None:
        raise NotFound(f"The tenant has no user {email}.")
    return str(row[0])


def checked_name(name: str) -> str:
    """Returns a name without outer blanks. Raises `ServiceError` for a bad length."""
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= 255 or "\0" in trimmed:
        raise ServiceError("A name has 1 to 255 characters.")
    return trimmed
