"""How many records, values and associations there are, as far as pages count them."""

from collections.abc import Collection, Iterable, Mapping

from prospectconnect.schema.v1 import fields_pb2

from services.caller import Caller
from services.kinds.sensitive import reaches
from services.kinds.typed_values import UNTYPED
from services.postgres.database import Database
from services.schema.settling import sees

# This number stands for more than 10,000.
MOST_COUNTED = 10_001


def _counted(source: str) -> str:
    return f"(SELECT count(*) FROM (SELECT FROM {source} LIMIT {MOST_COUNTED}) AS c)"


def _values(column: str) -> str:
    """How many typed values of a field stand in a column, along its index."""
    return _counted(
        "typed_values AS v WHERE v.business_id = $1 AND v.object = $2"
        f" AND v.key = k.key AND v.{column} IS NOT NULL"
    )


_VALUES = (
    f"SELECT k.key, ({' + '.join(map(_values, ('number', 'moment', 'text')))})::int"
    " FROM unnest($3::text[]) AS k (key)"
)
_OF_CUSTOM = _counted(
    "records AS r WHERE r.business_id = $1 AND r.object = s.slug"
    " AND r.deleted_at IS NULL"
)
_CUSTOM = f"SELECT s.slug, {_OF_CUSTOM}::int FROM unnest($2::text[]) AS s (slug)"
# As the index `associations_type` has them; keys have no capitals.
_OF_TYPE = _counted(
    "associations AS a WHERE a.business_id = $1"
    ' AND (lower(a.type) COLLATE "C") = k.key AND a.deleted_at IS NULL'
)
_ASSOCIATIONS = f"SELECT k.key, {_OF_TYPE}::int FROM unnest($2::text[]) AS k (key)"


async def records_of(
    database: Database, caller: Caller, built_in: Iterable[str], custom: Iterable[str]
) -> dict[str, int]:
    """The numbers of records by slug, of types whose records the caller sees all."""
    seen = [each for each in custom if sees(caller, each)]
    parts = [
        f"SELECT '{table}', "
        + _counted(f"{table} AS r WHERE r.business_id = $1 AND r.deleted_at IS NULL")
        + "::int"
        for table in built_in
        if sees(caller, table)
    ]
    sql = " UNION ALL ".join((_CUSTOM, *parts))
    rows = await database.rows(sql, caller.business_id, seen)
    return {row[0]: min(row[1], MOST_COUNTED) for row in rows}


async def values_of(
    database: Database, caller: Caller, slug: str, fields: Iterable[fields_pb2.Field]
) -> Mapping[str, int]:
    """The numbers of records with a value by key, of fields that are counted."""
    if not sees(caller, slug):
        return {}
    keys = [each.key for each in fields if _is_counted(caller, each)]
    rows = await database.rows(_VALUES, caller.business_id, slug, keys)
    return {row[0]: min(row[1], MOST_COUNTED) for row in rows}


async def associations_of(
    database: Database, caller: Caller, keys: Collection[str]
) -> Mapping[str, int]:
    """The numbers of associations by the key of their type."""
    rows = await database.rows(_ASSOCIATIONS, caller.business_id, list(keys))
    return {row[0]: row[1] for row in rows}


def _is_counted(caller: Caller, definition: fields_pb2.Field) -> bool:
    """Whether values are kept where they can be counted, and the caller may know."""
    return definition.type not in UNTYPED and not is_masked(caller, definition)


def is_masked(caller: Caller, definition: fields_pb2.Field) -> bool:
    """Whether the caller does not read the values of a field."""
    return definition.sensitive and not reaches(caller, definition.readable_by)
