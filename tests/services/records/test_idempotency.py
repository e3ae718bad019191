"""A key that is taken is known by its error, whichever way PostgreSQL words it."""

import asyncio

import asyncpg
import pytest

from services.records.idempotency import is_taken

# On plain PostgreSQL the key's own table says so; on Citus 14 a shard of it does.
AS_POSTGRESQL = """
INSERT INTO idempotency_keys (business_id, user_id, client_id, key, fingerprint,
  outcome, created_at)
SELECT $1, 'usr_1', '', 'k', '', '', now() FROM generate_series(1, 2)
"""
AS_CITUS = """
DO $$ BEGIN
  RAISE 'duplicate key value violates unique constraint "{name}"'
  USING ERRCODE = '{state}', DETAIL = 'Key (key)=("idempotency_keys_pkey_1") exists.';
END $$
"""
INTERNAL, DUPLICATE = "XX000", "23505"


def error_of(url: str, sql: str, *values: str) -> Exception:
    async def run() -> None:
        link = await asyncpg.connect(url)
        try:
            await link.execute(sql, *values)
        finally:
            await link.close()

    with pytest.raises(asyncpg.PostgresError) as raised:
        asyncio.run(run())
    return raised.value


def test_postgresql_says_that_a_key_is_taken(database_url: str) -> None:
    assert is_taken(error_of(database_url, AS_POSTGRESQL, "biz_" + "1" * 24))


@pytest.mark.parametrize("state", [INTERNAL, DUPLICATE])
def test_citus_says_that_a_key_is_taken(database_url: str, state: str) -> None:
    sql = AS_CITUS.format(name="idempotency_keys_pkey_102249", state=state)
    assert is_taken(error_of(database_url, sql))


@pytest.mark.parametrize("state", [INTERNAL, DUPLICATE])
def test_another_duplicate_says_nothing_of_a_key(database_url: str, state: str) -> None:
    """Not even when a value in its detail looks like the constraint of the keys."""
    sql = AS_CITUS.format(name="contacts_pkey_102250", state=state)
    assert not is_taken(error_of(database_url, sql))
