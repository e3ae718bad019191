"""Notes: what people write down about contacts, companies and deals."""

from typing import Any

from prospectconnect.crm.v1 import notes_pb2 as pb

from services.caller import current_call
from services.clock import now, to_timestamp
from services.records.behaviour import Behaviour
from services.records.engine import Records
from services.records.timeline import Event


def events(before: pb.Note | None, after: pb.Note) -> list[Event]:
    """Returns an event for a new note. The timeline does not report its changes."""
    if before is not None:
        return []
    return [Event("note_added", about=("note_id", after.id))]


class NoteMethods:
    """The methods of notes that are not standard, as the proto describes them."""

    def __init__(self, records: Records[pb.Note]) -> None:
        self._records = records

    async def PinNote(self, request: pb.PinNoteRequest, _: Any) -> Any:
        return await self._records.update(current_call(), request.id, pin, request.etag)

    async def UnpinNote(self, request: pb.UnpinNoteRequest, _: Any) -> Any:
        return await self._records.update(
            current_call(), request.id, unpin, request.etag
        )


def pin(note: pb.Note) -> None:
    """Pins a note. A pinned note does not change."""
    if not note.pinned:
        note.pinned = True
        note.pinned_at.CopyFrom(to_timestamp(now()))


def unpin(note: pb.Note) -> None:
    """Unpins a note."""
    note.pinned = False
    note.ClearField("pinned_at")


BEHAVIOUR = Behaviour(events=events, methods=NoteMethods)
