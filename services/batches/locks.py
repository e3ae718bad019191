"""Locks what a batch names before it begins, in the order of all locks.

So two batches that change the same records wait for one another, and never each for the
other, in whichever order their operations come.
"""

from collections.abc import Iterable, Sequence

from services.batches.operations import Operation
from services.caller import Caller
from services.ids import is_id
from services.kinds.record_type import Kinds, RecordType
from services.postgres.database import Database
from services.records.several.many_statements import lock_sql


async def lock_named(
    database: Database,
    caller: Caller,
    operations: Iterable[Operation],
    kinds: Sequence[RecordType],
) -> None:
    """Locks the records of some kinds whose ids the operations give."""
    given = {each for operation in operations for each in _ids(operation)}
    by_table = {
        kind.table: sorted(e for e in given if is_id(kind.policy.id_prefix, e))
        for kind in kinds
    }
    named = {table: ids for table, ids in by_table.items() if ids}
    if named:
        sql = lock_sql(tuple(named))
        await database.row(sql, caller.business_id, *named.values())


def _ids(operation: Operation) -> Iterable[str]:
    """The ids of existing records in an operation's request."""
    runnable, request = operation.runnable, operation.request
    if runnable is None or operation.error is not None:
        return
    if "id" in request.DESCRIPTOR.fields_by_name:
        yield request.id
    if (kind := runnable.method.written) is not None:
        record = getattr(request, kind.resource)
        for item in kind.fields:
            if item.references or item.policy.end or item.name == "id":
                yield getattr(record, item.name)


def lockable(kinds: Kinds, resources: Iterable[str]) -> tuple[RecordType, ...]:
    """The kinds of records with batches, in the order of locks."""
    wanted = set(resources)
    return tuple(kind for name, kind in kinds.items() if name in wanted)
