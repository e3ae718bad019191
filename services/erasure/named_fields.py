"""Which values of kept filters may name a person: by the field that is compared.

Texts do: built-in ones, and a tenant's own ones. Numbers, days, ids, choices and
booleans do not, although their digits may be those of a telephone number.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from prospectconnect.schema.v1 import fields_pb2

from services.erasure.rejected_rows import Person
from services.kinds.own_fields import Schema
from services.kinds.record_type import FieldType, RecordType

OWN = "custom_fields."
_OWN_TEXTS = (
    fields_pb2.FIELD_TYPE_TEXT,
    fields_pb2.FIELD_TYPE_EMAIL,
    fields_pb2.FIELD_TYPE_PHONE,
    fields_pb2.FIELD_TYPE_URL,
)
# Others compare ranges, which no value can leave out.
NARROWING = frozenset(
    ("eq", "in", "contains", "starts_with", "ends_with", "any_of", "all_of")
)
EXCLUDING = frozenset(["neq", "not_in", "not_contains", "none_of"])
_WHOLE = frozenset(["eq", "neq", "in", "not_in"])
_NO_NUMBER = re.compile(r"\d{4}-\d\d-\d\d([Tt ].*)?|[a-z]{2,8}_[0-9A-Za-z]+")


class Holds(Enum):
    """What a field holds: texts, in some records something else, or no texts."""

    TEXTS = 1
    ANYTHING = 2
    NO_TEXTS = 3


@dataclass(frozen=True, slots=True)
class NamedFields:
    """What fields hold, by the names that filters give; others hold anything.

    `own`: the same of a tenant's own fields, by their keys. `may_be_erased` are texts
    that another erasure may have replaced by `[erased]`.
    """

    built_in: Mapping[str, Holds]
    own: Mapping[str, Holds]
    may_be_erased: frozenset[str] = frozenset()

    def names(self, field: str, operator: str, value: Any, person: Person) -> bool:
        """Whether a condition compares with a value that names the person."""
        if isinstance(value, str):
            holds = self._of(field)
            if holds is Holds.NO_TEXTS or not person.is_named_by(value):
                return False
            return holds is Holds.TEXTS or not _NO_NUMBER.fullmatch(value)
        is_open = OWN in field and self._of(field) is Holds.ANYTHING
        return is_open and operator in _WHOLE and _is_number_of(value, person)

    def takes_names(self, field: str) -> bool:
        """Whether the field may hold names."""
        return self._of(field) is not Holds.NO_TEXTS

    def _of(self, field: str) -> Holds:
        _, is_own, key = field.rpartition(OWN)
        if is_own:
            return self.own.get(key, Holds.ANYTHING)
        if "external_ids." in field:
            return Holds.NO_TEXTS
        return self.built_in.get(field.rpartition(".")[2], Holds.ANYTHING)


ANY_FIELDS = NamedFields({}, {})


def named_fields(kinds: Iterable[RecordType], schema: Schema) -> NamedFields:
    """What the fields of some kinds of records, and of a tenant's own ones, hold."""
    built_in, own = dict[str, set[bool]](), dict[str, set[bool]]()
    erased = set[str]()
    for kind in kinds:
        for field in kind.by_name.values():
            is_text = field.type in (FieldType.STRING, FieldType.TAGS)
            built_in.setdefault(field.name, set()).add(is_text)
            is_kept = field.type is FieldType.STRING and not field.nullable
            if is_kept and kind.link_fields:  # as notes, which go with a person
                erased.add(field.name)
    for fields in schema.by_object.values():
        for key, each in fields.by_key.items():
            own.setdefault(key, set()).add(each.rules.type in _OWN_TEXTS)
    return NamedFields(_told(built_in), _told(own), frozenset(erased))


def _told(found: Mapping[str, set[bool]]) -> Mapping[str, Holds]:
    return {
        name: Holds.ANYTHING
        if len(each) > 1
        else (Holds.TEXTS if True in each else Holds.NO_TEXTS)
        for name, each in found.items()
    }


def _is_number_of(value: Any, person: Person) -> bool:
    """Whether a number is the whole telephone number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return bool(person.digits) and value == int(person.number)
