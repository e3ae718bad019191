"""Objects: the types of record that a tenant's schema is about, by their slugs.

Everything that names an object finds its records here. A built-in one has a kind of its
own, and its slug is the name of the table. Custom objects have one kind together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.errors import NotFound
from services.kinds.record_type import FieldType, Kinds, RecordType

MOST_OF_SLUG = 40


def no_object(slug: str) -> NotFound:
    """The refusal of a slug that no object has; one that is archived has none."""
    if not slug:
        return NotFound("Name an object by its slug, in `object`.")
    return NotFound(f'No object has the slug "{slug[:MOST_OF_SLUG]}".')


@dataclass(frozen=True, slots=True)
class ObjectRecords:
    """An object, and the kind of its records."""

    slug: str
    kind: RecordType


def kind_named(kinds: Kinds, slug: str) -> RecordType:
    """The kind of the records of an object."""
    of_table = (each for each in kinds.values() if each.table == slug)
    custom = (each for each in kinds.values() if each.object_field)
    return next(of_table, None) or next(custom)


def records_of(kinds: Kinds, slug: str) -> ObjectRecords:
    """The records of an object, which is built in or one of the tenant's own."""
    return ObjectRecords(slug, kind_named(kinds, slug))


def object_kinds(kinds: Kinds) -> Iterator[RecordType]:
    """The kinds of records that are of some object: those with custom fields."""
    for kind in kinds.values():
        if any(item.type is FieldType.CUSTOM for item in kind.fields):
            yield kind
