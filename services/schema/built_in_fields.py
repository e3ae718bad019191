"""Built-in fields as a schema tells them, from the record type."""

from collections.abc import Mapping

from google.protobuf.struct_pb2 import Value
from google.type.decimal_pb2 import Decimal
from prospectconnect.options.v1.options_pb2 import FieldPolicy, Format
from prospectconnect.schema.v1 import objects_pb2 as pb
from prospectconnect.schema.v1.fields_pb2 import FieldOption

from services.kinds import external_ids, patterns
from services.kinds.record_type import NOW, Field, FieldType, Kinds, RecordType
from services.schema.descriptions import descriptions

_LARGEST_INT32 = 2**31 - 1
# Records within others, by their resource: their name, and how their ids begin.
_PARTS = {"stage": ("stages", "stg_")}

_TEXTS: Mapping[int, pb.ObjectFieldType.ValueType] = {
    Format.FORMAT_EMAIL: pb.OBJECT_FIELD_TYPE_EMAIL,
    Format.FORMAT_PHONE: pb.OBJECT_FIELD_TYPE_PHONE,
    Format.FORMAT_COUNTRY: pb.OBJECT_FIELD_TYPE_COUNTRY,
    Format.FORMAT_CURRENCY: pb.OBJECT_FIELD_TYPE_CURRENCY,
    Format.FORMAT_HOST: pb.OBJECT_FIELD_TYPE_HOST,
    Format.FORMAT_HTTP_URL: pb.OBJECT_FIELD_TYPE_URL,
}
_TYPES: Mapping[FieldType, pb.ObjectFieldType.ValueType] = {
    FieldType.STRING: pb.OBJECT_FIELD_TYPE_TEXT,
    FieldType.ID: pb.OBJECT_FIELD_TYPE_RECORD,
    FieldType.ENUM: pb.OBJECT_FIELD_TYPE_SELECT,
    FieldType.INTEGER: pb.OBJECT_FIELD_TYPE_INTEGER,
    FieldType.BOOLEAN: pb.OBJECT_FIELD_TYPE_BOOLEAN,
    FieldType.DECIMAL: pb.OBJECT_FIELD_TYPE_DECIMAL,
    FieldType.DATE: pb.OBJECT_FIELD_TYPE_DATE,
    FieldType.TIMESTAMP: pb.OBJECT_FIELD_TYPE_TIMESTAMP,
    FieldType.TAGS: pb.OBJECT_FIELD_TYPE_TAGS,
    FieldType.EXTERNAL: pb.OBJECT_FIELD_TYPE_EXTERNAL_IDS,
    FieldType.METADATA: pb.OBJECT_FIELD_TYPE_JSON,
}


def built_in_field(kind: RecordType, item: Field, kinds: Kinds) -> pb.ObjectField:
    """A field that every tenant has."""
    policy = item.policy
    told = pb.ObjectField(
        name=item.name,
        built_in=True,
        type=_type(item),
        label=_label(item),
        description=descriptions().get((kind.message.DESCRIPTOR.name, item.name)),
        writable=not item.read_only,
        create_only=not item.read_only and (item.immutable or bool(policy.changed_by)),
        required=item.required,
        unique=item.name == "id" or item.type is FieldType.EXTERNAL,
        default_value=_default(item),
        default_caller=policy.default_caller,
        options=_options(item),
        orderable=policy.sortable,
        searchable=policy.searchable,
    )
    _tell_sizes(told, item)
    _tell_form(told, kind, item, kinds)
    return told


def _type(item: Field) -> pb.ObjectFieldType.ValueType:
    if item.type is FieldType.STRING and item.policy.multiline:
        return pb.OBJECT_FIELD_TYPE_LONG_TEXT
    if item.type is FieldType.STRING:
        return _TEXTS.get(item.policy.format, pb.OBJECT_FIELD_TYPE_TEXT)
    if item.name == "id":
        return pb.OBJECT_FIELD_TYPE_ID
    if item.references == "user":
        return pb.OBJECT_FIELD_TYPE_USER
    return _TYPES[item.type]


def _label(item: Field) -> str:
    name = item.name.removesuffix("_id") if item.type is FieldType.ID else item.name
    return words(name)


def words(name: str) -> str:
    """A name as people read it: `first_name` as `First name`."""
    return name.replace("_", " ").capitalize()


def _default(item: Field) -> Value | None:
    default = item.default
    if default is None or default == NOW:
        return None
    if item.choices:
        names = {number: name for name, number in item.choices.items()}
        default = names[int(default)]
    if isinstance(default, int):
        return Value(number_value=default)
    return Value(string_value=default)


def _options(item: Field) -> list[FieldOption]:
    return [
        FieldOption(
            value=each,
            label=words(each),
            archived=each in item.policy.server_values,
        )
        for each in item.choices
    ]


def _tell_sizes(told: pb.ObjectField, item: Field) -> None:
    policy = item.policy
    if item.type in (FieldType.INTEGER, FieldType.DECIMAL):
        _tell_bounds(told, item)
    elif item.type is FieldType.TAGS:
        told.max_items, told.max_length = policy.max_items, policy.items.max_len
    elif item.type is FieldType.EXTERNAL:
        told.max_items = external_ids.MOST_SYSTEMS
        told.max_length = external_ids.MOST_CHARACTERS
    elif policy.max_len:
        told.max_length = policy.max_len


def _tell_bounds(told: pb.ObjectField, item: Field) -> None:
    policy: FieldPolicy = item.policy
    is_whole = item.type is FieldType.INTEGER
    if policy.HasField("gte") or is_whole:
        least = policy.gte if policy.HasField("gte") else -_LARGEST_INT32 - 1
        told.min.CopyFrom(_decimal(least))
    if policy.HasField("lte") or is_whole:
        most = policy.lte if policy.HasField("lte") else _LARGEST_INT32
        told.max.CopyFrom(_decimal(most))
    if policy.HasField("decimals"):
        told.decimals = policy.decimals


def _decimal(number: float) -> Decimal:
    return Decimal(value=f"{number:.0f}")


def _tell_form(
    told: pb.ObjectField, kind: RecordType, item: Field, kinds: Kinds
) -> None:
    if item.type is FieldType.ID:
        target, prefix = _referred(kind, item, kinds)
        told.pattern = patterns.of_id(prefix)
        if target and told.type == pb.OBJECT_FIELD_TYPE_RECORD:
            told.target = target
    elif item.policy.format in patterns.PATTERNS:
        told.pattern = patterns.PATTERNS[item.policy.format]


def _referred(kind: RecordType, item: Field, kinds: Kinds) -> tuple[str, str]:
    """The records that an id is of, as paths name them, and how their ids begin.

    Both are empty where the id is of any kind, the first where it is of any type.
    """
    if item.references in _PARTS:
        return _PARTS[item.references]
    target = kind if item.name == "id" else kinds.get(item.references)
    if target is None:
        return "", ""
    return "" if target.object_field else target.table, target.policy.id_prefix
