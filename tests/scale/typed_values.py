"""What it costs to find and order records by fields that tenants define.

`python -m tests.scale.typed_values [ROWS]` fills a database of its own and prints, as a
Markdown table, the median milliseconds of a page, and of writing records: by the table
`typed_values`, by the custom fields themselves, and by an index for each field.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy.embedded import postgres
from services.postgres.database import Database
from services.postgres.schema import migrate

TIMES = 15
TENANT = "biz_000000000000000000000001"
FIELDS = ("f0", "f1", "f2", "f3", "f4")

_TENANT = """
INSERT INTO tenants (business_id, name, limit_requests, limit_seconds)
VALUES ($1, 'Scale', 1000, 10)
"""
_RECORD = """
INSERT INTO companies (business_id, id, name, tags, custom_fields, created_at,
  updated_at)
SELECT $1, 'cmp_' || lpad(to_hex(n), 24, '0'), 'Company ' || n, '{{}}',
  jsonb_build_object({values}), now(), now()
FROM generate_series($2::int, $3::int) AS n
"""
_TYPED = """
INSERT INTO typed_values (business_id, object, record_id, key, number)
SELECT $1, 'companies', 'cmp_' || lpad(to_hex(n), 24, '0'), key, (n * 7919) % 1000003
FROM generate_series($2::int, $3::int) AS n, unnest($4::text[]) AS key
"""
_NUMBER = "(r.custom_fields ->> 'f0')::numeric"
_HERE = "r.business_id = $1 AND r.deleted_at IS NULL"
_THEIRS = "v.business_id = r.business_id AND v.object = 'companies' AND v.key = 'f0'"

PAGES: Mapping[str, str] = {
    "order, typed_values": (
        "SELECT r.id FROM typed_values AS v JOIN companies AS r"
        f" ON {_THEIRS} AND r.id = v.record_id WHERE v.business_id = $1"
        f" AND r.deleted_at IS NULL AND v.number IS NOT NULL"
        " ORDER BY v.number, v.record_id LIMIT 26"
    ),
    "order, custom fields": (
        f"SELECT r.id FROM companies AS r WHERE {_HERE}"
        f" ORDER BY {_NUMBER}, r.id LIMIT 26"
    ),
    "range of 0.1 %, typed_values": (
        f"SELECT r.id FROM companies AS r WHERE {_HERE} AND EXISTS (SELECT FROM"
        f" typed_values AS v WHERE {_THEIRS} AND v.record_id = r.id"
        " AND v.number < 1000)"
    ),
    "range of 0.1 %, custom fields": (
        f"SELECT r.id FROM companies AS r WHERE {_HERE} AND {_NUMBER} < 1000"
    ),
}
_OWN_INDEX = (
    "CREATE INDEX by_expression ON companies"
    " (business_id, ((custom_fields ->> 'f0')::numeric), id)"
)


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=200_000)
    rows = parser.parse_args().rows
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        found = asyncio.run(_measured(url, rows))
    print(f"| {rows:,} records | ms |\n|---|---|")
    for name, milliseconds in found.items():
        print(f"| {name} | {milliseconds:.1f} |")


async def _measured(url: str, rows: int) -> Mapping[str, float]:
    database = await Database.open(url)
    try:
        await database.run(_TENANT, TENANT)
        found = dict(await _writes(database))
        await _fill(database, 10_000, rows)
        for table in ("companies", "typed_values"):
            await database.run(f"ANALYZE {table}")
        for name, sql in PAGES.items():
            found[name] = await _median(database, sql)
        await database.run(_OWN_INDEX)
        await database.run("ANALYZE companies")
        for name, sql in PAGES.items():
            if name.endswith("custom fields"):
                indexed = name.replace("custom fields", "an index of the field's own")
                found[indexed] = await _median(database, sql)
        return found
    finally:
        await database.close()


async def _fill(database: Database, first: int, last: int) -> None:
    await database.run(_record_sql(), TENANT, first, last)
    await database.run(_TYPED, TENANT, first, last, list(FIELDS))


def _record_sql() -> str:
    return _RECORD.format(
        values=", ".join(f"'{key}', (n * 7919) % 1000003" for key in FIELDS)
    )


async def _writes(database: Database) -> list[tuple[str, float]]:
    """The cost of a record with five fields, with and without their typed values."""

    async def write(with_typed: bool, numbers: Iterator[int]) -> float:
        spent = []
        for number in numbers:
            began = time.perf_counter()
            await database.run(_record_sql(), TENANT, number, number)
            if with_typed:
                await database.run(_TYPED, TENANT, number, number, list(FIELDS))
            spent.append(time.perf_counter() - began)
        return statistics.median(spent) * 1000

    plain = await write(False, iter(range(1, 500)))
    typed = await write(True, iter(range(500, 1000)))
    return [("a create", plain), ("a create and five typed values, apart", typed)]


async def _median(database: Database, sql: str) -> float:
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await database.rows_planned(sql, TENANT)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent) * 1000


if __name__ == "__main__":
    main()
