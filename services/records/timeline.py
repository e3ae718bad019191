"""The timeline: `system` activities that report what happened to a record.

The statement that writes a change writes its activities too. Every record with a
timeline reports its creation and changes of its owner and its tags. Further events of a
kind are in its `Behaviour.events`.
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
from services.kinds.descriptors import record_type
from services.kinds.record_type import RecordType

TYPE_SYSTEM = int(ACTIVITY_TYPE_SYSTEM)
SOURCE_SYSTEM = int(ACTIVITY_SOURCE_SYSTEM)

# The columns by which an activity is linked to records.
LINKS = tuple(item.name for item in record_type(Activity).link_fields)


@dataclass(frozen=True, slots=True)
class Event:
    """A change that the timeline reports, with the values before and after, if any.

    `about` names the record that the event is of, where the activity's links do not: a
    key of `metadata`, such as `note_id`, and its id. Fields of that record are left
    out, for who reads activities may have no right to read them.
    """

    name: str
    before: Any = None
    after: Any = None
    about: tuple[str, str] | None = None

    def metadata(self) -> dict[str, Any]:
        """Returns the activity's `metadata`: `event`, and the rest if set."""
        told = {"event": self.name, "from": self.before, "to": self.after}
        if self.about is not None:
            told.update((self.about,))
        return {key: value for key, value in told.items() if value is not None}


def created(kind: RecordType) -> list[Event]:
    """Returns the first event of a new record's timeline."""
    return [Event("created")] if kind.timeline_link else []


def changed(kind: RecordType, before: Any, after: Any) -> list[Event]:
    """Returns the events for changes of a record's owner and tags."""
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
    """Returns the records whose timelines show a record's events, by column."""
    if kind.timeline_link:
        return {kind.timeline_link: record.id}
    found = {item.name: getattr(record, item.name) for item in kind.link_fields}
    return {column: record_id for column, record_id in found.items() if record_id}


def values(links: Mapping[str, str], events: Sequence[Event], moment: int) -> list[Any]:
    """Returns the values of the events' activities: links, then id, time, metadata.

    Each event gets a time one microsecond after the previous one, so that the timeline
    keeps their order.
    """
    found: list[Any] = [links.get(column) for column in LINKS]
    for index, event in enumerate(events):
        found += (new_id("act_"), moment + index, event.metadata())
    return found
