"""Kinds of records: their fields and rules, as `descriptors.py` reads them at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from google.protobuf.message import Message
from prospectconnect.options.v1.options_pb2 import FieldPolicy, Format, RecordPolicy

from services.kinds.search_sql import SearchSql

# Looked up once: enums of protobuf do it by a call each time.
_PHONE = Format.FORMAT_PHONE
# The name of the filter for any link of a record.
RECORD_ID = "record_id"
# The field that lists the fields of a partial answer (`partial_answers.py`).
ANSWERED_FIELDS = "answered_fields"
# The value of the option `private_by`'s field that hides a record.
PRIVATE = "private"
# The default value of a timestamp that is never empty.
NOW = "now"


class FieldType(Enum):
    """The type of a field. It decides the filters, rules and column of the field."""

    STRING = "string"
    ID = "id"
    ENUM = "enum"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TAGS = "tags"
    IDS = "ids"
    NUMBERS = "numbers"
    CUSTOM = "custom fields"
    METADATA = "metadata"
    EXTERNAL = "external_id"
    NESTED = "messages"
    FILTERS = "filters"
    MESSAGE = "a message"
    FIGURES = "figures to make"
    VALUE = "any value"
    LINKS = "links"
    ASSOCIATED = "associated records"


# The types that hold a struct, which an update merges key by key.
STRUCTS = (FieldType.CUSTOM, FieldType.METADATA, FieldType.EXTERNAL)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: its type, its column and its rules.

    `sql` is its expression in a statement that reads the record as `r`; `search` are
    the expressions by which searches find it. `choices` are an enum's values as in
    public JSON, with their numbers. `references` is the resource of the record that the
    field refers to, `target` that record's policy if its kind is known. `links` are the
    fields that the filter `record_id` stands for. `key` names one value of a struct,
    `holder` its record's type in the SQL of other tables; `own_type` is what the tenant
    has defined it as. `message` is the descriptor of the messages that it holds.
    """

    name: str
    type: FieldType
    sql: str
    column_type: str
    policy: FieldPolicy
    read_only: bool
    immutable: bool
    required: bool
    nullable: bool
    default: str | int | None
    choices: Mapping[str, int]
    references: str
    search: SearchSql
    target: RecordPolicy | None = None
    links: tuple["Field", ...] = ()
    key: str = ""
    own_type: int = 0
    holder: str = ""
    message: Any = None

    @property
    def is_nullable_text(self) -> bool:
        """Whether an empty text in the field means null."""
        return self.nullable and self.type in (FieldType.STRING, FieldType.ID)

    @property
    def is_phone(self) -> bool:
        """Whether the field is a telephone number, which is compared by its digits."""
        return self.policy.format == _PHONE


@dataclass(frozen=True, slots=True, eq=False)
class RecordType:
    """A kind of record: its message, its table, its fields and its policy.

    `columns` are (name, type) of each field. `link_fields` are the record's links,
    through which it is visible too, `ends` the ids of the two records that it connects.
    `timeline_link` is the column by which activities link to the record, "" if it has
    none. `by_links_alone` is the `source` of records that are visible through links
    only. `object_field` is the column with the custom object, "" if the kind is one
    type. A record whose field `private_by` has the value `private_value` is visible to
    who created it alone; "" if the kind has no such field.
    """

    message: type[Message]
    policy: RecordPolicy
    resource: str
    table: str
    fields: tuple[Field, ...]
    by_name: Mapping[str, Field]
    columns: tuple[tuple[str, str], ...]
    link_fields: tuple[Field, ...]
    ends: tuple[Field, ...]
    timeline_link: str
    by_links_alone: int | None
    object_field: str
    private_by: str = ""
    private_value: int = 0

    def object_of(self, record: Any) -> str:
        """What the tenant's schema calls the type of a record: a slug, or the table."""
        field = self.object_field
        return str(getattr(record, field)) if field else self.table


# Kinds of records, and policies of records, by resource.
Kinds = Mapping[str, RecordType]
Targets = Mapping[str, RecordPolicy]
