"""The moments of records that were made elsewhere: an import may set them.

Requests never do. `created_at` is one of them for every type of record.
"""

from collections.abc import Mapping
from functools import cache

from google.api.field_behavior_pb2 import FieldBehavior, field_behavior
from prospectconnect.options.v1 import options_pb2

from services.kinds.record_type import RecordType

CREATED_AT = "created_at"

# Moments of a record, by the names of its fields.
Past = Mapping[str, int]


@cache
def past_fields(kind: RecordType) -> frozenset[str]:
    """The names of the fields that imports may set on new records."""
    return frozenset(
        each.name
        for each in kind.fields
        if each.name == CREATED_AT or each.policy.set_by_imports
    )


@cache
def told_by_server(kind: RecordType) -> frozenset[str]:
    """The names of the fields that only answers have: no request may give them."""
    return frozenset(
        each.name
        for each in kind.message.DESCRIPTOR.fields
        if FieldBehavior.OUTPUT_ONLY in each.GetOptions().Extensions[field_behavior]
        and not each.GetOptions().Extensions[options_pb2.field].internal
    )
