"""Checks a record by the fields that its tenant has defined, and hides archived ones.

A request is checked before it runs. What only the record tells is checked here: the
defaults of a new one, and which values an update changes.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from services.errors import ValidationFailed
from services.faults import Faults, TooManyFaults
from services.kinds.formulas import compute
from services.kinds.own_fields import OwnFields
from services.records.own_values import CUSTOM_FIELDS

M = TypeVar("M", bound=Message)


def check_new(
    record: Any, own: OwnFields, resource: str, *, is_checked: bool = False
) -> None:
    """Sets the defaults of a new record and checks its custom fields.

    A masked field gets its default, and nothing that was given. `is_checked`: the given
    values were checked by these definitions, so that only the defaults are left.
    """
    values = record.custom_fields
    if own.masked:
        faults, path = Faults(), f"{resource}.{CUSTOM_FIELDS}"
        for key in own.masked.intersection(values.fields):
            own.refuse(key, path, faults)
        if faults.found:
            raise ValidationFailed(faults.found)
        own = replace(own, masked=frozenset())
    unset, faults = own.begin(values), Faults(own=own)
    if not is_checked:
        _check(values, faults, resource)
    elif unset or own.required:
        _check(values, faults, resource, unset)


def check_changed(old: Any, new: Any, own: OwnFields, resource: str) -> None:
    """Checks what an update of a record changes, and keeps what answers hide."""
    before, after = old.custom_fields, new.custom_fields
    kept = own.hidden | own.masked if own.masked else own.hidden
    for key in kept:
        if key in before.fields and key not in after.fields:
            after.fields[key].CopyFrom(before.fields[key])
    if before != after:
        faults = Faults(own=own, updates=False, kept=before.fields)
        _check(after, faults, resource)
    if own.formulas:
        compute(new, own)


def _check(
    values: Struct, faults: Faults, resource: str, keys: Sequence[str] | None = None
) -> None:
    """Checks the values of some keys, else of all, and what is missing."""
    path = f"{resource}.{CUSTOM_FIELDS}"
    with suppress(TooManyFaults):
        if keys is None or keys:
            faults.own.free(values, path, faults, keys or ())
        faults.own.check_required(values, path, faults)
    if faults.found:
        raise ValidationFailed(faults.found)


def shown(record: M, own: OwnFields) -> M:
    """Returns a record as answers show it."""
    if not own.hidden:
        return record
    told: Any = type(record)()
    told.CopyFrom(record)
    hide(own, (told,))
    return told  # type: ignore[no-any-return]  # a message of the same kind


def hide(own: OwnFields, records: Iterable[Any]) -> None:
    """Takes what answers do not show out of records."""
    for record in records:
        for key in own.hidden:
            record.custom_fields.fields.pop(key, None)
