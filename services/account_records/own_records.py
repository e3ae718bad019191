"""The service of the pages that show the history of records, and merges.

A form is accepted from its own session alone.
"""

from collections.abc import Sequence
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.timestamp_pb2 import Timestamp
from prospectconnect.crm.v1 import own_records_pb2 as pb
from prospectconnect.crm.v1 import own_records_pb2_grpc
from prospectconnect.type.v1.history_pb2 import FieldChange

from services.account_records.audit import OwnAudit
from services.account_records.deleted import OwnDeleted
from services.account_records.duplicates import OwnDuplicates
from services.account_records.makers import makers_of, records_in
from services.account_records.merges import OwnMerges
from services.account_records.names import names_by_ids
from services.account_records.running import GET, HISTORY, RESTORE, Place, Running
from services.caller import current_call
from services.clock import from_timestamp, now
from services.errors import NotFound
from services.iam.oauth.sessions import ACCOUNT
from services.kinds.record_type import RecordType
from services.postgres.bound import BoundDatabase
from services.postgres.database import Database
from services.records.log.changes import DELETED_AT
from services.records.many.merged import survivor_of
from services.records.restoring.restoring import KEPT
from services.sealed.forms import Forms

# The fields that may say what a record is called, the first that a kind has.
_NAMES = ("name", "title", "subject")


class OwnRecordsService(own_records_pb2_grpc.OwnRecordsServiceServicer):
    """The methods of `OwnRecordsService`, as the proto describes them."""

    def __init__(
        self,
        database: Database,
        forms: Forms,
        running: Running,
        within: tuple[Running, BoundDatabase],
    ) -> None:
        """`within` are the methods of `running` in transactions of a bound database."""
        self._database, self._forms, self._running = database, forms, running
        self._merges = OwnMerges(database, running, *within)
        self._duplicates = OwnDuplicates(database, running, *within)
        self._deleted = OwnDeleted(database, running)
        self._audit = OwnAudit(database, running)

    async def ReadOwnHistory(
        self, request: pb.ReadOwnHistoryRequest, _: Any
    ) -> pb.ReadOwnHistoryResponse:
        place = await self._running.place_of(request.id)
        found = await self._running.run(place, HISTORY, **_asked(request))
        answer = pb.ReadOwnHistoryResponse(
            resource=place.resource,
            next=found.meta.cursor.next,
            kept_since=found.kept_since,
        )
        try:
            record = await self._running.run(place, GET, id=request.id)
        except NotFound:
            await self._tell_deleted(place, request.id, answer)
        else:
            answer.record_id, answer.name = record.id, _name(place.kind, record)
        await self._tell_changes(answer, found.data)
        return answer

    async def RestoreOwnRecord(
        self, request: pb.RestoreOwnRecordRequest, _: Any
    ) -> Empty:
        self._check(request.form_token)
        place = await self._running.place_of(request.id)
        await self._running.run(place, RESTORE, id=request.id)
        return Empty()

    async def ListOwnMerges(
        self, request: pb.ListOwnMergesRequest, _: Any
    ) -> pb.ListOwnMergesResponse:
        return await self._merges.page(request.cursor)

    async def ListOwnAudit(
        self, request: pb.ListOwnAuditRequest, _: Any
    ) -> pb.ListOwnAuditResponse:
        return await self._audit.page(request.event, request.cursor)

    async def GetOwnMerge(
        self, request: pb.GetOwnMergeRequest, _: Any
    ) -> pb.GetOwnMergeResponse:
        return await self._merges.one(request.id)

    async def PreviewOwnUnmerge(
        self, request: pb.PreviewOwnUnmergeRequest, _: Any
    ) -> pb.PreviewOwnUnmergeResponse:
        self._check(request.form_token)
        return await self._merges.preview(request.merge_id)

    async def UndoOwnMerge(self, request: pb.UndoOwnMergeRequest, _: Any) -> Empty:
        self._check(request.form_token)
        await self._merges.undo(request.merge_id)
        return Empty()

    async def ListOwnDuplicates(
        self, request: pb.ListOwnDuplicatesRequest, _: Any
    ) -> pb.ListOwnDuplicatesResponse:
        return await self._duplicates.page(request.resource, request.cursor)

    async def PreviewOwnMerge(
        self, request: pb.PreviewOwnMergeRequest, _: Any
    ) -> pb.PreviewOwnMergeResponse:
        self._check(request.form_token)
        return await self._duplicates.preview(request.survivor_id, request.ids)

    async def MergeOwnRecords(
        self, request: pb.MergeOwnRecordsRequest, _: Any
    ) -> pb.MergeOwnRecordsResponse:
        self._check(request.form_token)
        merge_id = await self._duplicates.merge(request.survivor_id, request.ids)
        return pb.MergeOwnRecordsResponse(merge_id=merge_id)

    async def ListOwnDeleted(
        self, request: pb.ListOwnDeletedRequest, _: Any
    ) -> pb.ListOwnDeletedResponse:
        return await self._deleted.page(request.resource, request.cursor)

    def _check(self, form_token: str) -> None:
        """Refuses a form of another session."""
        self._forms.check(form_token, ACCOUNT, current_call().caller.token_id)

    async def _tell_deleted(
        self, place: Place, record_id: str, answer: pb.ReadOwnHistoryResponse
    ) -> None:
        """Tells of a record that has a history and cannot be read: it is deleted."""
        running, business_id = self._running, current_call().caller.business_id
        where = self._database, place.kind, business_id
        answer.record_id = await survivor_of(*where, record_id) or record_id
        asked = {"id": record_id, "fields": [DELETED_AT], "limit": 1}
        last = await running.run(place, HISTORY, **asked)
        if not last.data:
            return
        since: Timestamp = last.data[0].at
        answer.deleted_at.CopyFrom(since)
        if from_timestamp(since) > now() - KEPT:
            answer.restorable = self._may_restore(place.kind)

    def _may_restore(self, kind: RecordType) -> bool:
        permission = self._running.permission_of(kind, RESTORE)
        if permission is None:
            return False
        return not permission or current_call().caller.may(permission)

    async def _tell_changes(
        self, answer: pb.ReadOwnHistoryResponse, changes: Sequence[FieldChange]
    ) -> None:
        caller = current_call().caller
        where = self._database, self._running, caller
        answer.names.update(await makers_of(*where, changes))
        named = self._database, self._running, records_in(changes)
        answer.names.update(await names_by_ids(*named))
        for each in changes:
            told = each.token_id or None
            answer.changes.append(pb.OwnChange(change=each, token_id=told))


def _asked(request: pb.ReadOwnHistoryRequest) -> dict[str, Any]:
    """What a request asks, as requests of the API have it."""
    return {item.name: value for item, value in request.ListFields()}


def _name(kind: RecordType, record: Any) -> str:
    found = next((name for name in _NAMES if name in kind.by_name), None)
    return getattr(record, found) if found else ""
