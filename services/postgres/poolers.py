"""Poolers before PostgreSQL, such as pgbouncer in transaction mode.

Behind one, each transaction may have another connection to the server. Nothing that
the product sends relies on a session, but for the statements that asyncpg prepares.
"""

import secrets

from services.postgres.connections import Link

_PREPARED = "SELECT EXISTS (SELECT FROM pg_prepared_statements WHERE name = $1)"


async def keeps_statements(link: Link) -> bool:
    """Whether what is prepared on a connection is there when it is used again.

    A pooler that takes prepared statements along calls them by names of its own
    (pgbouncer, where `max_prepared_statements` is not 0). One that does not passes
    ours on, and would run what another process has prepared under the same name.
    """
    async with link.transaction():  # on one connection to the server
        pid = await link.prepare("SELECT pg_backend_pid()", name="")
        if await pid.fetchval() == link.get_server_pid():
            return True
        name = f"probe_{secrets.token_hex(8)}"
        probe = await link.prepare(_PREPARED, name=name)
        is_passed_on = await probe.fetchval(name)
        if is_passed_on:
            await link.execute(f"DEALLOCATE {name}")
    return not is_passed_on
