"""What an upsert finds its record by: the field that `match_on` names.

The value is that of the record in the request. Several records may have the same e-mail
address; an id or an external id belongs to one.
"""

from dataclasses import dataclass
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults
from services.kinds.external_ids import SYSTEM
from services.kinds.record_type import Field, Kind, RecordType
from services.kinds.rules import Check, check_any

ID = "id"


@dataclass(frozen=True, slots=True)
class Match:
    """The field that is compared, the key in it if it is a struct, and the value."""

    field: Field
    key: str
    value: str

    @property
    def path(self) -> str:
        """Where the value is in the record, e.g. `external_ids.salesforce`."""
        return f"{self.field.name}.{self.key}" if self.key else self.field.name

    @property
    def is_unique(self) -> bool:
        """Whether at most one record has the value."""
        return self.field.kind is Kind.EXTERNAL


def check_match(kind: RecordType) -> Check:
    """Returns the check of `match_on` and of the value that it names."""
    policy, path = kind.policy, kind.resource
    choices = ", ".join([ID, *_keyed(kind), *policy.match_by])

    def check(request: Any, _: str, faults: Faults) -> None:
        record, name = getattr(request, kind.resource), request.match_on
        if not name:
            if policy.match_on_optional:
                check_any(record, path, (*policy.match_by, ID), faults)
            return  # a missing one that is required is a fault already
        if refusal := _refusal(kind, name, choices):
            faults.add("match_on", FaultCode.FAULT_CODE_INVALID_CHOICE, refusal)
            return
        if not _is_given(kind, record, name):
            code = FaultCode.FAULT_CODE_REQUIRED
            faults.add(f"{path}.{name}", code, f"Give {name}, by which to match.")
        if record.id and name != ID:
            code = FaultCode.FAULT_CODE_READ_ONLY
            faults.add(f"{path}.id", code, "An id is given only to match by it.")

    return check


def match_of(kind: RecordType, request: Any) -> Match:
    """Returns what a request that was checked matches by."""
    record, name = getattr(request, kind.resource), request.match_on
    if not name:
        ways = (ID, *kind.policy.match_by)
        name = next(each for each in ways if getattr(record, each))
    holder, _, key = name.partition(".")
    value = getattr(record, holder)
    if key:
        value = value.fields[key].string_value
    return Match(kind.by_name[holder], key, value)


def _keyed(kind: RecordType) -> list[str]:
    return [f"{f.name}.SYSTEM" for f in kind.fields if f.kind is Kind.EXTERNAL]


def _refusal(kind: RecordType, name: str, choices: str) -> str:
    """Returns why an upsert cannot match by a field, "" if it can."""
    holder, dot, key = name.partition(".")
    field = kind.by_name.get(holder)
    if field is not None and field.kind is Kind.CUSTOM:
        return f"No unique field of {kind.table} has the key {key[:64]!r}."
    is_external = field is not None and field.kind is Kind.EXTERNAL
    if is_external and SYSTEM.fullmatch(key):
        return ""
    if not dot and (name == ID or name in kind.policy.match_by):
        return ""
    return f"Give one of {choices}."


def _is_given(kind: RecordType, record: Any, name: str) -> bool:
    holder, _, key = name.partition(".")
    value = getattr(record, holder)
    if not key:
        return bool(value)
    return key in value.fields and not value.fields[key].HasField("null_value")
