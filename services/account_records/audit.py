"""The audit as the pages show it: entries with the names of users and apps."""

from collections.abc import Sequence
from typing import Any

from google.protobuf.struct_pb2 import Value
from prospectconnect.crm.v1 import own_records_pb2 as pb
from prospectconnect.iam.v1.audit_pb2 import Audit
from prospectconnect.type.v1.search_pb2 import Filter, Operator

from services.account_records.makers import user_names
from services.account_records.running import SEARCH, Place, Running
from services.caller import current_call
from services.iam.holders import find_holders
from services.kinds.custom_fields import value_to_json
from services.postgres.database import Database


class OwnAudit:
    """Lists entries of the audit."""

    def __init__(self, database: Database, running: Running) -> None:
        self._database, self._running = database, running
        self._kind = running.kinds["audit"]

    async def page(self, event: str, cursor: str) -> pb.ListOwnAuditResponse:
        """A page of entries, newest first, of one event or of all."""
        asked: dict[str, Any] = {"cursor": cursor} if cursor else {}
        if event:
            named = Filter(field="event", operator=Operator.OPERATOR_EQ)
            named.value.string_value = event
            asked["filters"] = [named]
        found = await self._running.run(Place(self._kind), SEARCH, **asked)
        return pb.ListOwnAuditResponse(
            entries=map(_told, found.data),
            next=found.meta.cursor.next,
            names=await self._names(found.data),
        )

    async def _names(self, entries: Sequence[Audit]) -> dict[str, str]:
        users = {each.user_id for each in entries if each.user_id}
        names = await user_names(self._running, users)
        apps = {each.client_id for each in entries if each.client_id}
        if apps:
            business_id = current_call().caller.business_id
            pairs = [("", each) for each in apps]
            found = await find_holders(self._database, business_id, pairs)
            names |= found.names
        return names


def _told(entry: Audit) -> pb.OwnAuditEntry:
    fields = entry.details.fields.items()
    details = {key: _text(value) for key, value in fields}
    return pb.OwnAuditEntry(
        at=entry.at,
        event=entry.event,
        user_id=entry.user_id,
        client_id=entry.client_id,
        ip=entry.ip,
        target=entry.target,
        details=details,
    )


def _text(value: Value) -> str:
    told = value_to_json(value)
    return ", ".join(map(str, told)) if isinstance(told, list) else str(told)
