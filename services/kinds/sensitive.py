"""Sensitive fields: what is left of a tenant's fields for a caller, and of an answer.

A caller reaches a sensitive field if its role may write the schema, or if the
definition names its role. For others every record has null there, whether it has a
value or not. They cannot write it either: whether a write changed the record, or was
refused for a unique value, would tell them what the value is.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from google.protobuf.struct_pb2 import NULL_VALUE

from services.caller import Caller
from services.kinds.own_fields import NO_FIELDS, NO_SCHEMA, OwnFields, Schema

# The field of a record that names the fields which are masked.
MASKED = "masked"

_SEES_ALL = "schema.write"
_CUSTOM_FIELDS = "custom_fields"


def fields_of(
    schema: Schema,
    table: str,
    caller: Caller,
    searching: bool = False,
) -> OwnFields:
    """The tenant's fields for records of a table, as a caller has them.

    `searching`: as searches know them.
    """
    if schema is NO_SCHEMA:
        return NO_FIELDS
    own = schema.searched(table) if searching else schema.of(table)
    return seen_by(own, caller)


def reaches(caller: Caller, readers: Collection[str]) -> bool:
    """Whether a caller reads a sensitive field that names some roles as readers."""
    return _SEES_ALL in caller.role_permissions or caller.role in readers


def seen_by(own: OwnFields, caller: Caller) -> OwnFields:
    """The tenant's fields as a caller has them."""
    if not own.sensitive or _SEES_ALL in caller.role_permissions:
        return own
    role = caller.role
    keys = (e.key for e in own.sensitive if e.readers is None or role not in e.readers)
    masked = frozenset(keys)
    return replace(own, masked=masked) if masked else own


def mask(own: OwnFields, records: Iterable[Any]) -> None:
    """Takes the values of masked fields out of records, and names the fields.

    An answer with some fields of a record then has `masked` too: null would say that
    the field is unset.
    """
    keys = sorted(own.masked)
    names = [f"{_CUSTOM_FIELDS}.{key}" for key in keys]
    for record in records:
        fields = record.custom_fields.fields
        for key in keys:
            fields[key].null_value = NULL_VALUE
        record.masked[:] = names
        if record.answered_fields and MASKED not in record.answered_fields:
            record.answered_fields.append(MASKED)
