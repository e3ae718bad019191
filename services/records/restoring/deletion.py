"""What answers tell of a record's deletion: when it was, and who deleted it."""

from dataclasses import replace
from functools import lru_cache

from services.kinds.record_type import Field, RecordType

DELETED_AT, DELETED_BY = "deleted_at", "deleted_by"

# The last change of a deleted record is its deletion.
_BY = (
    "(CASE WHEN r.deleted_at IS NOT NULL THEN (SELECT nullif(c.user_id, '')"
    " FROM changes AS c WHERE c.business_id = r.business_id"
    " AND c.record_id = r.id AND c.at = r.updated_at) END)"
)


@lru_cache(maxsize=64)
def deletion_fields(kind: RecordType) -> tuple[Field, ...]:
    """The two fields of records that can be restored; none of others."""
    if DELETED_AT not in kind.message.DESCRIPTOR.fields_by_name:
        return ()
    at, by = kind.by_name["updated_at"], kind.by_name["created_by"]
    return (
        replace(at, name=DELETED_AT, sql=f"r.{DELETED_AT}"),
        replace(by, name=DELETED_BY, sql=_BY),
    )
