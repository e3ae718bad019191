"""Copies of a tenant: its rows with new ids, in one statement.

To make a tenant as the program does takes 60 statements and 27 ms of a processor, and
most tests begin with one. A copy takes one statement. `test_copied.py` holds the rows
of a copy against those of a tenant that the program made.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.iam.bearer import hash_of, new_secret
from services.ids import new_id
from services.postgres.database import Database

# Triggers chain each entry of the audit, and write the heads of the chains.
_AUDIT, _BY_TRIGGERS = "audit", "audit_heads"
_TENANT = "business_id"
_ID = re.compile(r"([a-z]{3}_)([0-9a-f]{8})[0-9a-f]{16}\b")

_COLUMNS = """
SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY t.relname, a.attname <> 'business_id', a.attnum
"""
_MOMENT = "timestamp with time zone"


@dataclass(frozen=True, slots=True)
class People:
    """A tenant's name and id, its users, and the secrets of their tokens, by role."""

    name: str
    business_id: str
    users: dict[str, str]
    tokens: dict[str, str]


@dataclass(frozen=True, slots=True)
class Original:
    """A tenant to copy: its rows as a JSON array for each table that has some.

    `sql` writes such arrays. Its first value are the seconds from `read_at` to the
    copy: all moments become so much later, also those that ids contain.
    """

    people: People
    read_at: float  # Unix time
    sql: str
    rows: tuple[str, ...]


async def read_original(database: Database, people: People) -> Original:
    """Reads the rows of a tenant from all tables."""
    rows, parts = list[str](), list[str]()
    for table, columns in (await tenant_tables(database)).items():
        order = "c.place" if table == _AUDIT else "c.ctid"
        found = await database.rows(
            f"SELECT json_agg(c ORDER BY {order})::text"
            f" FROM {table} AS c WHERE c.business_id = $1 HAVING count(*) > 0",
            people.business_id,
        )
        for (text,) in found:
            rows.append(text)
            parts.append(_insertion(table, columns, len(rows) + 1))
    sql = f"WITH {', '.join(parts)} SELECT"
    return Original(people, time.time(), sql, tuple(rows))


async def tenant_tables(database: Database) -> Mapping[str, Mapping[str, str]]:
    """The tables of tenants: the type of each column that a statement may write."""
    tables = dict[str, dict[str, str]]()
    for table, column, kind in await database.rows(_COLUMNS):
        tables.setdefault(table, {})[column] = kind
    return {
        name: columns
        for name, columns in tables.items()
        if _TENANT in columns and name != _BY_TRIGGERS
    }


def _insertion(table: str, columns: Mapping[str, str], place: int) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    kinds = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    values = ", ".join(
        f'c."{name}"' + (" + $1::interval" if kind == _MOMENT else "")
        for name, kind in columns.items()
    )
    return (
        f"put_{place} AS (INSERT INTO {table} ({names}) SELECT {values}"
        f" FROM json_to_recordset(${place}::text::json) AS c ({kinds}))"
    )


async def copy(database: Database, original: Original, name: str) -> People:
    """Copies a tenant under another name, with new ids and tokens."""
    ids = dict[str, str]()
    later = int(time.time() - original.read_at)

    def renewed(found: re.Match[str]) -> str:
        if found[0] not in ids:
            ids[found[0]] = new_id(found[1], int(found[2], 16) + later)
        return ids[found[0]]

    old = original.people
    rows = [_ID.sub(renewed, text.replace(old.name, name)) for text in original.rows]
    business_id = ids[old.business_id]
    tokens = {role: new_secret(business_id) for role in old.tokens}
    for role, secret in old.tokens.items():
        was, becomes = hash_of(secret).hex(), hash_of(tokens[role]).hex()
        rows = [text.replace(was, becomes) for text in rows]
    await database.run(original.sql, timedelta(seconds=later), *rows)
    users = {role: ids[user] for role, user in old.users.items()}
    return People(name, business_id, users, tokens)
