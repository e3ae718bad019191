"""Duplicates as the pages show them, what merging them would do, and the merge."""

from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from prospectconnect.crm.v1 import own_records_pb2 as pb

from services.account_records.names import names_by_ids
from services.account_records.running import (
    DUPLICATE_GROUPS,
    GET,
    MERGE,
    Place,
    Running,
)
from services.caller import current_call
from services.clock import from_timestamp, rfc3339
from services.errors import NotFound
from services.kinds.custom_fields import value_to_json
from services.kinds.record_type import Field, RecordType
from services.postgres.bound import BoundDatabase, Scope
from services.postgres.database import Database

_AT_ONCE = 10
# A person wants to see some: pages without a group are read on, but not for long.
_MOST_PAGES = 4
# By what people know records, as far as a kind has these fields.
_KNOWN_BY = ("email", "phone", "domain", "city")
# What a survivor has besides the values that people know it by.
_BESIDES = frozenset(("id", "etag", "updated_at", "merged_ids", "masked"))
_MOST_TEXT = 200


class OwnDuplicates:
    """Lists duplicates, and merges records.

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

    async def page(self, resource: str, cursor: str) -> pb.ListOwnDuplicatesResponse:
        """A page of groups. Raises `NotFound` for records without duplicates."""
        kinds = self._running.kinds.values()
        kind = next((each for each in kinds if each.table == resource), None)
        if kind is None:
            raise NotFound
        place = Place(kind)
        for _ in range(_MOST_PAGES):
            asked: dict[str, Any] = {"cursor": cursor} if cursor else {}
            asked["limit"] = _AT_ONCE
            found = await self._running.run(place, DUPLICATE_GROUPS, **asked)
            cursor = found.meta.cursor.next
            if found.data or not cursor:
                break
        return pb.ListOwnDuplicatesResponse(
            groups=map(_group, found.data),
            next=cursor,
            mergeable=may_merge(kind),
        )

    async def merge(self, survivor_id: str, ids: Sequence[str]) -> str:
        """Merges records into a survivor. Returns the id of the merge."""
        place = await self._running.place_of(survivor_id)
        named = {"id": survivor_id, "ids": ids}
        answer = await self._running.run(place, MERGE, **named)
        return str(answer.merge_id)

    async def preview(
        self, survivor_id: str, ids: Sequence[str]
    ) -> pb.PreviewOwnMergeResponse:
        """Merges records in a transaction that is undone."""
        place, within = await self._running.place_of(survivor_id), self._within
        names = await names_by_ids(self._database, self._running, (survivor_id, *ids))

        async def work(scope: Scope) -> pb.PreviewOwnMergeResponse:
            scope.undone = True
            before = await within.run(place, GET, id=survivor_id)
            answer = await within.run(place, MERGE, id=survivor_id, ids=ids)
            return pb.PreviewOwnMergeResponse(
                moved=answer.moved,
                fields=_fields(place.kind, before, answer.data),
                names=names,
                resource=place.resource,
            )

        answer, _ = await self._bound.within(work)
        return answer


def may_merge(kind: RecordType) -> bool:
    """Whether the user's role may merge such records, and undo that."""
    caller = current_call().caller
    resource = kind.policy.permission_resource or kind.resource
    return all(caller.may(f"{resource}.{each}") for each in ("write", "delete"))


def changed_fields(before: Any, after: Any) -> list[str]:
    """The fields in which two states of a record differ."""
    was, now_has = dict(_values(before)), dict(_values(after))
    return [name for name in {**was, **now_has} if was.get(name) != now_has.get(name)]


def _group(group: Any) -> pb.OwnDuplicates:
    return pb.OwnDuplicates(
        records=map(_record, group.records),
        score=round(float(group.score.value) * 100),
        reasons=group.reasons,
    )


def _record(record: Any) -> pb.OwnDuplicate:
    known = (getattr(record, name, "") for name in _KNOWN_BY)
    return pb.OwnDuplicate(
        id=record.id,
        name=record.name,
        created_at=record.created_at,
        known_by=[each for each in known if each],
    )


def _fields(kind: RecordType, before: Any, after: Any) -> Iterator[pb.OwnMergedField]:
    """What a merge changes of its survivor, as texts."""
    was, now_has = dict(_values(before)), dict(_values(after))
    for name in changed_fields(before, after):
        item = kind.by_name.get(name)
        told = {
            "was": _text(was.get(name), item),
            "now": _text(now_has.get(name), item),
        }
        yield pb.OwnMergedField(field=name, **told)


def _values(record: Any) -> Iterator[tuple[str, Any]]:
    """The values of a record, each key of a struct by itself."""
    for item, value in record.ListFields():
        if item.name in _BESIDES:
            continue
        if isinstance(value, Struct):
            yield from ((f"{item.name}.{key}", v) for key, v in value.fields.items())
        else:
            yield item.name, value


def _text(value: Any, item: Field | None) -> str:
    """A value as people read it; empty for none."""
    match value:
        case None:
            return ""
        case Timestamp():
            return rfc3339(from_timestamp(value))
        case Date():
            return f"{value.year:04}-{value.month:02}-{value.day:02}"
        case Decimal():
            return str(value.value)
        case Value():
            return _joined(value_to_json(value))
        case Message():
            return ""
    if item is not None and item.choices:
        names = {number: name for name, number in item.choices.items()}
        return str(names.get(value, value))
    return _joined(
        value if isinstance(value, str | bool | int | float) else list(value)
    )


def _joined(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text[:_MOST_TEXT]
