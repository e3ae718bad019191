"""The paths of fields that columns and defaults of an import may name."""

from dataclasses import dataclass
from typing import Any

from services.faults import no_field
from services.kinds.external_ids import SYSTEM
from services.kinds.matching import ID
from services.kinds.own_fields import OwnField, OwnFields
from services.kinds.record_type import STRUCTS, Field, FieldType, Kinds, RecordType
from services.past.fields import past_fields

CUSTOM, EXTERNAL = "custom_fields", "external_ids"

# Several companies, or users, may have one name: then it names none of them.
NAME = "name"
# What users are found by. No upsert finds users.
_OF_USERS = ("email", NAME)
# The field that links to the record, by the name of a path that does not say so.
_LINK = "{}_id"
_USER, _COMPANY, _PIPELINE = "user", "company", "pipeline"
# By these a deal names its stage. Stages are parts of pipelines.
STAGE_NAMES = STAGE_NAME, PIPELINE_NAME = "stage.name", "pipeline.name"
# By this a deal of another product says whether it is won or lost.
STATUS, _STAGE_ID = "status", "stage_id"


@dataclass(frozen=True, slots=True)
class Path:
    """A field that a column gives: `holder` is it, or the struct with its `key`.

    `own` is the tenant's definition of a custom field, None without one. With `target`
    the column tells which record the field `holder` links to: by the field `key` of
    that record. `is_past`: it is a moment of a record that was made elsewhere, which no
    request sets.
    """

    text: str
    holder: Field
    key: str = ""
    own: OwnField | None = None
    target: RecordType | None = None
    is_past: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is a struct as a whole, which a cell holds as JSON."""
        return not self.key and self.holder.type in STRUCTS


@dataclass(frozen=True, slots=True)
class Fields:
    """What paths may name: a type of record, and the tenant's fields of it.

    `past` are the read-only moments that the import sets on the records it creates.
    """

    kinds: Kinds
    kind: RecordType
    own: OwnFields
    past: frozenset[str] = frozenset()

    def read(self, text: str) -> Path | str:
        """The field that a path names, or why it names none."""
        name, dot, key = text.partition(".")
        field = self.kind.by_name.get(name)
        if dot and field is None:
            return self._linked(text, name, key)
        if field is None or (dot and name not in (CUSTOM, EXTERNAL)):
            return no_field(text)
        if not dot and not field.read_only and field.type in STRUCTS:
            return Path(text, field)
        if name == CUSTOM:
            return self._custom(text, field, key)
        if name == EXTERNAL:
            if not SYSTEM.fullmatch(key):
                return f"{text[:100]!r} names no system: give external_ids.SYSTEM."
            return Path(text, field, key)
        if name == STATUS and _STAGE_ID in self.kind.by_name:
            return Path(text, field, target=self.kinds[_PIPELINE])
        if field.read_only and name != ID:
            if name in self.past:
                return Path(text, field, is_past=True)
            return f"The field {name} is read-only.{_why(self.kind, name)}"
        if field.type not in READABLE:
            return f"No column can give the field {name}."
        return Path(text, field)

    def _custom(self, text: str, field: Field, key: str) -> Path | str:
        if not key:
            return "Name a custom field: custom_fields.KEY."
        if self.own.lacks(key):
            return f"There is no custom field {key[:100]!r} to write."
        own = self.own.by_key.get(key)
        if own is not None and own.formula:
            return f"The custom field {key[:100]!r} is computed."
        return Path(text, field, key, own)

    def _linked(self, text: str, name: str, key: str) -> Path | str:
        field = self.kind.by_name.get(_LINK.format(name))
        if field is None or field.read_only:
            return no_field(text)
        if text in STAGE_NAMES:
            return Path(text, field, key, target=self.kinds[_PIPELINE])
        target = self.kinds.get(field.references)
        if target is None or key not in ways_to(target):
            system = key.partition(".")
            if (
                target is None
                or system[0] != EXTERNAL
                or EXTERNAL not in (target.by_name)
            ):
                return no_field(text)
            if not SYSTEM.fullmatch(system[2]):
                return f"{text[:100]!r} names no system: give external_ids.SYSTEM."
        return Path(text, field, key, target=target)


def _why(kind: RecordType, name: str) -> str:
    if name not in past_fields(kind):
        return ""
    return " Imports that create records may set it, if an owner or an admin made them."


def ways_to(target: RecordType) -> tuple[str, ...]:
    """The fields by which a column finds the record that is linked."""
    if target.resource == _USER:
        return _OF_USERS
    if target.resource == _COMPANY:
        return (*target.policy.match_by, NAME)
    return tuple(target.policy.match_by)


# The types of fields that a cell can hold.
READABLE = frozenset(
    (
        FieldType.STRING,
        FieldType.ID,
        FieldType.ENUM,
        FieldType.INTEGER,
        FieldType.BOOLEAN,
        FieldType.DECIMAL,
        FieldType.DATE,
        FieldType.TIMESTAMP,
        FieldType.TAGS,
    )
)


# So many fields one column may give.
MOST_OF_COLUMN = 5


def paths_of(value: Any) -> list[str] | None:
    """The paths that a mapping has for a column: none, one, or a list of several.

    None if it is no such value.
    """
    if value is None or value == "":
        return []
    if type(value) is str:
        return [value]
    is_list = type(value) is list and len(value) <= MOST_OF_COLUMN
    is_fine = is_list and all(type(each) is str and each for each in value)
    return list(value) if is_fine else None
