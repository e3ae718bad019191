"""The timeline: what happened to a record, told by `system` activities.

They are written in the statement of the change that they tell of. This room knows
which changes are told and how; the records engine writes what it is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.ids import new_id
from services.record_type import RecordType

# Resources whose changes are told, and the column of the timeline that links them.
LINKS = {"contact": "contact_id", "company": "company_id", "deal": "deal_id"}

TYPE_SYSTEM = 4
SOURCE_SYSTEM = 2


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a record, with the values before and after."""

    name: str
    before: Any = None
    after: Any = None

    def metadata(self) -> dict[str, Any]:
        """The activity's `metadata`: `event`, and `from` and `to` where they are."""
        told = {"event": self.name, "from": self.before, "to": self.after}
        return {key: value for key, value in told.items() if value is not None}


def created(record: RecordType) -> list[Event]:
    """What is told of a new record."""
    return [Event("created")] if record.resource in LINKS else []


def changed(record: RecordType, before: Any, after: Any) -> list[Event]:
    """What is told of a record that was `before` and is `after`."""
    if record.resource not in LINKS:
        return []
    events = []
    if before.owner_id != after.owner_id:
        events.append(
            Event("owner_changed", before.owner_id or None, after.owner_id or None)
        )
    if before.tags != after.tags:
        events.append(Event("tags_changed", list(before.tags), list(after.tags)))
    return events


def columns(
    record: RecordType, record_id: str, events: Sequence[Event], moment: int
) -> list[list[Any]]:
    """The activities of `events`, a list a column: ids, times, links, metadata.

    Each happens a microsecond after the one before it, so that the timeline keeps
    the order in which things happened.
    """
    link = LINKS[record.resource]
    count = len(events)
    return [
        [new_id("act_") for _ in events],
        [moment + index for index in range(count)],
        *([record_id if link == column else None] * count for column in LINKS.values()),
        [event.metadata() for event in events],
    ]
