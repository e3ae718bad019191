"""The field definitions and association types of tenants, kept by each process.

A token's look-up tells the generation of the tenant's schema at least twice a second.
Definitions are read again when a newer generation is known; otherwise they cost no
statement. A tenant that never defined a field costs a comparison.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable

import orjson

from services.caller import Caller
from services.kinds.association_types import AssociationType
from services.kinds.objects import no_object
from services.kinds.own_fields import NO_SCHEMA, Schema
from services.kinds.own_schemas import (
    Objects,
    Pending,
    compile_schema,
    unpacked,
    unpacked_change,
)
from services.kinds.record_type import RecordType
from services.postgres.bound import SCOPE, BoundDatabase, Scope
from services.postgres.database import Database
from services.records.rows import RowCodec

MOST_REMEMBERED = 10_000

# The records that take no custom fields without a definition.
_CLOSED = (
    "ARRAY(SELECT o.slug FROM objects AS o"
    " WHERE o.business_id = $1 AND NOT o.open AND o.deleted_at IS NULL)"
)
# The custom objects that have records.
_CUSTOM = (
    "ARRAY(SELECT o.slug FROM objects AS o WHERE o.business_id = $1"
    " AND NOT o.built_in AND NOT o.archived AND o.deleted_at IS NULL)"
)
_GENERATION = "SELECT schema_generation FROM tenants WHERE business_id = $1"

# The tenant's own association types, told once: in the first row.
_TYPES = (
    "CASE WHEN row_number() OVER () = 1 THEN (SELECT json_agg(json_build_array("
    "t.key, t.from_object, t.to_object, t.cardinality, t.archived))::text"
    " FROM association_types AS t WHERE t.business_id = $1 AND NOT t.built_in) END"
)
_HAS_ASSOCIATIONS = "EXISTS (SELECT FROM associations AS a WHERE a.business_id = $1)"

# The members of a job's task that say which field it is about.
OBJECT, KEY, LABEL = "object", "key", "label"
# The member that is the definition as it was before (`packed`).
BEFORE = "before"
# Those of a change of its type or options: the request, and whether all values have a
# form in the new definition.
CHANGES, ARE_CHECKED = "changes", "are_checked"


def _pending(
    is_leaving: bool, before: str | None, changes: str | None, are_checked: bool | None
) -> Pending:
    request = unpacked_change(changes or "")
    return Pending(unpacked(before or ""), is_leaving, request, bool(are_checked))


class Schemas:
    """The schemas of tenants. One for each process; `kind` is that of definitions.

    `is_bound`: they are those that one transaction sees.
    """

    is_bound = False

    def __init__(self, database: Database, kind: RecordType) -> None:
        self._database = database
        self.kind = kind
        self._codec = RowCodec(kind)
        self._sql = (
            f"SELECT {self._codec.columns}, r.deleted_at IS NOT NULL,"
            f" j.task ->> '{BEFORE}', j.task ->> '{CHANGES}',"
            f" (j.task ->> '{ARE_CHECKED}')::boolean, {_TYPES},"
            f" {_HAS_ASSOCIATIONS}, {_CLOSED}, {_CUSTOM},"
            f" n.schema_generation FROM tenants AS n LEFT JOIN {kind.table} AS r"
            " ON r.business_id = n.business_id LEFT JOIN jobs AS j"
            " ON j.business_id = r.business_id AND j.id = r.job_id"
            " WHERE n.business_id = $1"
        )
        self._known: OrderedDict[str, Schema] = OrderedDict()
        # Tenants that merged records here. Others learn it with their tokens.
        self.merging: set[str] = set()
        self._loading: dict[str, asyncio.Task[Schema]] = {}

    def known(self, caller: Caller) -> Schema | None:
        """A tenant's schema, None if it has changed since it was read."""
        if caller.business_id not in self._known:
            return None if caller.schema_generation else NO_SCHEMA
        schema = self._known[caller.business_id]
        return schema if schema.generation >= caller.schema_generation else None

    def has_merges(self, caller: Caller) -> bool:
        """Whether the tenant has merged records, so that filters may name these."""
        return caller.has_merges or caller.business_id in self.merging

    async def of(self, caller: Caller) -> Schema:
        """A tenant's schema, no older than the look-up of the caller's token."""
        known = self.known(caller)
        if known is not None:
            return known
        schema = await self._shared(caller.business_id)
        if schema.generation < caller.schema_generation:  # that reading began earlier
            schema = await self.read(caller.business_id)
        return schema

    async def with_objects(self, caller: Caller, names: Iterable[str]) -> Schema:
        """A tenant's schema. If it lacks one of these custom objects, it is the newest.

        Another process may have created the object just now.
        """
        schema, business_id = await self.of(caller), caller.business_id
        if all(name in schema.custom for name in names):
            return schema
        row = await self._database.row(_GENERATION, business_id)
        is_newest = row is None or row[0] <= schema.generation
        return schema if is_newest else await self.read(business_id)

    async def having(self, caller: Caller, name: str) -> Schema:
        """A tenant's schema with a custom object. Raises `NotFound` if it has none."""
        schema = self.known(caller)
        if schema is None or name not in schema.custom:
            schema = await self.with_objects(caller, (name,))
            if name not in schema.custom:
                raise no_object(name)
        return schema

    async def read(self, business_id: str) -> Schema:
        """Reads a tenant's schema as it is now."""
        schema = await self._read(business_id)
        known = self._known.get(business_id)
        if known is None or known.generation <= schema.generation:
            self._known[business_id] = schema
            self._known.move_to_end(business_id)
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return schema

    async def _read(self, business_id: str) -> Schema:
        rows = await self._database.rows(self._sql, business_id)
        read = self._codec.read
        definitions = [read(row, business_id) for row in rows if row[0] is not None]
        schema: Schema = NO_SCHEMA
        if rows:
            types, has_associations, closed, custom, generation = rows[0][-5:]
            schema = compile_schema(
                definitions,
                generation,
                Objects(closed, custom),
                (AssociationType(*each) for each in orjson.loads(types or "[]")),
                {row["id"]: _pending(*row[-9:-5]) for row in rows if row["job_id"]},
                has_associations=has_associations,
            )
        return schema

    async def _shared(self, business_id: str) -> Schema:
        """Reads it once for all calls at the same time that need it."""
        task = self._loading.get(business_id)
        if task is None:
            task = asyncio.create_task(self.read(business_id))
            self._loading[business_id] = task
            task.add_done_callback(lambda _: self._loading.pop(business_id, None))
        return await asyncio.shield(task)


class SchemasWithin(Schemas):
    """The schemas as a bound transaction sees them.

    What is read in it is known in it alone: it may be undone.
    """

    is_bound = True

    def __init__(self, outside: Schemas, database: BoundDatabase) -> None:
        super().__init__(database, outside.kind)
        self._outside, self.merging = outside, outside.merging

    def known(self, caller: Caller) -> Schema | None:
        """The schema read in the transaction, else the one that is known outside."""
        found: Schema | None = SCOPE.get().seen.get((Schemas, caller.business_id))
        return found or self._outside.known(caller)

    async def of(self, caller: Caller) -> Schema:
        """See `Schemas.of`."""
        return self.known(caller) or await self.read(caller.business_id)

    async def read(self, business_id: str) -> Schema:
        """Reads a tenant's schema as the transaction has it."""
        schema = await self._read(business_id)
        SCOPE.get().seen[Schemas, business_id] = schema
        return schema

    async def kept(self, scope: Scope, business_id: str) -> None:
        """Reads a schema anew for all once a transaction that looked is committed."""
        if (Schemas, business_id) in scope.seen:
            await self._outside.read(business_id)
