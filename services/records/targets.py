"""The records that a statement refers to: what makes one exist for the caller."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """The table of a referenced record, which must exist.

    If `owner_column` is set, the record must also belong to the caller or to nobody.
    `seen` is another condition on the record `r`, which may name `{tenant}` and, if an
    `owner_column` is set, `{user}`; it then stands instead of the owner.
    """

    table: str
    owner_column: str = ""
    seen: str = ""


def target_sql(target: Target, record_id: str, user: str) -> str:
    """Selects a referenced record, given the places of its id and of the user."""
    owner, seen = target.owner_column, target.seen
    if seen:
        mine = f" AND {seen.format(tenant='$1', user=user)}"
    else:
        mine = f" AND (r.{owner} = {user} OR r.{owner} IS NULL)" if owner else ""
    return (
        f"SELECT 1 FROM {target.table} AS r WHERE r.business_id = $1"
        f" AND r.id = {record_id} AND r.deleted_at IS NULL{mine}"
    )
