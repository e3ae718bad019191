"""Activities: what happened with contacts, companies and deals, told in order.

A contact's `last_contacted_at` follows from its e-mails, calls and meetings. It is
worked out anew in the transaction of each change to one of them, with the contact
locked first, so that changes at once take their turn; a company that is linked to is
locked before it, as everywhere.
"""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.crm.v1 import activities_pb2 as pb
from prospectconnect.crm.v1 import activities_pb2_grpc

from services.caller import Caller, current_call
from services.clock import now
from services.kinds import masks
from services.postgres.sql_parts import later
from services.records.commands import Around, Command
from services.records.engine import Records
from services.search.searches import Searches

_LOCK_COMPANY = """
SELECT 1 FROM companies WHERE business_id = $1 AND id = $2 FOR SHARE
"""
_LOCK = """
SELECT 1 FROM contacts WHERE business_id = $1 AND id = ANY($2::text[])
ORDER BY id FOR UPDATE
"""
_SETTLE = f"""
UPDATE contacts AS c SET last_contacted_at = latest.occurred_at,
  version = c.version + 1,
  updated_at = {later("$3", "c.updated_at")}
FROM unnest($2::text[]) AS touched (id) LEFT JOIN LATERAL (
  SELECT a.occurred_at FROM activities AS a
  WHERE a.business_id = $1 AND a.contact_id = touched.id AND a.deleted_at IS NULL
    AND a.type <> {int(pb.ACTIVITY_TYPE_SYSTEM)}
  ORDER BY a.occurred_at DESC, a.id DESC LIMIT 1
) AS latest ON true
WHERE c.business_id = $1 AND c.id = touched.id AND c.deleted_at IS NULL
  AND c.last_contacted_at IS DISTINCT FROM latest.occurred_at
"""


class ActivityService(activities_pb2_grpc.ActivityServiceServicer):
    """The methods of `ActivityService`; what they promise stands in the proto."""

    def __init__(self, records: Records, searches: Searches) -> None:
        self._records = records
        self._searches = searches

    async def GetActivity(self, request: pb.GetActivityRequest, _: Any) -> Any:
        return await self._records.get(current_call().caller, request.id)

    async def SearchActivities(
        self, request: pb.SearchActivitiesRequest, _: Any
    ) -> Any:
        return await self._searches.search(
            current_call(), request, pb.SearchActivitiesResponse
        )

    async def CreateActivity(self, request: pb.CreateActivityRequest, _: Any) -> Any:
        return await self._records.create(
            current_call(), request.activity, _write_by_api
        )

    async def UpdateActivity(self, request: pb.UpdateActivityRequest, _: Any) -> Any:
        return await self._records.update(
            current_call(),
            request.id,
            masks.writer(self._records.kind, request),
            request.etag,
        )

    async def DeleteActivity(self, request: pb.DeleteActivityRequest, _: Any) -> Empty:
        await self._records.delete(current_call(), request.id, request.etag)
        return Empty()


def _write_by_api(activity: pb.Activity) -> None:
    activity.source = pb.ACTIVITY_SOURCE_API


def settle_contacts(
    caller: Caller, before: pb.Activity | None, after: pb.Activity | None
) -> Around | None:
    """What else a change to an activity writes: `last_contacted_at` of its contacts."""
    if before is not None and after is not None:
        told_by = "contact_id", "occurred_at", "type"
        if all(getattr(before, n) == getattr(after, n) for n in told_by):
            return None
    states = [each for each in (before, after) if each is not None]
    contacts = sorted({each.contact_id for each in states if each.contact_id})
    if not contacts:
        return None
    here = [caller.business_id, contacts]
    locks = [Command(_LOCK, here)]
    if after is not None and after.company_id:
        company = [caller.business_id, after.company_id]
        locks.insert(0, Command(_LOCK_COMPANY, company))
    return Around(before=locks, after=[Command(_SETTLE, [*here, now()])])
