"""The timeline: what happened to a record, told by `system` activities.

They are written in the transaction of the change that they tell of. This room knows
which changes are told and how; the records engine writes what it is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.crm.v1.activities_pb2 import (
    ACTIVITY_SOURCE_SYSTEM,
    ACTIVITY_TYPE_SYSTEM,
)
from prospectconnect.crm.v1.deals_pb2 import (
    DEAL_STATUS_LOST,
    DEAL_STATUS_OPEN,
    DEAL_STATUS_WON,
)
from prospectconnect.crm.v1.tasks_pb2 import TASK_STATUS_COMPLETED

from services.ids import new_id
from services.kinds.record_type import LINKS, RecordType

TYPE_SYSTEM = int(ACTIVITY_TYPE_SYSTEM)
SOURCE_SYSTEM = int(ACTIVITY_SOURCE_SYSTEM)

_BECAME = {
    DEAL_STATUS_OPEN: "reopened",
    DEAL_STATUS_WON: "won",
    DEAL_STATUS_LOST: "lost",
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, with the values before and after where there are."""

    name: str
    before: Any = None
    after: Any = None

    def metadata(self) -> dict[str, Any]:
        """The activity's `metadata`: `event`, and `from` and `to` where they are."""
        told = {"event": self.name, "from": self.before, "to": self.after}
        return {key: value for key, value in told.items() if value is not None}


def created(kind: RecordType) -> list[Event]:
    """What is told of a new record."""
    if kind.resource in LINKS:
        return [Event("created")]
    return [Event("note_added")] if kind.resource == "note" else []


def changed(kind: RecordType, before: Any, after: Any) -> list[Event]:
    """What is told of a record that was `before` and is `after`."""
    if kind.resource == "task":
        return _task_changed(before, after)
    if kind.resource not in LINKS:
        return []
    events = _deal_moved(before, after) if kind.resource == "deal" else []
    if before.owner_id != after.owner_id:
        owners = before.owner_id or None, after.owner_id or None
        events.append(Event("owner_changed", *owners))
    if before.tags != after.tags:
        events.append(Event("tags_changed", list(before.tags), list(after.tags)))
    return events


def _deal_moved(before: Any, after: Any) -> list[Event]:
    if before.stage_id == after.stage_id:
        return []
    events = [Event("stage_changed", before.stage_id, after.stage_id)]
    if before.status != after.status:
        events.append(Event(_BECAME[after.status]))
    return events


def _task_changed(before: Any, after: Any) -> list[Event]:
    if before.status == after.status:
        return []
    is_done = after.status == TASK_STATUS_COMPLETED
    return [Event("task_completed" if is_done else "task_reopened")]


def links_of(kind: RecordType, record: Any) -> Mapping[str, str]:
    """The records that a record's events belong to, by the column of the link."""
    if kind.resource in LINKS:
        return {LINKS[kind.resource]: record.id}
    found = {item.name: getattr(record, item.name) for item in kind.link_fields}
    return {column: record_id for column, record_id in found.items() if record_id}


def values(links: Mapping[str, str], events: Sequence[Event], moment: int) -> list[Any]:
    """What the activities of `events` hold: their links, then of each its id, time
    and metadata.

    Each happens a microsecond after the one before it, so that the timeline keeps
    the order in which things happened.
    """
    found: list[Any] = [links.get(column) for column in LINKS.values()]
    for index, event in enumerate(events):
        found += (new_id("act_"), moment + index, event.metadata())
    return found
