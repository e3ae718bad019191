"""The timeline: `system` activities that tell what happened to a record.

They are written by the statement that writes the change itself. Every record with a
timeline tells of its creation, its owner and its tags; what else a kind tells is in
the `events` of its `Behaviour`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.crm.v1.activities_pb2 import (
    ACTIVITY_SOURCE_SYSTEM,
    ACTIVITY_TYPE_SYSTEM,
    Activity,
)

from services.ids import new_id
from services.kinds.record_type import RecordType, record_type

TYPE_SYSTEM = int(ACTIVITY_TYPE_SYSTEM)
SOURCE_SYSTEM = int(ACTIVITY_SOURCE_SYSTEM)

# The columns by which an activity is linked to records.
LINKS = tuple(item.name for item in record_type(Activity).link_fields)


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
    """What the timeline of a new record begins with."""
    return [Event("created")] if kind.timeline_link else []


def changed(kind: RecordType, before: Any, after: Any) -> list[Event]:
    """Changes of the owner and of the tags of a record."""
    events: list[Event] = []
    if not kind.timeline_link:
        return events
    if before.owner_id != after.owner_id:
        owners = before.owner_id or None, after.owner_id or None
        events.append(Event("owner_changed", *owners))
    if before.tags != after.tags:
        events.append(Event("tags_changed", list(before.tags), list(after.tags)))
    return events


def links_of(kind: RecordType, record: Any) -> Mapping[str, str]:
    """The records on whose timelines a record's events belong, by column."""
    if kind.timeline_link:
        return {kind.timeline_link: record.id}
    found = {item.name: getattr(record, item.name) for item in kind.link_fields}
    return {column: record_id for column, record_id in found.items() if record_id}


def values(links: Mapping[str, str], events: Sequence[Event], moment: int) -> list[Any]:
    """The values of the activities of `events`: links, then id, time and metadata.

    Each happens a microsecond after the one before it, so that the timeline keeps
    the order in which things happened.
    """
    found: list[Any] = [links.get(column) for column in LINKS]
    for index, event in enumerate(events):
        found += (new_id("act_"), moment + index, event.metadata())
    return found
