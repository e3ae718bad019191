"""How a statement finds a record that another one refers to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """The table of a referenced record, which must exist.

    If `owner_column` is set, the record must also belong to the caller or to nobody.
    With `object_column` it must be of a custom object that is not archived;
    `is_of_one`: of the one that the reference names.
    """

    table: str
    owner_column: str = ""
    object_column: str = ""
    is_of_one: bool = False


def referenced_sql(target: Target, record_id: int, named: int, user: int) -> str:
    """Finds a referenced record. The numbers are those of parameters."""
    conditions = [f"business_id = $1 AND id = ${record_id} AND deleted_at IS NULL"]
    if target.is_of_one:
        conditions.append(f"{target.object_column} = ${named}::text")
    if target.object_column:
        conditions.append(
            "EXISTS (SELECT FROM objects AS o WHERE o.business_id = $1"
            f" AND o.slug = {target.table}.{target.object_column} AND NOT o.archived)"
        )
    if owner := target.owner_column:
        conditions.append(f"({owner} = ${user} OR {owner} IS NULL)")
    return f"SELECT 1 FROM {target.table} WHERE {' AND '.join(conditions)}"
