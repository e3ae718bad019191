"""Figures that take too long are refused, and the connection goes on."""

import asyncio

import asyncpg
import pytest

from services.postgres.database import Database


def test_a_statement_ends_at_its_time(database_url: str) -> None:
    async def scenario() -> None:
        database = await Database.open(database_url, max_connections=1)
        try:
            late = "SET LOCAL statement_timeout = '20ms'; SET LOCAL work_mem = '1MB'"
            with pytest.raises(asyncpg.QueryCanceledError):
                await database.rows_with(late, "SELECT pg_sleep($1)", 60.0)
            ((limit, number),) = await database.rows_with(
                "SET LOCAL work_mem = '2MB'",
                "SELECT current_setting('work_mem'), $1::integer",
                7,
            )
            assert (limit, number) == ("2MB", 7)
            ((usual,),) = await database.rows("SELECT current_setting('work_mem')")
            assert usual != "2MB"  # what was set has ended with it
        finally:
            await database.close()

    asyncio.run(scenario())
