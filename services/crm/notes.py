"""Notes: what people write down about contacts, companies and deals."""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.crm.v1 import notes_pb2 as pb
from prospectconnect.crm.v1 import notes_pb2_grpc

from services.caller import current_call
from services.clock import now, to_timestamp
from services.kinds import masks
from services.records.engine import Records
from services.search.searches import Searches


class NoteService(notes_pb2_grpc.NoteServiceServicer):
    """The methods of `NoteService`; what they promise stands in the proto."""

    def __init__(self, records: Records, searches: Searches) -> None:
        self._records = records
        self._searches = searches

    async def GetNote(self, request: pb.GetNoteRequest, _: Any) -> Any:
        return await self._records.get(current_call().caller, request.id)

    async def SearchNotes(self, request: pb.SearchNotesRequest, _: Any) -> Any:
        return await self._searches.search(
            current_call(), request, pb.SearchNotesResponse
        )

    async def CreateNote(self, request: pb.CreateNoteRequest, _: Any) -> Any:
        return await self._records.create(current_call(), request.note)

    async def UpdateNote(self, request: pb.UpdateNoteRequest, _: Any) -> Any:
        return await self._records.update(
            current_call(),
            request.id,
            masks.writer(self._records.kind, request),
            request.etag,
        )

    async def DeleteNote(self, request: pb.DeleteNoteRequest, _: Any) -> Empty:
        await self._records.delete(current_call(), request.id, request.etag)
        return Empty()

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
