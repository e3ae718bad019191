"""Poolers in front of PostgreSQL, such as pgbouncer in transaction mode.

Behind a pooler, each transaction may use another connection to the server. The program
relies on a session only for the statements that asyncpg prepares.
"""

import secrets

from services.postgres.connections import Connection

_PREPARED = "SELECT EXISTS (SELECT FROM pg_prepared_statements WHERE name = $1)"


async def keeps_statements(connection: Connection) -> bool:
    """Whether a prepared statement of a connection can be used again later.

    A pooler that supports prepared statements gives them its own names (pgbouncer with
    `max_prepared_statements` above 0). Another pooler passes our names on, and could
    run a statement that another process has prepared under the same name.
    """
    async with connection.transaction():  # on a single connection to the server
        pid = await connection.prepare("SELECT pg_backend_pid()", name="")
        if await pid.fetchval() == connection.get_server_pid():
            return True
        name = f"probe_{secrets.token_hex(8)}"
        probe = await connection.prepare(_PREPARED, name=name)
        is_passed_on = await probe.fetchval(name)
        if is_passed_on:
            await connection.execute(f"DEALLOCATE {name}")
    return not is_passed_on
