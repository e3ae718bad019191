"""How a statement finds a record that another one refers to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """The table of a referenced record, which must exist.

    If `owner_column` is set, the record must also belong to the caller or to nobody.
    With `object_column` it must be of a custom object that is not archived;
    `is_of_one`: of the one that the reference names. `seen` is another condition on the
    record `r`, which may name `{tenant}` and, if an `owner_column` is set, `{user}`; it
    then stands instead of the owner.
    """

    table: str
    owner_column: str = ""
    object_column: str = ""
    is_of_one: bool = False
    seen: str = ""


def referenced_sql(
    target: Target, record_id: int, named: int, user: int, what: str = "1"
) -> str:
    """Finds a referenced record `r`. The numbers are those of parameters."""
    return _found(target, what, f"= ${record_id}", named, user)


def all_referenced_sql(
    target: Target, ids: int, named: int, user: int, what: str = "r.id"
) -> str:
    """Finds the referenced records `r` among many ids, in their order."""
    found = _found(target, what, f"= ANY(${ids}::text[])", named, user)
    return f"{found} ORDER BY r.id"


def _found(target: Target, what: str, is_it: str, named: int, user: int) -> str:
    conditions = [f"r.business_id = $1 AND r.id {is_it} AND r.deleted_at IS NULL"]
    if target.is_of_one:
        conditions.append(f"r.{target.object_column} = ${named}::text")
    if target.object_column:
        conditions.append(
            "EXISTS (SELECT FROM objects AS o WHERE o.business_id = $1"
            f" AND o.slug = r.{target.object_column} AND NOT o.archived)"
        )
    if target.seen:
        conditions.append(target.seen.format(tenant="$1", user=f"${user}"))
    elif owner := target.owner_column:
        conditions.append(f"(r.{owner} = ${user} OR r.{owner} IS NULL)")
    return f"SELECT {what} FROM {target.table} AS r WHERE {' AND '.join(conditions)}"
