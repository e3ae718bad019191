"""Notes: what people write down about contacts, companies and deals."""

from typing import Any

from prospectconnect.crm.v1 import notes_pb2 as pb

from services.caller import current_call
from services.clock import now, to_timestamp
from services.records.behaviour import Behaviour
from services.records.engine import Records
from services.records.timeline import Event


def events(before: pb.Note | None, after: pb.Note) -> list[Event]:
    """That a note was added; its changes are not told."""
    return [Event("note_added")] if before is None else []


class NoteMethods:
    """The methods that notes alone have; what they promise stands in the proto."""

    def __init__(self, records: Records[pb.Note]) -> None:
        self._records = records

    async def PinNote(self, request: pb.PinNoteRequest, _: Any) -> Any:
        return await self._records.update(current_call(), request.id, pin, request.etag)

    async def UnpinNote(self, request: pb.UnpinNoteRequest, _: Any) -> Any:
        return await self._records.update(
            current_call(), request.id, unpin, request.etag
        )


def pin(note: pb.Note) -> None:
    """Pins a note; one that is pinned stays as it is."""
    if not note.pinned:
        note.pinned = True
        note.pinned_at.CopyFrom(to_timestamp(now()))


def unpin(note: pb.Note) -> None:
    """Unpins a note."""
    note.pinned = False
    note.ClearField("pinned_at")


BEHAVIOUR = Behaviour(events=events, methods=NoteMethods)
