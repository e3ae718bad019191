"""Which kind has the records of a type: custom objects have one kind together."""

from services.kinds.record_type import Kinds, RecordType


def kind_named(kinds: Kinds, name: str) -> RecordType:
    """The kind of the records of a type: by its table, or by a custom object's slug."""
    of_table = (each for each in kinds.values() if each.table == name)
    custom = (each for each in kinds.values() if each.object_field)
    return next(of_table, None) or next(custom)
