"""The merges of a tenant as the pages show them, and what undoing one would do."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from prospectconnect.crm.v1 import own_records_pb2 as pb
from prospectconnect.crm.v1.merges_pb2 import Merge

from services.account_records.duplicates import changed_fields, may_merge
from services.account_records.makers import user_names
from services.account_records.names import names_with_deleted
from services.account_records.running import GET, SEARCH, UNMERGE, Place, Running
from services.clock import DAY, from_timestamp, now
from services.errors import NotFound
from services.merging.unmerging import KEPT_DAYS
from services.postgres.bound import BoundDatabase, Scope
from services.postgres.database import Database


class OwnMerges:
    """Lists merges, and undoes them.

    `within` are the same methods as `running`, in transactions of `bound`.
    """

    def __init__(
        self,
        database: Database,
        running: Running,
        within: Running,
        bound: BoundDatabase,
    ) -> None:
        self._database, self._running = database, running
        self._within, self._bound = within, bound
        self._kind = running.kinds["merge"]

    async def page(self, cursor: str) -> pb.ListOwnMergesResponse:
        """A page of merges, newest first."""
        asked = {"cursor": cursor} if cursor else {}
        found = await self._running.run(Place(self._kind), SEARCH, **asked)
        return pb.ListOwnMergesResponse(
            merges=map(self._told, found.data),
            next=found.meta.cursor.next,
            names=await self._names(found.data),
        )

    async def one(self, merge_id: str) -> pb.GetOwnMergeResponse:
        """A merge. Raises `NotFound` if there is none that the user sees."""
        found = await self._merge(merge_id)
        names = await self._names([found])
        return pb.GetOwnMergeResponse(found=self._told(found), names=names)

    async def undo(self, merge_id: str) -> None:
        """Undoes a merge."""
        merge = await self._merge(merge_id)
        await _undo(self._running, merge, self._place_of(merge))

    async def preview(self, merge_id: str) -> pb.PreviewOwnUnmergeResponse:
        """Undoes a merge in a transaction that is undone itself."""
        merge = await self._merge(merge_id)
        place, within = self._place_of(merge), self._within

        async def work(scope: Scope) -> pb.PreviewOwnUnmergeResponse:
            scope.undone = True
            before = await within.run(place, GET, id=merge.survivor_id)
            answer = await _undo(within, merge, place)
            return pb.PreviewOwnUnmergeResponse(
                restored_ids=answer.restored_ids,
                moved=answer.moved,
                fields=changed_fields(before, answer.data),
                names=await within.names_of(place, answer.restored_ids),
            )

        answer, _ = await self._bound.within(work)
        return answer

    async def _merge(self, merge_id: str) -> Merge:
        found: Merge
        found = await self._running.run(Place(self._kind), GET, id=merge_id)
        return found

    def _place_of(self, merge: Merge) -> Place:
        kind = self._running.kind_of(merge.survivor_id)
        return Place(kind, merge.resource if kind.object_field else "")

    def _told(self, merge: Merge) -> pb.OwnMerge:
        is_recent = from_timestamp(merge.at) > now() - KEPT_DAYS * DAY
        stands = is_recent and not merge.HasField("undone_at")
        kind = self._running.kind_of(merge.survivor_id)
        return pb.OwnMerge(merge=merge, undoable=stands and may_merge(kind))

    async def _names(self, merges: Sequence[Merge]) -> dict[str, str]:
        """The names of users, survivors and merged records; two searches for a type."""
        users = {each.user_id for each in merges if each.user_id}
        names = await user_names(self._running, users)
        places = defaultdict[Place, list[Merge]](list)
        for each in merges:
            places[self._place_of(each)].append(each)
        for place, its in places.items():
            survivors = (each.survivor_id for each in its)
            with suppress(NotFound):  # the custom object is archived
                names |= await self._running.names_of(place, survivors)
                merged = (record_id for each in its for record_id in each.merged_ids)
                where = self._database, self._running, place
                names |= await names_with_deleted(*where, merged)
        return names


async def _undo(running: Running, merge: Merge, place: Place) -> Any:
    named = {"id": merge.survivor_id, "merge_id": merge.id}
    return await running.run(place, UNMERGE, **named)
