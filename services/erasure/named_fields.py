"""Which values of kept filters may name a person: by the field that is compared.

Texts do: built-in ones, and a tenant's own ones. Numbers, days, ids, choices and
booleans do not, although their digits may be those of a telephone number.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from prospectconnect.schema.v1 import fields_pb2

from services.erasure.person import Person
from services.kinds.own_fields import Schema
from services.kinds.record_type import Field, FieldType, RecordType

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
_PARTS = frozenset(["contains", "not_contains", "starts_with", "ends_with"])
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
    that another erasure may have replaced by `[erased]`. `choices` are the values of
    fields that are choices in some kind. `kinds`: what the fields of one kind
    hold, by each name that requests give the kind. `its`: the same of the kinds that
    the filters at hand are about, if these are known.
    """

    built_in: Mapping[str, Holds]
    own: Mapping[str, Holds]
    may_be_erased: frozenset[str] = frozenset()
    choices: Mapping[str, Collection[str]] = field(default_factory=dict)
    kinds: Mapping[str, Mapping[str, Holds]] = field(default_factory=dict)
    its: Mapping[str, Holds] = field(default_factory=dict)

    def of(self, names: Iterable[str]) -> "NamedFields":
        """The fields of kinds by their names, such as `contacts` or `contact.*`."""
        wanted = [each.partition(".")[0] for each in names]
        if not wanted or not all(each in self.kinds for each in wanted):
            return self
        told = dict[str, set[bool]]()
        for each in wanted:
            for name, holds in self.kinds[each].items():
                told.setdefault(name, set()).add(holds is Holds.TEXTS)
        return replace(self, its=_told(told))

    def names(self, field: str, operator: str, value: Any, person: Person) -> bool:
        """Whether a condition compares with a value that names the person."""
        if isinstance(value, str):
            is_whole = operator not in _PARTS
            named = self.may_name(field, value)
            return named and person.is_named_by(value, is_whole=is_whole)
        is_open = OWN in field and self._of(field) is Holds.ANYTHING
        return is_open and operator in _WHOLE and _is_number_of(value, person)

    def may_name(self, field: str, value: str) -> bool:
        """Whether a value of a field may be a name: it is no choice, day or id."""
        holds = self._of(field)
        if holds is not Holds.ANYTHING:
            return holds is Holds.TEXTS
        is_choice = value in self.choices.get(field.rpartition(".")[2], ())
        return not is_choice and not _NO_NUMBER.fullmatch(value)

    def _of(self, field: str) -> Holds:
        if field in self.its:
            return self.its[field]
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
    erased, choices = set[str](), dict[str, set[str]]()
    by_kind = dict[str, Mapping[str, Holds]]()
    for kind in kinds:
        for each in kind.by_name.values():
            built_in.setdefault(each.name, set()).add(_is_text(each))
            choices.setdefault(each.name, set()).update(each.choices)
            is_kept = each.type is FieldType.STRING and not each.nullable
            if is_kept and kind.link_fields:  # as notes, which go with a person
                erased.add(each.name)
        objects = schema.custom if kind.object_field else {kind.table}
        its = {each.name: {_is_text(each)} for each in kind.by_name.values()}
        for name in objects:
            told = _told(its | _own_of(schema, name))
            built = kind.resource, kind.table, kind.policy.plural
            by_kind |= dict.fromkeys((name,) if kind.object_field else built, told)
    for fields in schema.by_object.values():
        for key, one in fields.by_key.items():
            own.setdefault(key, set()).add(one.rules.type in _OWN_TEXTS)
            choices.setdefault(key, set()).update(one.rules.options)
    return NamedFields(_told(built_in), _told(own), frozenset(erased), choices, by_kind)


def _own_of(schema: Schema, name: str) -> dict[str, set[bool]]:
    """Whether a tenant's own fields of one type of record hold texts."""
    its = schema.of(name).by_key
    return {f"{OWN}{key}": {one.rules.type in _OWN_TEXTS} for key, one in its.items()}


def _is_text(field: Field) -> bool:
    return field.type in (FieldType.STRING, FieldType.TAGS)


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
