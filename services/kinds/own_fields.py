"""The fields that a tenant defines for one type of record, ready for the engine.

A definition makes one key of `custom_fields` typed. Of a record only what a request
gives or changes is checked: values from before a definition stay as they are.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from google.protobuf.struct_pb2 import Struct
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults, no_field
from services.kinds.association_types import BUILT_IN, AssociationType
from services.kinds.custom_fields import (
    Json,
    is_set,
    put,
    texts_of,
    to_value,
)
from services.kinds.own_types import (
    Reading,
    Rules,
    read,
)
from services.kinds.typed_values import UNTYPED, Typed, typed

# Stands in keys of typed values that a job keeps beside those of a field, and in no
# key of a field.
BESIDE = "~"
COMPUTED = "The field is computed by its expression."
MASKED = "The field is sensitive; your role neither reads nor writes it."


# The form that a value has in a field, and whether there is one.
Form = Callable[[Json], tuple[Json, bool]]


@dataclass(frozen=True, slots=True)
class OwnField:
    """One definition. `default` is in its normal form, None if there is none.

    `refers_to` names the records that its values are ids of, "" if none: a table, or a
    custom object. `readers` are the roles that read a sensitive field, None of any
    other one. A field with a `formula` is computed, and has the rules of what that
    gives. While a job makes values fit it, a definition is not `is_settled`: new values
    must also fit the one from before, `also`, which may come back, and unless
    `is_complete` several records may have one value. A job that changes the type looks
    at all values first: then the field still is as it was, and `becomes` another one in
    which values have a `form`. That one's typed values are kept by the key `beside`.
    """

    key: str
    rules: Rules
    required: bool
    unique: bool
    archived: bool
    default: Json
    refers_to: str
    searchable: bool = False
    readers: frozenset[str] | None = None
    formula: str = ""
    is_settled: bool = True
    also: Rules | None = None
    is_complete: bool = True
    becomes: "OwnField | None" = None
    form: "Form | None" = None
    beside: str = ""

    @property
    def is_typed(self) -> bool:
        """Whether its values are kept where orders and ranges find them."""
        return self.rules.type not in UNTYPED

    @property
    def is_kept(self) -> bool:
        """Whether its values are kept a second time at all."""
        return self.searchable or self.is_typed

    def typed(self, value: Json) -> Typed:
        """A value in its normal form as searches compare it."""
        flags = {"unique": self.unique, "searchable": self.searchable}
        return typed(self.rules.type, value, **flags)

    @property
    def found_by(self) -> str:
        """The key by which searches find its typed values."""
        return self.beside if self.beside and self.becomes is None else self.key

    def check_form(self, reading: Reading, value: Json) -> None:
        """Adds the faults of a value that has no form in the field."""
        if self.form is not None and not self.form(value)[1]:
            read(replace(reading, rules=self.rules, value=to_value(value)))

    @property
    def is_key(self) -> bool:
        """Whether one record at most has a value, which requests may find it by."""
        return self.unique and self.is_complete and not self.archived


@dataclass(frozen=True, slots=True)
class OwnFields:
    """A tenant's fields of one type of record, as of a generation of its schema.

    `by_key` has archived ones too. `hidden` are the keys of those. `leaving` are keys
    whose definition was taken back, and whose typed values are being deleted.
    `is_open`: keys without a definition are taken. `checks`: a write is checked by any
    of this. `object` is the name of the type. For one caller, `masked` are the keys of
    the sensitive fields that it does not reach.
    """

    generation: int
    by_key: Mapping[str, OwnField] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    defaults: Mapping[str, Json] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    leaving: frozenset[str] = frozenset()
    references: tuple[OwnField, ...] = ()
    searchable: tuple[OwnField, ...] = ()
    sensitive: tuple[OwnField, ...] = ()
    masked: frozenset[str] = frozenset()
    formulas: tuple[OwnField, ...] = ()
    is_open: bool = True
    checks: bool = False
    object: str = ""

    def begin(self, values: Struct) -> list[str]:
        """Sets the defaults of a new record, and returns the keys that it sets."""
        unset = [key for key in self.defaults if not is_set(values.fields, key)]
        for key in unset:
            put(values.fields, key, self.defaults[key])
        return unset

    def free(
        self, values: Struct, path: str, faults: Faults, keys: Iterable[str] = ()
    ) -> list[str]:
        """Checks the keys with a definition, and returns the others.

        Values get their normal form; unset ones are taken out. `keys`: of these alone.
        """
        fields, by_key, kept = values.fields, self.by_key, faults.kept
        free = []
        for key in keys or list(fields):
            own = by_key.get(key)
            value = fields[key]
            is_kept = kept is not None and key in kept and kept[key] == value
            if own is None:
                if self.is_open or is_kept:
                    free.append(key)
                else:
                    self.refuse(key, path, faults)
                continue
            if is_kept:
                continue
            if own.archived or own.formula or key in self.masked:
                self.refuse(key, path, faults)
                continue
            at = f"{path}.{key}"
            held: Container[str] = own.rules.options if faults.updates else ()
            if kept is not None and key in kept:
                held = texts_of(kept[key])
            reading = Reading(own.rules, value, at, faults, held)
            before = len(faults.codes)
            found = read(reading)
            if own.also is not None and len(faults.codes) == before:
                read(replace(reading, rules=own.also))
            if own.becomes is not None and len(faults.codes) == before:
                own.becomes.check_form(reading, found)
            if len(faults.codes) == before:
                put(fields, key, found)
        return free

    def lacks(self, key: str) -> bool:
        """Whether a key is no field as input."""
        own = self.by_key.get(key)
        if own is None:
            return not self.is_open
        return own.archived or bool(own.formula) or key in self.masked

    def refuse(self, key: str, path: str, faults: Faults) -> None:
        """Adds the fault of a key that is no field as input, once."""
        at = f"{path}.{key[:100]}"
        if any(each.field == at for each in faults.found):
            return
        own = self.by_key.get(key)
        if own is not None and not own.archived:
            message = MASKED if key in self.masked else COMPUTED
            faults.add(at, FaultCode.FAULT_CODE_READ_ONLY, message)
            return
        message = no_field(key)
        if own is None:
            message += " Define the key first."
        faults.add(at, FaultCode.FAULT_CODE_UNKNOWN_FIELD, message)

    def check_required(self, values: Struct, path: str, faults: Faults) -> None:
        """Adds a fault for each required field that is unset and not in `faults`.

        Of a record from before, those alone that were set count.
        """
        for key in self.required:
            if is_set(values.fields, key):
                continue
            at = f"{path}.{key}"
            kept = faults.kept  # of a new record, the default stands
            if key in self.defaults if kept is None else key not in kept:
                continue
            if not any(fault.field == at for fault in faults.found):
                message = f"Give {key}; it is required."
                faults.add(at, FaultCode.FAULT_CODE_REQUIRED, message)


NO_FIELDS = OwnFields(0)


@dataclass(frozen=True, slots=True)
class Schema:
    """All definitions of a tenant, as of a generation: 0 if it never had one.

    `none` stands for the built-in records that have no definitions. `custom` are the
    custom objects that are not archived; each of them is in `by_object`. `associations`
    are the tenant's own types, archived ones too. `has_associations`: records may be
    associated by any type, so that a deletion must look for what it ends.
    `for_searches` are the objects with a definition that a job still makes values fit:
    searches treat its key as before.
    """

    generation: int
    by_object: Mapping[str, OwnFields]
    none: OwnFields
    custom: frozenset[str] = frozenset()
    associations: Mapping[str, AssociationType] = field(default_factory=dict)
    has_associations: bool = False
    for_searches: Mapping[str, OwnFields] = field(default_factory=dict)

    def of(self, name: str) -> OwnFields:
        """The fields of one type of record: by its table, or its slug."""
        return self.by_object.get(name, self.none)

    def searched(self, name: str) -> OwnFields:
        """The fields of one type of record as searches know them."""
        return self.for_searches.get(name) or self.of(name)

    def association_type(self, key: str) -> AssociationType | None:
        """The association type with a key, None if there is none or it is archived."""
        found = BUILT_IN.get(key) or self.associations.get(key)
        return None if found is None or found.archived else found

    def leading_to(self, target: str) -> list[tuple[str, str]]:
        """The fields whose values are ids of such records: object and key of each.

        Archived ones too: their values come back with them. `target` names the records.
        """
        return [
            (name, own.key)
            for name, fields in self.by_object.items()
            for own in fields.by_key.values()
            if own.refers_to == target
        ]


NO_SCHEMA = Schema(0, MappingProxyType({}), NO_FIELDS)
