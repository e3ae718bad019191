"""The merges of a tenant as the pages show them, and what undoing one would do."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from google.protobuf.struct_pb2 import Struct
from prospectconnect.crm.v1 import own_records_pb2 as pb
from prospectconnect.crm.v1.merges_pb2 import Merge

from services.account_records.makers import user_names
from services.account_records.running import GET, SEARCH, UNMERGE, Place, Running
from services.caller import current_call
from services.clock import DAY, from_timestamp, now
from services.errors import NotFound
from services.kinds.record_type import RecordType
from services.merging.unmerging import KEPT_DAYS
from services.postgres.bound import BoundDatabase, Scope

# What a survivor has besides the values that people know it by.
_BESIDES = frozenset(("id", "etag", "updated_at", "merged_ids", "masked"))


class OwnMerges:
    """Lists merges, and undoes them.

    `within` are the same methods as `running`, in transactions of `bound`.
    """

    def __init__(self, running: Running, within: Running, bound: BoundDatabase) -> None:
        self._running, self._within, self._bound = running, within, bound
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
                fields=_changed(before, answer.data),
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
        return pb.OwnMerge(merge=merge, undoable=stands and _may_undo(kind))

    async def _names(self, merges: Sequence[Merge]) -> dict[str, str]:
        """The names of users and survivors; one search for each type of record."""
        users = {each.user_id for each in merges if each.user_id}
        names = await user_names(self._running, users)
        places = defaultdict[Place, set[str]](set)
        for each in merges:
            places[self._place_of(each)].add(each.survivor_id)
        for place, ids in places.items():
            with suppress(NotFound):  # the custom object is archived
                names |= await self._running.names_of(place, ids)
        return names


def _may_undo(kind: RecordType) -> bool:
    caller = current_call().caller
    resource = kind.policy.permission_resource or kind.resource
    return all(caller.may(f"{resource}.{each}") for each in ("write", "delete"))


async def _undo(running: Running, merge: Merge, place: Place) -> Any:
    named = {"id": merge.survivor_id, "merge_id": merge.id}
    return await running.run(place, UNMERGE, **named)


def _changed(before: Any, after: Any) -> list[str]:
    """The fields in which two states of a record differ."""
    was, now_has = dict(_values(before)), dict(_values(after))
    return [name for name in {**was, **now_has} if was.get(name) != now_has.get(name)]


def _values(record: Any) -> Iterator[tuple[str, Any]]:
    """The values of a record, each key of a struct by itself."""
    for item, value in record.ListFields():
        if item.name in _BESIDES:
            continue
        if isinstance(value, Struct):
            yield from ((f"{item.name}.{key}", v) for key, v in value.fields.items())
        else:
            yield item.name, value
