"""The schema of a type of record: what the engine knows of its fields, as a message.

Nothing is listed here: the built-in fields come from the record type, the tenant's own
from their definitions, and operators and orders from the room that searches.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from prospectconnect.schema.v1.fields_pb2 import Field
from prospectconnect.schema.v1.objects_pb2 import ObjectField, ObjectSchema, ObjectType

from services.caller import Caller
from services.kinds.own_fields import OwnFields
from services.kinds.own_schemas import compile_schema
from services.kinds.record_type import FieldType, Kinds, RecordType
from services.kinds.sensitive import fields_of
from services.postgres.database import Database
from services.records.rows import RowCodec
from services.schema.built_in_fields import built_in_field
from services.schema.own_object_fields import own_object_field
from services.search.comparisons import TAKES
from services.search.fields import KEYS, filtered_field
from services.search.own_orders import ordered_field

# A key that stands for all keys of a struct.
_ANY_KEY = "x"


class ObjectSchemas:
    """Makes the schemas of types of record."""

    def __init__(self, database: Database, kinds: Kinds) -> None:
        self._database, self._kinds = database, kinds
        self._codec = RowCodec(kinds["field"])
        self._sql = (
            f"SELECT {self._codec.columns} FROM fields AS r"
            " WHERE r.business_id = $1 AND r.object = $2"
            " AND r.deleted_at IS NULL ORDER BY r.position, r.created_at, r.id"
        )

    async def of(
        self, caller: Caller, kind: RecordType, found: ObjectType
    ) -> ObjectSchema:
        """The schema of a type of record as the caller has it now."""
        business_id = caller.business_id
        rows = await self._database.rows(self._sql, business_id, found.slug)
        definitions = [self._codec.read(row, business_id) for row in rows]
        live = [each for each in definitions if not each.archived]
        schema = ObjectSchema(
            object=found.slug,
            singular_label=found.singular_label,
            plural_label=found.plural_label,
            open=found.open,
            require_any=kind.policy.require_any,
            fields=self._fields(kind, found.slug, live, caller),
            archived_keys=[each.key for each in definitions if each.archived],
        )
        whole = schema.SerializeToString(deterministic=True)
        schema.etag = sha256(whole).hexdigest()[:24]
        return schema

    def _fields(
        self,
        kind: RecordType,
        slug: str,
        definitions: Sequence[Field],
        caller: Caller,
    ) -> Iterator[ObjectField]:
        own = fields_of(compile_schema(definitions, 1), slug, caller)
        for item in kind.fields:
            if item.type is not FieldType.CUSTOM:
                told = built_in_field(kind, item, self._kinds)
                name = f"{item.name}.{_ANY_KEY}" if item.type in KEYS else item.name
                yield _with_operators(told, kind, name, own)
        for each in definitions:
            is_masked = each.key in own.masked
            defined = own.by_key[each.key]
            told = own_object_field(each, defined, self._kinds, is_masked=is_masked)
            told.orderable = ordered_field(own, told.name) is not None
            yield _with_operators(told, kind, told.name, own)


def _with_operators(
    told: ObjectField, kind: RecordType, name: str, own: OwnFields
) -> ObjectField:
    """A field with the operators of the filters that have a name."""
    found = filtered_field(kind, name, own)
    if found is not None:
        told.operators.extend(TAKES[found.type])
    return told
