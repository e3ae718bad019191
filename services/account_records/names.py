"""What records are called, on pages that would show their ids alone."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

from services.account_records.running import GET, Place, Running
from services.caller import current_call
from services.errors import NotFound
from services.kinds.record_type import RecordType
from services.postgres.database import Database
from services.records.visibility import USER, visible

# The field that says what a record is called, where a kind has it.
NAME = "name"


def may_delete(kind: RecordType) -> bool:
    """Whether the user may delete such records, and therefore sees deleted ones."""
    resource = kind.policy.permission_resource or kind.resource
    return current_call().caller.may(f"{resource}.delete")


async def names_with_deleted(
    database: Database, running: Running, place: Place, ids: Iterable[str]
) -> dict[str, str]:
    """The names of records that the user sees; of deleted ones if it may delete such.

    Merged records are deleted ones.
    """
    kind, caller = place.kind, current_call().caller
    if NAME not in kind.by_name:
        return {}
    values = [caller.business_id, sorted(set(ids)), may_delete(kind)]
    sql = (
        f"SELECT r.id, r.{NAME} FROM {kind.table} AS r WHERE r.business_id = $1"
        " AND r.id = ANY($2::text[]) AND (r.deleted_at IS NULL OR $3::boolean)"
    )
    seen = visible(kind, caller, running.kinds)
    if seen:
        sql += f" AND {seen.format(tenant='$1', user=f'${len(values) + 1}')}"
    if USER in seen:
        values.append(caller.user_id)
    rows = await database.rows(sql, *values)
    return {row[0]: row[1] for row in rows if row[1]}


async def names_by_ids(
    database: Database, running: Running, ids: Iterable[str]
) -> dict[str, str]:
    """The names of records of any type, as `names_with_deleted` has them."""
    by_place = defaultdict[Place, set[str]](set)
    for each in ids:
        with suppress(NotFound):
            kind = running.kind_of(each)
            permission = running.permission_of(kind, GET)
            if permission and current_call().caller.may(permission):
                by_place[Place(kind)].add(each)
    names: dict[str, str] = {}
    for place, its in by_place.items():
        names |= await names_with_deleted(database, running, place, its)
    return names
