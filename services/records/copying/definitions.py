"""Copies what a tenant has defined, and its users under made-up names, into a sandbox.

Definitions keep their ids, so that programs find the same pipelines and fields.
"""

from collections.abc import Mapping, Sequence

from prospectconnect.schema.v1.fields_pb2 import FIELD_STATE_ACTIVE

from services.kinds.record_type import RecordType
from services.postgres.database import Transaction
from services.postgres.sql_parts import column_of, quoted
from services.records.copying import made_up

# The definitions, by their resource. Values: the live tenant, the sandbox.
COPIED = ("object", "field", "association_type")
_PIPELINE = "pipeline"
# A sandbox begins without values: no job has anything to do for a definition.
_OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "field": {"state": str(FIELD_STATE_ACTIVE), "job_id": "NULL"}
}

_ROLES = """
INSERT INTO roles (business_id, name, grants)
SELECT $2, s.name, s.grants FROM roles AS s WHERE s.business_id = $1
ON CONFLICT (business_id, name) DO UPDATE SET grants = excluded.grants
"""
# A live tenant's users, whether active or not. Values: also $3, which is not used, and
# the seed.
_USERS = f"""
INSERT INTO users (business_id, id, name, email, active, role, created_at, updated_at,
  deleted_at)
SELECT $2, s.id, {made_up.NAME}, {made_up.EMAIL}, s.active, s.role, s.created_at,
  s.updated_at, s.deleted_at
FROM users AS s WHERE s.business_id = $1 AND $3::text[] IS NULL
ON CONFLICT (business_id, id) DO UPDATE SET role = excluded.role,
  active = excluded.active, deleted_at = excluded.deleted_at
"""
_GENERATION = """
UPDATE tenants AS t SET schema_generation =
  greatest(t.schema_generation, s.schema_generation) + 1
FROM tenants AS s WHERE s.business_id = $1 AND t.business_id = $2
"""


async def copy_people(
    transaction: Transaction, tenants: tuple[str, str], seed: int
) -> None:
    """Copies roles, and users under made-up names.

    Those that are there keep their names, and get the roles of today.
    """
    await transaction.run(_ROLES, *tenants)
    await transaction.run(_USERS, *tenants, None, seed)


async def copy_definitions(
    transaction: Transaction,
    tenants: tuple[str, str],
    kinds: Mapping[str, RecordType],
) -> None:
    """Copies fields, objects, association types and pipelines."""
    for each in COPIED:
        otherwise = _OTHERWISE.get(each, {})
        await transaction.run(copy_sql(kinds[each], otherwise), *tenants)
    await transaction.run(pipelines_sql(kinds[_PIPELINE]), *tenants)
    await count_up(transaction, tenants)


async def count_up(transaction: Transaction, tenants: tuple[str, str]) -> None:
    """Counts the generation of a sandbox's schema up: its definitions have changed."""
    await transaction.run(_GENERATION, *tenants)


def copy_sql(
    kind: RecordType, otherwise: Mapping[str, str], most: int | None = None
) -> str:
    """Copies the definitions of one kind, of many the newest.

    `otherwise` is what some columns get in the sandbox.
    """
    names = [each.name for each in kind.fields]
    values = [otherwise.get(each, f"s.{column_of(each)}") for each in names]
    newest = f" ORDER BY s.created_at DESC, s.id LIMIT {most}" if most else ""
    columns = ", ".join(map(quoted, names))
    return (
        f"INSERT INTO {kind.table} (business_id, {columns})"
        f" SELECT $2, {', '.join(_dotted(values))} FROM {kind.table} AS s"
        f" WHERE s.business_id = $1 AND s.deleted_at IS NULL{newest}"
        " ON CONFLICT DO NOTHING"
    )


def pipelines_sql(kind: RecordType) -> str:
    """Copies pipelines, in place of those with the same ids: deals may be in them."""
    names = [column_of(each.name) for each in kind.fields]
    changed = ", ".join(f"{n} = excluded.{n}" for n in names if n != "id")
    plain = copy_sql(kind, {}).removesuffix("ON CONFLICT DO NOTHING")
    return f"{plain} ON CONFLICT (business_id, id) DO UPDATE SET {changed}"


def _dotted(values: Sequence[str]) -> list[str]:
    """Columns of a table, quoted where they are words of SQL."""
    return [
        f's."{value.removeprefix("s.")}"' if value.startswith("s.") else value
        for value in values
    ]
