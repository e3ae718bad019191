"""What an upsert finds its record by: the field that `match_on` names.

The value is that of the record in the request. Several records may have the same e-mail
address; an id, an external id or a value of a unique custom field belongs to one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from prospectconnect.options.v1.options_pb2 import Format
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import current_call
from services.faults import Faults
from services.kinds.custom_fields import value_to_json
from services.kinds.external_ids import SYSTEM
from services.kinds.field_rules import lowered
from services.kinds.formats import digits
from services.kinds.own_fields import OwnField, OwnFields
from services.kinds.own_types import Reading, read
from services.kinds.record_type import Field, FieldType, RecordType
from services.kinds.rules import Check, check_any
from services.kinds.typed_values import typed

ID = "id"

# What the keys of values begin with that a merged record had and its survivor has not.
# Other keys of `unique_values` begin with a field.
MERGED = "merged/"


@dataclass(frozen=True, slots=True)
class Match:
    """The field that is compared, the key in it if it is a struct, and the value.

    `digest` is what typed values hold of the value of a custom field, by the key
    `found_by`.
    """

    field: Field
    key: str
    value: str
    digest: bytes | None = None
    found_by: str = ""

    @property
    def path(self) -> str:
        """Where the value is in the record, e.g. `external_ids.salesforce`."""
        return f"{self.field.name}.{self.key}" if self.key else self.field.name

    @property
    def is_unique(self) -> bool:
        """Whether at most one record has the value."""
        is_keyed = self.field.type in (FieldType.EXTERNAL, FieldType.CUSTOM)
        return is_keyed or self.field.policy.unique_value


def check_match(kind: RecordType) -> Check:
    """Returns the check of `match_on` and of the value that it names."""
    policy, path = kind.policy, kind.resource

    def check(request: Any, _: str, faults: Faults) -> None:
        record, name = getattr(request, kind.resource), request.match_on
        if not name:
            if policy.match_on_optional:
                check_any(record, path, (*policy.match_by, ID), faults)
            return  # a missing one that is required is a fault already
        if refusal := match_refusal(kind, name, faults.own):
            faults.add("match_on", FaultCode.FAULT_CODE_INVALID_CHOICE, refusal)
            return
        if not _is_given(kind, record, name):
            code = FaultCode.FAULT_CODE_REQUIRED
            faults.add(f"{path}.{name}", code, f"Give {name}, by which to match.")
        if record.id and name != ID:
            code = FaultCode.FAULT_CODE_READ_ONLY
            faults.add(f"{path}.id", code, "An id is given only to match by it.")

    return check


def match_refusal(kind: RecordType, name: str, own: OwnFields | None) -> str:
    """Returns why records cannot be found by a field, "" if they can."""
    holder, dot, key = name.partition(".")
    field = kind.by_name.get(holder)
    if field is not None and field.type is FieldType.CUSTOM:
        defined = own and key not in own.masked and own.by_key.get(key)
        if defined and defined.is_key:
            return ""
        return f"No unique field of {kind.table} has the key {key[:64]!r}."
    is_external = field is not None and field.type is FieldType.EXTERNAL
    if is_external and SYSTEM.fullmatch(key):
        return ""
    if not dot and (name == ID or name in kind.policy.match_by):
        return ""
    choices = ", ".join([ID, *_keyed(kind), *kind.policy.match_by])
    return f"Give one of {choices}."


def match_of(kind: RecordType, request: Any) -> Match:
    """Returns what a request that was checked matches by.

    The value of a custom field is read by `own_match`.
    """
    record, name = getattr(request, kind.resource), request.match_on
    if not name:
        ways = (ID, *kind.policy.match_by)
        name = next(each for each in ways if getattr(record, each))
    holder, _, key = name.partition(".")
    value, field = getattr(record, holder), kind.by_name[holder]
    if field.type is FieldType.CUSTOM:
        value = ""
    elif key:
        value = value.fields[key].string_value
    elif field.policy.unique_value:
        value = _unique(kind, record, field)
    return Match(field, key, value)


def _unique(kind: RecordType, record: Any, field: Field) -> str:
    """What a unique value is compared by: a default stands where nothing is given."""

    def given(name: str) -> str:
        item = kind.by_name[name]
        if item.policy.default_caller and not record.HasField(name):
            return current_call().caller.user_id
        return str(getattr(record, name) or item.default or "")

    beside = map(given, field.policy.unique_with)
    return unique_key(field, beside, getattr(record, field.name))


def unique_key(field: Field, beside: Iterable[str], value: str) -> str:
    """A unique value behind those that must be the same too, one a line.

    Line breaks in these are escaped. So different values never make the same text.
    E-mail addresses that differ only in case are the same.
    """
    if field.policy.format == Format.FORMAT_EMAIL:
        value = lowered(value)
    escaped = (each.replace("\\", r"\\").replace("\n", r"\n") for each in beside)
    return "\n".join((*escaped, value))


def own_match(
    match: Match, kind: RecordType, request: Any, own: OwnFields, faults: Faults
) -> Match:
    """Returns a match by a custom field with what the typed values hold of its value.

    Faults are added if the tenant's definitions have changed since the request was
    checked, or if its mask leaves the field out.
    """
    given = getattr(request, kind.resource).custom_fields.fields.get(match.key)
    at = f"{kind.resource}.{match.path}"
    defined = None if match.key in own.masked else own.by_key.get(match.key)
    digest = _digest(defined, given, at, faults)
    found_by = match.key if defined is None else defined.found_by
    return replace(match, digest=digest, found_by=found_by)


def has_value(
    match: Match, request: Any, record: Any, kind: RecordType, own: OwnFields
) -> bool:
    """Whether a record has the value that a request matches by, as upserts compare."""
    held = getattr(record, match.field.name)
    if match.field.type is FieldType.CUSTOM:
        defined, value = own.by_key.get(match.key), held.fields.get(match.key)
        if defined is None or value is None:
            return False
        digest = defined.typed(value_to_json(value)).digest
        return digest == own_match(match, kind, request, own, Faults()).digest
    if match.key:
        return bool(
            match.key in held.fields
            and held.fields[match.key].string_value == match.value
        )
    if match.field.policy.unique_value:
        return bool(held)  # it was found by it
    if match.field.is_phone:
        return digits(held) == digits(match.value)
    return lowered(held) == lowered(match.value)


def _digest(own: OwnField | None, value: Any, path: str, faults: Faults) -> bytes:
    """Returns what the typed values hold of a value, b"" after a fault."""
    if own is None or not own.is_key:
        code = FaultCode.FAULT_CODE_INVALID_CHOICE
        faults.add("match_on", code, "The field is no longer unique.")
        return b""
    before = len(faults.codes)
    reading = Reading(own.rules, value, path, faults, own.rules.options)
    found = None if value is None else read(reading)
    if len(faults.codes) > before:
        return b""
    if found is None:
        faults.add(path, FaultCode.FAULT_CODE_REQUIRED, "Give the value to match by.")
        return b""
    return typed(own.rules.type, found, unique=True).digest or b""


def _keyed(kind: RecordType) -> list[str]:
    """The choices that name one value of a struct."""
    systems = [f"{f.name}.SYSTEM" for f in kind.fields if f.type is FieldType.EXTERNAL]
    return [
        *systems,
        *(f"{f.name}.KEY" for f in kind.fields if f.type is FieldType.CUSTOM),
    ]


def _is_given(kind: RecordType, record: Any, name: str) -> bool:
    holder, _, key = name.partition(".")
    value = getattr(record, holder)
    if not key:
        return bool(value)
    return key in value.fields and not value.fields[key].HasField("null_value")
