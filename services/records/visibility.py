"""Which records a caller sees (contract §4).

A caller sees all records of a kind, or only its own: those that it owns and those
without an owner. A caller also sees the tasks, notes and activities that are linked to
a record that it sees. Activities that the server wrote are visible through links only.
Consents are visible through their contacts alone.
A record that connects two others is visible to callers who may read and see both.
A private one is visible to its creator alone, also among owners.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.errors import ValidationFailed
from services.faults import Fault
from services.kinds.objects import object_kinds
from services.kinds.record_type import Kinds, RecordType

# The placeholders of the caller's user and tenant in the SQL that this module returns.
USER, TENANT = "{user}", "{tenant}"


def owner_column(kind: RecordType, caller: Caller) -> str:
    """The column that must hold the caller or nobody; "" if all records are visible."""
    return kind.policy.owner_field if kind.resource in caller.own_only else ""


def refuse_others(kind: RecordType, caller: Caller, record: Any) -> None:
    """Refuses a record of another user where callers write none but their own.

    Raises `ValidationFailed`.
    """
    if not kind.policy.owners_write:
        return
    column = owner_column(kind, caller)
    if column and getattr(record, column) != caller.user_id:
        at, code = f"{kind.resource}.{column}", FaultCode.FAULT_CODE_INVALID_CHOICE
        raise ValidationFailed([Fault(at, code, "Give your own id.")])


def visible(kind: RecordType, caller: Caller, kinds: Kinds) -> str:
    """Returns the SQL condition for the records `r` that the caller sees.

    The text is empty if the caller sees all. It may contain `USER` and `TENANT`.
    """
    if kind.ends:
        may = caller.role_permissions & caller.scope_permissions
        names = tuple(item.name for item in kind.ends)
        of = names, "type" in kind.by_name
        return _by_ends(of, tuple(kinds.values()), caller.own_only, may)
    if kind.private_by:
        return _unless_private(kind)
    if not kind.link_fields:
        return _visible(kind, (), caller.own_only, caller.role_permissions)
    linked = tuple(kinds[item.references] for item in kind.link_fields)
    return _visible(kind, linked, caller.own_only, caller.role_permissions)


def _unless_private(kind: RecordType) -> str:
    """That a record is not private, or the caller's own. It has no other owner."""
    return (
        f"(r.{kind.private_by} IS DISTINCT FROM {kind.private_value}"
        f" OR r.created_by = {USER})"
    )


def hidden(kinds: Iterable[RecordType], change: str) -> str:
    """The SQL condition that a change is not open to all who may read its type.

    `change` is the alias of its row. What made a record private, or was done while it
    was, is never open. A record that is gone is not open either.
    """
    ways = [
        f"({change}.object = '{kind.table}' AND (NOT EXISTS (SELECT FROM {kind.table}"
        f" AS p WHERE p.business_id = $1 AND p.id = {change}.record_id"
        f" AND p.{kind.private_by} IS DISTINCT FROM {kind.private_value})"
        f" OR {private_after(kind, change)}))"
        for kind in kinds
        if kind.private_by
    ]
    return f"({' OR '.join(ways) or 'false'})"


def private_after(kind: RecordType, change: str) -> str:
    """The SQL condition that a record was private after a change of it.

    The change itself says so, or the next one that tells, or the record of today.
    """
    name = kind.private_by
    following = f"coalesce(n.was -> '{name}', n.image -> '{name}')"
    return (
        f"coalesce({change}.image -> '{name}', {change}.now -> '{name}',"
        f" (SELECT {following} FROM changes AS n WHERE n.business_id = $1"
        f" AND n.record_id = {change}.record_id AND n.at > {change}.at"
        f" AND {following} IS NOT NULL ORDER BY n.at LIMIT 1),"
        f" (SELECT to_jsonb(o.{name}) FROM {kind.table} AS o"
        f" WHERE o.business_id = $1 AND o.id = {change}.record_id))"
        f" = '{kind.private_value}'::jsonb"
    )


def open_before(kind: RecordType, was: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a change replaced, as others than the maker are told of it.

    Of a change that opened a private record that is that it was private, alone.
    """
    if kind.private_by and was.get(kind.private_by) == kind.private_value:
        return {kind.private_by: kind.private_value}
    return was


@lru_cache(maxsize=1024)
def _visible(
    kind: RecordType,
    linked: tuple[RecordType, ...],
    own_only: frozenset[str],
    role_permissions: frozenset[str],
    alias: str = "r",
) -> str:
    readable = {
        each.resource for each in linked if f"{each.resource}.read" in role_permissions
    }
    own = kind.policy.owner_field if kind.resource in own_only else ""
    sees_every_link = all(
        each.resource in readable and each.resource not in own_only for each in linked
    )
    some_by_links = kind.by_links_alone is not None or kind.policy.seen_by_links
    if not own and (not some_by_links or sees_every_link):
        return ""
    conditions = [_owned(own, alias) if own else "true"]
    if kind.by_links_alone is not None:
        conditions.append(f"{alias}.source <> {kind.by_links_alone}")
    ways = [] if kind.policy.seen_by_links else [" AND ".join(conditions)]
    for item, target in zip(kind.link_fields, linked, strict=True):
        if target.resource in readable:
            column = f"{alias}.{item.name}"
            ways.append(_linked(column, target, target.resource in own_only))
    return f"({' OR '.join(ways) or 'false'})"


def _linked(column: str, target: RecordType, own: bool) -> str:
    if not own:
        return f"{column} IS NOT NULL"
    # The tenant by its value: behind an OR, Citus cannot derive the shard from `r`.
    return (
        f"EXISTS (SELECT FROM {target.table} AS l WHERE l.business_id = {TENANT}"
        f" AND l.id = {column} AND l.deleted_at IS NULL"
        f" AND {_owned(target.policy.owner_field, 'l')})"
    )


def _owned(column: str, alias: str) -> str:
    owner = f"coalesce({alias}.{column}, '')"  # as an index holds it
    return f"({owner} = {USER} OR {owner} = '')"


# Associations of archived types are hidden with these.
_OF_LIVE_TYPE = (
    "r.type NOT IN (SELECT t.key FROM association_types AS t"
    f" WHERE t.business_id = {TENANT} AND t.archived)"
)


@lru_cache(maxsize=1024)
def _by_ends(
    connecting: tuple[tuple[str, ...], bool],
    every_kind: tuple[RecordType, ...],
    own_only: frozenset[str],
    permissions: frozenset[str],
) -> str:
    """The condition for a record if some of its fields are ids of others.

    `connecting` are the names of these fields, and whether the record has a type.
    """
    names, has_types = connecting
    kinds = {each.resource: each for each in every_kind}
    ends = tuple(object_kinds(kinds))
    readable = [each for each in ends if f"{each.resource}.read" in permissions]
    seen = {
        each: _visible(
            each,
            tuple(kinds[item.references] for item in each.link_fields),
            own_only,
            permissions,
            "e",
        )
        for each in readable
    }
    conditions = [_OF_LIVE_TYPE] if has_types else []
    if len(readable) < len(ends) or any(seen.values()):
        conditions += [_end(f"r.{name}", seen) for name in names]
    return f"({' AND '.join(conditions)})" if conditions else ""


def _end(column: str, seen: Mapping[RecordType, str]) -> str:
    """That the record at one end is visible, by the condition of its kind."""
    kind_of_id = f"split_part({column}, '_', 1)"
    whole = [_prefix(each) for each, condition in seen.items() if not condition]
    ways = [f"{kind_of_id} IN ({', '.join(whole)})"] if whole else []
    ways += [
        f"{kind_of_id} = {_prefix(each)} AND EXISTS (SELECT FROM {each.table} AS e"
        f" WHERE e.business_id = {TENANT} AND e.id = {column}"
        f" AND e.deleted_at IS NULL AND {condition})"
        for each, condition in seen.items()
        if condition
    ]
    return f"({' OR '.join(ways) or 'false'})"


def _prefix(kind: RecordType) -> str:
    return f"'{kind.policy.id_prefix.removesuffix('_')}'"
