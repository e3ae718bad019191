"""The part of a record that a request asks for by `fields`.

Only the columns of the part are read. A key of a struct is read without its other keys.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults, no_field
from services.kinds.own_fields import OwnFields
from services.kinds.record_type import Field, FieldType, RecordType
from services.records.restoring.deletion import deletion_fields
from services.records.rows import Part, RowReader, public_names
from services.search.fields import KEYS, nearest, parts_of

# The names of a part: fields, and the keys of each struct that is not there as a whole.
Names = tuple[frozenset[str], tuple[tuple[str, tuple[str, ...]], ...]]


def read_names(
    kind: RecordType, paths: Sequence[str], own: OwnFields, faults: Faults
) -> Names:
    """Reads the paths of `fields`, and adds a fault for each that names no field."""
    names, keys = {"id"}, dict[str, set[str]]()
    for index, path in enumerate(paths):
        name, dot, key = path.partition(".")
        if not dot and name in public_names(kind):
            names.add(name)
        elif dot and _has_key(kind, name, key, own):
            keys.setdefault(name, set()).add(key)
        else:
            message = _refusal(kind, path)
            code = FaultCode.FAULT_CODE_INVALID_CHOICE
            faults.add(f"fields[{index}]", code, message)
    parted = ((name, tuple(sorted(keys[name]))) for name in sorted(keys.keys() - names))
    return frozenset(names), tuple(parted)


def _has_key(kind: RecordType, name: str, key: str, own: OwnFields) -> bool:
    item = kind.by_name.get(name)
    form = None if item is None else KEYS.get(item.type)
    if item is None or form is None or not form.fullmatch(key):
        return False
    if item.type is not FieldType.CUSTOM:
        return True
    defined = own.by_key.get(key)
    return own.is_open if defined is None else not defined.archived


def _refusal(kind: RecordType, path: str) -> str:
    shown = path[:100]
    known = {name: parts_of(name) for name in public_names(kind)}
    near = ", ".join(nearest(known, shown)[:3])
    return f"{no_field(path)} The nearest are {near}."


# A caller may ask for any combination; the usual ones stay.
@lru_cache(maxsize=512)
def reader_of(kind: RecordType, names: Names, *, compiled: bool = True) -> RowReader:
    """Makes the reader of a part of a record."""
    whole, parted = names[0], dict(names[1])
    fields = [
        item if item.name in whole else _keyed(item, parted[item.name])
        for item in (*kind.fields, *deletion_fields(kind))
        if item.name in whole or item.name in parted
    ]
    told = [e for e in public_names(kind) if e in whole or e in parted]
    part = Part(tuple(fields), tuple(told))
    return RowReader(kind, part, compiled=compiled, sent=True)


def _keyed(item: Field, keys: Iterable[str]) -> Field:
    """A struct with some of its keys, whose form was checked."""
    wanted = ", ".join(f"'{key}'" for key in keys)
    picked = f"jsonb_object_agg(k.key, {item.sql} -> k.key)"
    source = f"unnest(ARRAY[{wanted}]) AS k (key) WHERE {item.sql} ? k.key"
    return replace(item, sql=f"coalesce((SELECT {picked} FROM {source}), '{{}}')")
