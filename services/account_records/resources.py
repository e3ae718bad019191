"""The types of records that a user may import and export, and the fields of columns."""

from collections.abc import Iterator

from prospectconnect.jobs.v1 import imports_pb2
from prospectconnect.jobs.v1 import own_jobs_pb2 as pb

from services.caller import Caller
from services.exports.resources import Resources
from services.imports.checks import kind_of, permission_of
from services.imports.paths import CUSTOM, Fields, Path, ways_to
from services.kinds.objects import object_kinds
from services.kinds.own_fields import Schema
from services.kinds.record_type import STRUCTS, Kinds, RecordType

_MOST_PATHS = 300
# What people bring first, in this order; then the others by name.
_FIRST = ("contacts", "companies", "deals")


def resources_for(kinds: Kinds, schema: Schema, caller: Caller) -> list[pb.OwnResource]:
    """The types that the user may do anything with: those of the API come first."""
    imported = {each.table for each in object_kinds(kinds) if not each.object_field}
    exported = Resources(kinds).names
    custom = sorted(schema.custom)
    names = sorted((n for n in exported if n in imported), key=_place)
    names += [*custom, *(n for n in exported if n not in imported)]
    found = [
        _told(kinds, caller, name, is_imported=name in imported or name in custom)
        for name in names
    ]
    return [each for each in found if each.may_read or each.may_write]


def _place(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST)), name


def _told(
    kinds: Kinds, caller: Caller, name: str, *, is_imported: bool
) -> pb.OwnResource:
    kind = kind_of(kinds, name) if is_imported else Resources(kinds).kind_of(name)
    its = kind.policy.permission_resource or kind.resource
    told = pb.OwnResource(name=name, label=name.replace("_", " ").capitalize())
    told.may_read = kind.policy.any_token or caller.may(f"{its}.read")
    if is_imported:
        modes = imports_pb2.IMPORT_MODE_CREATE, imports_pb2.IMPORT_MODE_DELETE
        may = [caller.may(permission_of(kind, mode)) for mode in modes]
        told.may_write, told.may_delete = may
    return told


def paths_of(fields: Fields) -> list[str]:
    """The fields that columns of a file may give, as mappings name them."""
    found = [path for path in _paths(fields) if isinstance(fields.read(path), Path)]
    return found[:_MOST_PATHS]


def _paths(fields: Fields) -> Iterator[str]:
    kind: RecordType = fields.kind
    plain = [item for item in kind.fields if item.type not in STRUCTS]
    yield from (item.name for item in plain)
    yield from (f"{CUSTOM}.{key}" for key in fields.own.by_key)
    for item in plain:
        target = fields.kinds.get(item.references or "")
        if target is not None and item.name.endswith("_id"):
            name = item.name.removesuffix("_id")
            yield from (f"{name}.{way}" for way in ways_to(target))
