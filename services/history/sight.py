"""Whether a caller sees a record whose past it asks for, and the record of today."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.caller import Call, Caller
from services.errors import NotFound
from services.postgres.database import Row
from services.records.engine import Records
from services.records.erasing.tombstones import missing
from services.records.many.merged import can_merge, merge_of
from services.records.reading.deleted_too import Besides, row_of

# The last change up to a moment, with when the log of the tenant began.
_BEFORE = """
LEFT JOIN LATERAL (
  SELECT c.at, c.version, c.operation, c.user_id FROM changes AS c
  WHERE c.business_id = $1 AND c.record_id = $2 AND c.at <= $3
  ORDER BY c.at DESC LIMIT 1
) AS l ON true JOIN tenants AS t ON t.business_id = $1
"""
_TOLD = "l.at, l.version, l.operation, l.user_id, t.changes_since"
# Since when the log of the tenant is whole.
KEPT_SINCE = "(SELECT t.changes_since FROM tenants AS t WHERE t.business_id = $1)"


@dataclass(frozen=True, slots=True)
class Seen:
    """A record of today as its row has it, and whether it is deleted.

    `further` are the columns beside those of the record.
    """

    row: Row
    record: Any
    is_deleted: bool
    may_see_deleted: bool
    further: Sequence[Any]


class Sight:
    """Finds the records of one kind, deleted ones too for callers who may delete."""

    def __init__(self, records: Records[Any]) -> None:
        self._records = records
        self._by_prefix = {
            each.policy.id_prefix: each.resource for each in records.kinds.values()
        }

    async def of(self, call: Call, record_id: str, further: str) -> Seen:
        """Returns a record that the caller sees, with one more value by its SQL.

        The id of a merged record leads to its survivor. Raises `NotFound`.
        """
        seen = await self._found(call, record_id, Besides(f", {further}"))
        led = await self._merged(call, record_id, seen)
        if led is not None:
            return await self.of(call, led["survivor_id"], further)
        return await self._shown(call, record_id, seen)

    async def before(self, call: Call, record_id: str, moment: int) -> Seen:
        """Returns it with the last change up to a moment, as `_TOLD` says.

        The id of a merged record leads to its survivor since the merge alone. Of one
        that was erased with it the tombstone of the survivor tells.
        """
        told = Besides(f", {_TOLD}", _BEFORE, (moment,))
        seen = await self._found(call, record_id, told)
        led = await self._merged(call, record_id, seen)
        if led is not None and moment >= led["at"]:
            return await self.before(call, led["survivor_id"], moment)
        its = record_id if led is None or seen is not None else led["survivor_id"]
        return await self._shown(call, its, seen)

    async def _shown(self, call: Call, record_id: str, seen: Seen | None) -> Seen:
        """Raises `NotFound` for what the caller does not see."""
        if seen is None:
            kind, database = self._records.kind, self._records.database
            raise await missing(database, kind, call.caller, record_id)
        if seen.is_deleted and not seen.may_see_deleted:
            raise NotFound
        return seen

    async def _merged(
        self, call: Call, record_id: str, seen: Seen | None
    ) -> Row | None:
        """Where a deleted record leads, and since when, if it was merged."""
        records = self._records
        if (seen is not None and not seen.is_deleted) or not can_merge(records.kind):
            return None
        return await merge_of(records.database, call.caller.business_id, record_id)

    async def _found(self, call: Call, record_id: str, besides: Besides) -> Seen | None:
        records, caller = self._records, call.caller
        where, codec = (records.database, records.compiled), records.codec
        row = await row_of(*where, call, record_id, besides)
        if row is None:
            return None
        record = codec.read(row, caller.business_id)
        is_deleted, may = row[codec.width] is not None, self._may_delete(caller, record)
        return Seen(row, record, is_deleted, may, row[codec.width + 1 :])

    def _may_delete(self, caller: Caller, record: Any) -> bool:
        kind = self._records.kind
        if not kind.ends:
            resource = kind.policy.permission_resource or kind.resource
            return caller.may(f"{resource}.delete")
        # An association is deleted by those who may write its first record.
        first = getattr(record, kind.ends[0].name)
        return caller.may(f"{self._by_prefix[first.partition('_')[0] + '_']}.write")
