"""What PostgreSQL says of a table, as lines that can be compared."""

from typing import Any

import asyncpg

_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull,
  c.collname, a.attgenerated <> '' AS is_generated,
  pg_get_expr(d.adbin, d.adrelid) AS expression
FROM pg_attribute AS a
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation AS c ON c.oid = a.attcollation AND c.collname <> 'default'
WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""
_KEYS = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = $1::text::regclass AND contype IN ('p', 'f')
"""
_INDEXES = """
SELECT m.amname, i.indisunique, pg_get_expr(i.indpred, i.indrelid) AS condition,
  array_to_string(c.reloptions, ' ') AS options, ARRAY(
    SELECT concat_ws(' ', pg_get_indexdef(i.indexrelid, n, true), o.opcname, l.collname)
    FROM generate_series(1, i.indnatts) AS n
    JOIN pg_opclass AS o ON o.oid = i.indclass[n - 1]
    LEFT JOIN pg_collation AS l ON l.oid = i.indcollation[n - 1] ORDER BY n
  ) AS columns
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS m ON m.oid = c.relam
WHERE i.indrelid = $1::text::regclass AND NOT i.indisprimary
"""
_STATISTICS = """
SELECT unnest(pg_get_statisticsobjdef_expressions(oid)) FROM pg_statistic_ext
WHERE stxrelid = $1::text::regclass
"""


async def described(link: "asyncpg.Connection[Any]", table: str) -> set[str]:
    """A line for each column, key, index and statistics of a table."""
    columns = [_column(row) for row in await link.fetch(_COLUMNS, table)]
    keys = [f"key {row[0]}" for row in await link.fetch(_KEYS, table)]
    indexes = [_index(row) for row in await link.fetch(_INDEXES, table)]
    held = [f"statistics {row[0]}" for row in await link.fetch(_STATISTICS, table)]
    return {*columns, *keys, *indexes, *held}


def _column(row: Any) -> str:
    parts = [f"column {row['attname']} {row['type']}"]
    parts += [f"COLLATE {row['collname']}"] if row["collname"] else []
    parts += ["NOT NULL"] if row["attnotnull"] else []
    if row["expression"]:
        kind = "GENERATED" if row["is_generated"] else "DEFAULT"
        parts.append(f"{kind} {row['expression']}")
    return " ".join(parts)


def _index(row: Any) -> str:
    """An index; an inverted one is the same in whatever order its columns are."""
    columns = sorted(row["columns"]) if row["amname"] == "gin" else row["columns"]
    kind = "unique index" if row["indisunique"] else "index"
    made = f"{kind} {row['amname']} ({', '.join(columns)})"
    return f"{made} WITH {row['options']} WHERE {row['condition']}"
