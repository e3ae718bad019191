"""The record that is erased, as it was found and locked, and what is linked to it.

Consents go with it, and so do notes, tasks and activities that are linked to nothing
else; the others only if the caller says so. Activities that the server wrote hold
values of the record if they are of its timeline alone; the others hold ids.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.caller import Caller
from services.clock import from_timestamp, now
from services.kinds.record_type import Kinds, RecordType
from services.postgres.database import Transaction
from services.records.engine import Records
from services.records.erasing import statements as sql
from services.records.erasing.texts import TextSql, text_sql
from services.records.erasing.tombstones import missing
from services.records.many.merged import survivors_of
from services.records.versions import check_etag
from services.records.visibility import USER, visible


class ChangedMeanwhileError(Exception):
    """A merge or the tenant's definitions are no longer those that were read."""


@dataclass(frozen=True, slots=True, eq=False)
class LinkedKind:
    """A kind of record that may be linked to another; `name` is that of its table.

    `is_whole`: each record is linked to one other alone and goes with it whole, with or
    without texts. `has_one_link`: no record of it can be linked to others besides.
    """

    name: str
    find: str
    texts: TextSql
    is_whole: bool
    has_one_link: bool


@dataclass(frozen=True, slots=True)
class Linked:
    """Ids of the records of a kind that are linked to the subject.

    `alone` are linked to nothing else, `shared` to others too, `system` are the
    server's own of those that are alone. `since` is when the oldest was created.
    """

    alone: Sequence[str]
    shared: Sequence[str]
    system: Sequence[str]
    since: int | None

    def texts(self, include_shared: bool) -> list[str]:
        """The ids of those whose texts are to be destroyed."""
        return [*self.alone, *(self.shared if include_shared else ())]


@dataclass(frozen=True, slots=True)
class Subject:
    """The record to erase, its associations, and what is linked to it, by the kind.

    `merged` are the ids of the records that were merged into it, which go with it.
    `moment` is that of the erasure. `since`: no other record knows it from before.
    """

    record: Any
    is_deleted: bool
    moment: int
    since: int
    linked: Mapping[LinkedKind, Linked]
    associations: Sequence[str]
    merged: Sequence[str] = ()

    @property
    def id(self) -> str:
        """The record's id."""
        return str(self.record.id)

    @property
    def ids(self) -> list[str]:
        """The record's id, and those that lead to it."""
        return [self.id, *self.merged]


def linked_kinds(kind: RecordType, kinds: Kinds) -> list[LinkedKind]:
    """The kinds that may be linked to records of a kind, in the order of locks."""
    return [
        LinkedKind(
            each.table,
            sql.linked_sql(each, item),
            text_sql(each),
            each.policy.seen_by_links,
            len(each.link_fields) == 1,
        )
        for each in kinds.values()
        for item in each.link_fields
        if item.references == kind.resource
    ]


async def find_subject(
    transaction: Transaction,
    records: Records[Any],
    caller: Caller,
    request: Any,
    linked_to: Iterable[LinkedKind],
) -> Subject:
    """Locks a record, living or deleted, and all that is linked to it.

    The id of a merged record is that of its survivor. Raises `NotFound` if the caller
    sees none, `EtagMismatch`, and `ChangedMeanwhileError` if the record was merged, or
    a merge of it undone, since that was looked up.
    """
    kind, codec, business_id = records.kind, records.codec, caller.business_id
    led = await survivors_of(transaction, business_id, (request.id,))
    here = business_id, led.get(request.id, request.id)
    seen = visible(kind, caller, records.kinds)
    user = (caller.user_id,) if USER in seen else ()
    seen = seen.format(tenant="$1", user="$3")
    locked = await transaction.rows(sql.lock_all_sql(kind), *here)
    statement = sql.lock_sql(kind, codec.columns, seen)
    row = await transaction.row(statement, *here, *user)
    if row is None:
        raise await missing(transaction, kind, caller, here[1])
    record = codec.read(row, business_id)
    check_etag(record, request.etag)
    merged = await transaction.rows(sql.merged_sql(kind), *here)
    where = business_id, [record.id, *(each["id"] for each in merged)]
    is_deleted = row[codec.width] is not None
    if request.id not in where[1] or not {each["id"] for each in locked} >= {*where[1]}:
        raise ChangedMeanwhileError
    if is_deleted and await survivors_of(transaction, business_id, (record.id,)):
        raise ChangedMeanwhileError
    linked = {each: await _find(transaction, *where, each) for each in linked_to}
    since = [each.since for each in linked.values() if each.since is not None]
    since += [each["created_at"] for each in merged]
    associations = await transaction.rows(sql.ASSOCIATIONS_SQL, *where)
    return Subject(
        record=record,
        is_deleted=is_deleted,
        moment=now(),
        since=min((from_timestamp(record.created_at), *since)),
        linked=linked,
        associations=[each["id"] for each in associations],
        merged=[each["id"] for each in merged],
    )


async def _find(
    transaction: Transaction, business_id: str, ids: Sequence[str], kind: LinkedKind
) -> Linked:
    rows = await transaction.rows(kind.find, business_id, ids)
    people = [row for row in rows if not row["is_system"]]
    return Linked(
        alone=[row["id"] for row in people if row["is_alone"]],
        shared=[row["id"] for row in people if not row["is_alone"]],
        system=[row["id"] for row in rows if row["is_system"] and row["is_alone"]],
        since=min((row["created_at"] for row in people), default=None),
    )
