"""What the pages list: a tenant's types of record, fields and association types."""

from collections.abc import Sequence

from google.protobuf.message import Message
from prospectconnect.schema.v1 import association_types_pb2, fields_pb2
from prospectconnect.schema.v1 import own_schema_pb2 as pb

from services.caller import Caller
from services.postgres.database import Database
from services.records.rows import RowCodec
from services.schema.association_types import AssociationTypeMethods
from services.schema.changes import possible_types
from services.schema.fields import FieldMethods
from services.schema.objects import ObjectMethods
from services.schema.pages import counting
from services.schema.settling import sees

_NAMES = (
    *("slug", "singular_label", "plural_label", "description", "open", "built_in"),
    *("is_archived", "etag", "fields", "archived"),
)
_OBJECTS = """
SELECT o.slug, o.singular_label, o.plural_label, o.description, o.open, o.built_in,
  o.archived, o.version::text, count(f.id) FILTER (WHERE NOT f.archived)::int,
  count(f.id) FILTER (WHERE f.archived)::int
FROM objects AS o LEFT JOIN fields AS f ON f.business_id = o.business_id
  AND f.object = o.slug AND f.deleted_at IS NULL
WHERE o.business_id = $1 AND o.deleted_at IS NULL
GROUP BY o.business_id, o.id ORDER BY o.plural_label, o.slug
"""


class Listing:
    """Reads what the pages list."""

    def __init__(
        self,
        database: Database,
        fields: FieldMethods,
        objects: ObjectMethods,
        types: AssociationTypeMethods,
    ) -> None:
        self._database, self._objects, self._types = database, objects, types
        self._fields_codec, self._types_codec = RowCodec(fields.kind), types.codec
        self._fields_sql = (
            f"SELECT {self._fields_codec.columns} FROM fields AS r"
            " WHERE r.business_id = $1 AND r.object = $2 AND r.deleted_at IS NULL"
            " ORDER BY r.archived, r.position, r.created_at, r.id"
        )
        self._types_sql = (
            f"SELECT {self._types_codec.columns} FROM association_types AS r"
            " WHERE r.business_id = $1 AND r.deleted_at IS NULL"
            " ORDER BY r.archived, r.built_in, r.key"
        )

    async def objects(self, caller: Caller) -> list[pb.OwnObject]:
        """The types of record, by name."""
        await self._objects.prepare(caller)
        rows = await self._database.rows(_OBJECTS, caller.business_id)
        return [pb.OwnObject(**dict(zip(_NAMES, row, strict=True))) for row in rows]

    async def counted_objects(self, caller: Caller) -> list[pb.OwnObject]:
        """The types of record, with the numbers of their records."""
        found = await self.objects(caller)
        live = [each for each in found if not each.is_archived]
        counts = await counting.records_of(
            self._database,
            caller,
            [each.slug for each in live if each.built_in],
            [each.slug for each in live if not each.built_in],
        )
        for each in live:
            if each.slug in counts:
                each.records = counts[each.slug]
        return found

    async def fields(self, caller: Caller, slug: str) -> list[pb.OwnField]:
        """The fields of a type of record, with the numbers of records that use them."""
        where = caller.business_id, slug
        rows = await self._database.rows(self._fields_sql, *where)
        codec = self._fields_codec
        fields: Sequence[fields_pb2.Field]
        fields = [codec.read(row, caller.business_id) for row in rows]
        counts = await counting.values_of(self._database, caller, slug, fields)
        listed = []
        for each in fields:
            told = pb.OwnField()
            _tell(each, told)
            if counting.is_masked(caller, each):
                told.ClearField("expression")
            told.changes_to.extend(possible_types(each.type))
            # While a job works on it, not all values are kept where they are counted.
            if each.key in counts and each.state != fields_pb2.FIELD_STATE_CHECKING:
                told.records = counts[each.key]
            listed.append(told)
        return listed

    async def association_types(self, caller: Caller) -> list[pb.OwnAssociationType]:
        """The association types, with the numbers of their associations."""
        await self._types.prepare(caller)
        rows = await self._database.rows(self._types_sql, caller.business_id)
        codec = self._types_codec
        types: Sequence[association_types_pb2.AssociationType]
        types = [codec.read(row, caller.business_id) for row in rows]
        keys = [each.key for each in types if _is_counted(caller, each)]
        counts = await counting.associations_of(self._database, caller, keys)
        listed = []
        for each in types:
            told = pb.OwnAssociationType()
            _tell(each, told)
            if each.key in counts:
                told.associations = counts[each.key]
            listed.append(told)
        return listed


def _is_counted(caller: Caller, each: association_types_pb2.AssociationType) -> bool:
    """Whether a type has associations of its own, and the caller sees all of them."""
    if each.archived or each.link_field:
        return False
    return sees(caller, each.from_object) and sees(caller, each.to_object)


def _tell(record: Message, told: Message) -> None:
    """Copies the members that both messages have."""
    names = {item.name for item in told.DESCRIPTOR.fields}
    for item, value in record.ListFields():
        if item.name not in names:
            continue
        if item.is_repeated:
            getattr(told, item.name).extend(value)
        elif item.message_type is not None:
            getattr(told, item.name).CopyFrom(value)
        else:
            setattr(told, item.name, value)
