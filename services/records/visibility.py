"""Which records a caller sees (contract §4).

A caller sees all records of a kind, or only its own: those that it owns and those
without an owner. A caller also sees the tasks, notes and activities that are linked to
a record that it sees. Activities that the server wrote are visible through links only.
"""

from functools import lru_cache

from services.caller import Caller
from services.kinds.record_type import Kinds, RecordType

# The placeholders of the caller's user and tenant in the SQL that this module returns.
USER, TENANT = "{user}", "{tenant}"


def owner_column(kind: RecordType, caller: Caller) -> str:
    """The column that must hold the caller or nobody; "" if all records are visible."""
    return kind.policy.owner_field if kind.resource in caller.own_only else ""


def visible(kind: RecordType, caller: Caller, kinds: Kinds) -> str:
    """Returns the SQL condition for the records `r` that the caller sees.

    The text is empty if the caller sees all. It may contain `USER` and `TENANT`.
    """
    if not kind.link_fields:
        return _visible(kind, (), caller.own_only, caller.role_permissions)
    linked = tuple(kinds[item.references] for item in kind.link_fields)
    return _visible(kind, linked, caller.own_only, caller.role_permissions)


@lru_cache(maxsize=1024)
def _visible(
    kind: RecordType,
    linked: tuple[RecordType, ...],
    own_only: frozenset[str],
    role_permissions: frozenset[str],
) -> str:
    readable = {
        each.resource for each in linked if f"{each.resource}.read" in role_permissions
    }
    own = kind.policy.owner_field if kind.resource in own_only else ""
    sees_every_link = all(
        each.resource in readable and each.resource not in own_only for each in linked
    )
    if not own and (kind.by_links_alone is None or sees_every_link):
        return ""
    conditions = [_owned(own, "r") if own else "true"]
    if kind.by_links_alone is not None:
        conditions.append(f"r.source <> {kind.by_links_alone}")
    ways = [" AND ".join(conditions)]
    for item, target in zip(kind.link_fields, linked, strict=True):
        if target.resource in readable:
            ways.append(_linked(item.name, target, target.resource in own_only))
    return f"({' OR '.join(ways)})"


def _linked(column: str, target: RecordType, own: bool) -> str:
    if not own:
        return f"r.{column} IS NOT NULL"
    # The tenant by its value: behind an OR, Citus cannot derive the shard from `r`.
    return (
        f"EXISTS (SELECT FROM {target.table} AS l WHERE l.business_id = {TENANT}"
        f" AND l.id = r.{column} AND l.deleted_at IS NULL"
        f" AND {_owned(target.policy.owner_field, 'l')})"
    )


def _owned(column: str, alias: str) -> str:
    owner = f"coalesce({alias}.{column}, '')"  # as an index holds it
    return f"({owner} = {USER} OR {owner} = '')"
