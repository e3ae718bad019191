"""Tenant isolation, checked in the SQL itself: every statement has a tenant condition.

The PostgreSQL of the tests logs all statements of all processes. At the end of the
tests, the log must contain no statement that could read or write rows of a tenant
without a condition for that tenant.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg

# The names, without number, of databases with statements that are wrong on purpose.
PLANTED = "planted"

_SETTINGS = {
    "log_line_prefix": "sql %d: ",
    "log_parameter_max_length": "0",
    "log_statement": "all",
}
_FIRST_LINE = re.compile(r"sql (\S*): LOG:  (?:statement|execute [^:]+): (.*)")

# The statements that are allowed without a tenant, and why.
EXEMPT = {
    # Operators identify a tenant by its name, which is unique.
    r"SELECT business_id FROM tenants WHERE name = \$1",
    # The hourly sweep lists the tenants and then works on each by its id.
    r"SELECT business_id, clock_ahead FROM tenants",
    r"SELECT business_id FROM tenants",
    # Tenants that have never had a dashboard; each gets one by its id.
    r"SELECT business_id FROM tenants WHERE NOT has_dashboard LIMIT \$1",
    # A worker lists the tenants with jobs that are due, and works on each by its id.
    r"SELECT DISTINCT j\.business_id, n\.clock_ahead FROM jobs AS j\b.*",
    # As the release before sandboxes had clocks asks.
    r"SELECT DISTINCT business_id FROM jobs WHERE is_open AND due_at <= now\(\).*",
    # What waits in the queue, of all tenants, as one number for the metrics.
    r"SELECT count\(\*\), .* FROM jobs WHERE is_open",
    # For each tenant of a list whether it has changes, for all who wait in a process.
    r"SELECT w\.business_id, .* c\.business_id = w\.business_id.*",
    # Which of the tokens behind an edge's streams hold, each by its tenant and hash.
    r"SELECT a\.number::int FROM ROWS FROM .* t\.business_id = a\.business_id.*",
    # A process lists webhooks with something to do, and works on each by its tenant.
    r"SELECT q\.business_id, q\.webhook_id FROM webhook_queues AS q.*",
    # States of records that are judged as if they were rows: it reads no table.
    r"SELECT r\.number::int FROM \(SELECT .* FROM ROWS FROM .*",
    # A process lists sandboxes with something to do, and works on each by its tenant.
    r"SELECT business_id, id FROM sandboxes\s+WHERE is_open OR .*",
    # How many sandboxes there are, of all tenants, as numbers for the metrics.
    r"SELECT state, deleted_at IS NOT NULL, count\(\*\) FROM sandboxes\s+WHERE .*",
    # A process lists senders with mail that is due, and works on each by its tenant.
    r"SELECT s\.business_id, s\.id, n\.clock_ahead FROM senders AS s\b.*",
    # What mail waits, of all tenants, as one number for the metrics.
    r"SELECT count\(\*\), .*\bFROM mails AS m\b.*",
    # What waits for webhooks, of all tenants, as one number for the metrics.
    r"SELECT count\(\*\), .*\bFROM deliveries AS d\b.*",
    # A relay lists the tenants that no relay has, and works on each by its id.
    r"SELECT t\.business_id, .* LEFT JOIN relay_positions AS p .*",
    # Whether a relay has ever had a tenant.
    r"SELECT EXISTS \(SELECT FROM relay_positions\)",
    # How many relays and tenants there are.
    r"SELECT count\(\*\), \(SELECT count\(\*\) FROM tenants\) FROM relays",
    # The schema and its statistics belong to all tenants; no row is returned.
    r"(?:CREATE|ALTER|DROP|ANALYZE|LOCK TABLE)\b.*",
    # A migration creates the default pipeline of every existing tenant.
    r"INSERT INTO pipelines \(business_id,.*\bFROM tenants AS t",
    # A migration inserts the addresses of all users into the directory.
    r"INSERT INTO addresses .*\bFROM users WHERE deleted_at IS NULL",
}

# Tables without a tenant, and why none of their rows belongs to one.
OF_NO_TENANT = {
    "alembic_version": "The schema's version.",
    "missing_indexes": "What a load has dropped and a start builds again.",
    "migration_lock": "One lock, so that two starts migrate once.",
    "secrets": "Keys that the services share.",
    "apps": "Registered by their developers, for users of any tenant.",
    "authorization_requests": "Of a browser in which nobody has logged in yet.",
    "addresses": "Which tenants know an e-mail address: asked before one is known.",
    "relays": "Which relays live; each works for many tenants.",
    "login_attempts": "Hashes that are counted before anybody has logged in.",
}

_EXEMPT = re.compile("|".join(f"(?:{each})" for each in EXEMPT), re.DOTALL)
_TENANT_TABLE = re.compile(r'CREATE TABLE (\w+) \(\s*business_id text COLLATE "C"')
_ANY_TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \(")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_NAMED = re.compile(r"\bbusiness_id\s*=\s*\$\d")
_OWN_NAMED = re.compile(r"(?<![.\w])business_id\s*=\s*\$\d")
_INSERTED = re.compile(r'"?\s*\(\s*"?business_id\b')
_ALIAS = re.compile(r"\s+AS\s+(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and the database that it was sent to."""

    database: str
    sql: str


async def log_statements(url: str) -> None:
    """Makes a server log every statement, from the next connection on."""
    link = await asyncpg.connect(url)
    for name, value in _SETTINGS.items():
        await link.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    await link.execute("SELECT pg_reload_conf()")
    while True:
        await link.close()
        link = await asyncpg.connect(url)
        if await link.fetchval("SHOW log_statement") == "all":
            break
    await link.close()


def statements(log: Path) -> Iterator[Statement]:
    """The statements in a server's log, in order."""
    database, lines = "", list[str]()
    with log.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("\t"):
                if lines:  # else it continues a message that is no statement
                    lines.append(line)
                continue
            if lines:
                yield Statement(database, "".join(lines).strip())
                lines = []
            if found := _FIRST_LINE.match(line):
                database, lines = found[1], [found[2] + "\n"]
    if lines:
        yield Statement(database, "".join(lines).strip())


def check(log: Path) -> None:
    """Fails if a statement in the log has no tenant condition.

    It also fails if a table neither begins with its tenant nor is listed, because such
    a table would not be checked.
    """
    counted = Counter(each for each in statements(log) if not _is_planted(each))
    tables = tenant_tables(each.sql for each in counted)
    made = {name for each in counted for name in _ANY_TABLE.findall(each.sql)}
    unlisted = made - tables - OF_NO_TENANT.keys()
    assert not unlisted, f"these tables are no tenant's, and not listed: {unlisted}"
    loose = [each.sql for each in counted if not names_tenant(each.sql, tables)]
    assert not loose, "these statements name no tenant:\n" + "\n".join(loose)


def _is_planted(statement: Statement) -> bool:
    return statement.database.rpartition("_")[0] == PLANTED


def tenant_tables(sent: Iterator[str]) -> frozenset[str]:
    """The tables with rows of tenants, among the created tables."""
    return frozenset(name for sql in sent for name in _TENANT_TABLE.findall(sql))


def names_tenant(sql: str, tables: frozenset[str]) -> bool:
    """Whether every table of tenants in a statement has a tenant condition."""
    text = _LITERAL.sub("''", sql).removeprefix("EXPLAIN ").strip().rstrip(";")
    if _EXEMPT.fullmatch(text) or not tables:
        return True
    mentions = [
        found
        for found in re.finditer(r"(?<![.\w])(\w+)\b(?!\.)", text)
        if found[1] in tables
    ]
    starts = [*(found.start() for found in mentions), len(text)]
    return all(
        _is_bound(text, text[found.end() : end])
        for found, end in zip(mentions, starts[1:], strict=True)
    )


def _is_bound(text: str, after: str) -> bool:
    """Whether the table before `after` has a tenant condition."""
    if _INSERTED.match(after):
        return True
    alias = _ALIAS.match(after)
    if alias is None:
        return _OWN_NAMED.search(after) is not None
    column = rf"\b{alias[1]}\.business_id\b"
    # A sandbox's row names its live tenant, whose limit holds for it.
    other = r"\s*=\s*(?:\$\d|\w+\.(?:business_id|sandbox_of))"
    joined = re.search(rf"{column}{other}|\w+\.business_id\s*=\s*{column}", text)
    return joined is not None and _NAMED.search(text) is not None
