"""Objects: the types of record that a tenant's schema is about, by their slugs.

Everything that names an object finds its records here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.kinds.record_type import FieldType, Kinds, RecordType


@dataclass(frozen=True, slots=True)
class ObjectRecords:
    """Where the records of an object are.

    `only` is the SQL that tells them from the others of the table, for a record `r`;
    "" if the table has no others.
    """

    slug: str
    kind: RecordType
    only: str = ""


def records_of(kinds: Kinds, slug: str) -> ObjectRecords | None:
    """The records of an object; None if there is no such object."""
    for kind in object_kinds(kinds):
        if kind.table == slug:
            return ObjectRecords(slug, kind)
    return None


def object_kinds(kinds: Kinds) -> Iterator[RecordType]:
    """The kinds of records that are of some object: those with custom fields."""
    for kind in kinds.values():
        if any(item.type is FieldType.CUSTOM for item in kind.fields):
            yield kind
