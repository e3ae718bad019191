"""What a caller saw as an export was written: who reads its files must see as much.

Files stay for days. Meanwhile a role may be lowered, and a user may have other tokens.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from services.caller import Caller
from services.errors import RoleDenied
from services.exports.selection import Selection
from services.gates.permissions import check_permission
from services.kinds.objects import object_kinds
from services.kinds.own_fields import Schema
from services.kinds.record_type import Kinds, RecordType
from services.kinds.sensitive import fields_of

# The member of a job's task that tells it.
WRITTEN = "written"
_CUSTOM_FIELDS = "custom_fields"
_LESS = "The user's role sees less now than the files hold. Make the export again."


def reached(selections: Iterable[Selection]) -> Iterator[RecordType]:
    """The kinds of the records in the files, and of those that come along."""
    for each in selections:
        yield each.kind
        if (asked := each.call.asked) is not None:
            yield from (link.kind for link in asked.links)
            yield from (listed.other.kind for listed in asked.lists)


def needed(kinds: Iterable[RecordType]) -> list[str]:
    """What reading records of some kinds needs."""
    return sorted({_permission(each) for each in kinds if not each.policy.any_token})


def written(
    caller: Caller, kinds: Kinds, schema: Schema, selections: Iterable[Selection]
) -> dict[str, Any]:
    """What a caller sees of the records that an export holds.

    `reads` is what its scopes and its role grant, `by_role` what lets its role see
    records through those that they are linked to. Of `whole` it sees all records. By
    types of records, `masked` are the fields that it does not read.
    """
    selections = tuple(selections)
    found = tuple(reached(selections))
    links = {kinds[each.references] for kind in found for each in kind.link_fields}
    ends = set(object_kinds(kinds)) if any(each.ends for each in found) else set()
    by_role = set(needed(links)) & caller.role_permissions
    every = {each.resource for each in (*found, *links, *ends)}
    masked = {
        slug: sorted(fields_of(schema, slug, caller).masked)
        for slug in sorted(set(_slugs(schema, selections)))
    }
    return {
        "reads": [each for each in needed((*found, *ends)) if caller.may(each)],
        "by_role": sorted(by_role),
        "whole": sorted(every - caller.own_only),
        "masked": masked,
    }


def check_written(caller: Caller, schema: Schema, before: dict[str, Any]) -> None:
    """Refuses a caller who sees less than who wrote the files: `PermissionDenied`."""
    for each in before["reads"]:
        check_permission(caller, each)
    is_less = bool(caller.own_only.intersection(before["whole"]))
    is_less |= not caller.role_permissions.issuperset(before["by_role"])
    for slug, masked in before["masked"].items():
        is_less |= bool(fields_of(schema, slug, caller).masked.difference(masked))
    if is_less:
        raise RoleDenied(_LESS, "")


def _slugs(schema: Schema, selections: Iterable[Selection]) -> Iterator[str]:
    """The types of records whose own fields the files hold."""
    for each in selections:
        asked = each.call.asked
        if asked is None or asked.names is None or _CUSTOM_FIELDS in _names(asked):
            yield each.name
        if asked is None:
            continue
        yield from (listed.other.slug for listed in asked.lists)
        for link in asked.links:
            yield from schema.custom if link.kind.object_field else (link.kind.table,)


def _names(asked: Any) -> set[str]:
    return {*asked.names[0], *dict(asked.names[1])}


def _permission(kind: RecordType) -> str:
    return f"{kind.policy.permission_resource or kind.policy.resource}.read"
