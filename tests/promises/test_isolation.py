"""The check of tenant conditions sees all SQL, and finds a fault."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from services.postgres.database import Database
from tests.client import Client
from tests.promises import isolation
from tests.promises.isolation import PLANTED, names_tenant, statements

TABLES = frozenset(("tenants", "users", "tokens", "contacts", "keys"))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "SELECT name FROM contacts WHERE business_id = $1 AND id = $2",
        "SELECT r.id FROM contacts AS r WHERE r.business_id = $1::text",
        "SELECT (SELECT count(*) FROM contacts AS r WHERE r.business_id = $1)",
        "UPDATE contacts SET name = $3 WHERE business_id = $1 AND id = $2",
        "DELETE FROM keys WHERE business_id = $1 AND created_at < $2",
        "INSERT INTO contacts (business_id, id) VALUES ($1, $2)",
        "SELECT t.id FROM tokens AS t JOIN users AS u"
        " ON u.business_id = t.business_id AND u.id = t.user_id"
        " WHERE t.business_id = $1 AND t.hash = $2",
        "WITH a AS (SELECT 1 FROM users WHERE business_id = $1 AND id = $3),"
        " b AS (INSERT INTO keys (business_id, key) SELECT $1, $2)"
        " SELECT count(*) FROM a",
        'COPY "contacts"("business_id", "id") FROM STDIN',
        "SELECT indexname FROM pg_indexes WHERE tablename = 'contacts'",
        "SELECT business_id FROM tenants WHERE name = $1",
        "ALTER TABLE contacts ADD COLUMN x text",
    ],
)
def test_what_names_its_tenant_passes(sql: str) -> None:
    assert names_tenant(sql, TABLES)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM contacts",
        "SELECT name FROM contacts WHERE id = $1",
        "SELECT name FROM contacts WHERE id = $1 AND name <> 'business_id = $1'",
        "SELECT business_id FROM contacts ORDER BY business_id",
        "SELECT r.id FROM contacts AS r WHERE r.business_id <> $1",
        "SELECT r.id FROM contacts AS r WHERE r.business_id = r.business_id",
        "SELECT (SELECT count(*) FROM contacts) FROM users WHERE business_id = $1",
        "SELECT 1 FROM users WHERE business_id = $1 UNION SELECT 1 FROM contacts",
        "SELECT r.id FROM contacts AS r, users AS u WHERE u.business_id = $1",
        "SELECT r.id FROM contacts AS r JOIN users AS u ON u.id = r.owner_id"
        " WHERE r.business_id = $1",
        "SELECT r.id FROM contacts AS r JOIN users AS u"
        " ON u.business_id = r.business_id",
        "UPDATE contacts SET name = $1 WHERE id = $2",
        "DELETE FROM keys WHERE created_at < $1",
        "INSERT INTO contacts (id) VALUES ($1)",
        "INSERT INTO keys (business_id, key) SELECT $1, id FROM contacts",
        "COPY contacts (id) FROM STDIN",
        "SELECT name FROM tenants",
        "TRUNCATE contacts",
    ],
)
def test_what_names_no_tenant_is_caught(sql: str) -> None:
    assert not names_tenant(sql, TABLES)


def test_statements_of_several_lines_are_read_whole(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    log.write_text(
        "LOG:  database system is ready\n"
        "sql : LOG:  checkpoint starting\n"
        "sql one: LOG:  execute __asyncpg_stmt_1__: SELECT 1\n"
        "\tFROM contacts\n"
        "sql one: DETAIL:  parameters: $1 = 'x'\n"
        "sql two: LOG:  statement: BEGIN;\n"
        "sql two: ERROR:  canceling statement due to user request\n"
        'sql two: CONTEXT:  SQL function "fold" statement 1\n'
        "\tCOPY contacts, line 28\n"
        "sql two: STATEMENT:  SELECT nothing\n"
    )
    assert [(each.database, each.sql) for each in statements(log)] == [
        ("one", "SELECT 1\n\tFROM contacts"),
        ("two", "BEGIN;"),
    ]


def test_the_log_holds_what_the_product_sends(owner: Client, sql_log: Path) -> None:
    before = [each.sql for each in statements(sql_log)]
    contact = owner.create("/contacts", {"email": "ada@example.com"})
    owner.search("/contacts", search_text="ada")
    owner.get(f"/contacts/{contact['id']}")
    sent = "\n".join([each.sql for each in statements(sql_log)][len(before) :])
    for part in ("INSERT INTO contacts (", "r.search_text LIKE", "AND r.id = $2"):
        assert part in sent
    isolation.check(sql_log)


def test_a_statement_and_a_table_without_a_tenant_are_caught(
    new_database: Callable[[str], str], sql_log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database(PLANTED)

    async def leak() -> None:
        database = await Database.open(url)
        await database.run(
            'CREATE TABLE contacts (business_id text COLLATE "C", id text)'
        )
        await database.run("CREATE TABLE loose (id text)")
        await database.rows("SELECT id FROM contacts WHERE business_id = $1", "biz_1")
        await database.rows("SELECT id FROM contacts WHERE id = $1", "con_1")
        await database.close()

    asyncio.run(leak())
    isolation.check(sql_log)
    monkeypatch.setattr(isolation, "PLANTED", "nobody")
    with pytest.raises(AssertionError, match=r"not listed: \{'loose'\}"):
        isolation.check(sql_log)
    monkeypatch.setitem(isolation.OF_NO_TENANT, "loose", "Planted.")
    with pytest.raises(AssertionError) as caught:
        isolation.check(sql_log)
    message = str(caught.value)
    assert "SELECT id FROM contacts WHERE id = $1" in message
    assert "WHERE business_id" not in message
