"""Deleted records as the pages list them: what can be restored still."""

from typing import Any

from prospectconnect.crm.v1 import own_records_pb2 as pb
from prospectconnect.type.v1.search_pb2 import SORT_DIRECTION_DESC

from services.account_records.makers import user_names
from services.account_records.names import may_delete
from services.account_records.running import RESTORE, SEARCH, Place, Running
from services.caller import current_call
from services.errors import NotFound
from services.kinds.record_type import RecordType
from services.postgres.database import Database
from services.records.log.changes import DELETED_AT

# The fields that may say what a record is called, the first that a kind has.
NAMES = ("name", "title", "subject", "body")
_MOST_NAME = 100

# The tenant's own types of record. An archived one has no records to restore.
_OWN = """
SELECT slug FROM objects WHERE business_id = $1 AND NOT built_in AND NOT archived
  AND deleted_at IS NULL ORDER BY slug
"""


class OwnDeleted:
    """Lists deleted records."""

    def __init__(self, database: Database, running: Running) -> None:
        self._database, self._running = database, running

    async def page(self, resource: str, cursor: str) -> pb.ListOwnDeletedResponse:
        """A page of the deleted records of one type, the last deleted first.

        Raises `NotFound` for a type whose deleted records the user does not see.
        """
        places = await self._places()
        if resource not in places:
            raise NotFound
        asked: dict[str, Any] = {"cursor": cursor} if cursor else {}
        asked |= {
            "deleted": True,
            "order_by": DELETED_AT,
            "sort_direction": SORT_DIRECTION_DESC,
        }
        place = places[resource]
        found = await self._running.run(place, SEARCH, **asked)
        users = {each.deleted_by for each in found.data if each.deleted_by}
        return pb.ListOwnDeletedResponse(
            records=(_told(place.kind, each) for each in found.data),
            next=found.meta.cursor.next,
            names=await user_names(self._running, users),
            resources=list(places),
        )

    async def _places(self) -> dict[str, Place]:
        """Where the user may restore records, by the names that paths have."""
        places: dict[str, Place] = {}
        for kind in self._running.kinds.values():
            if not self._running.permission_of(kind, RESTORE) or not may_delete(kind):
                continue
            if not kind.object_field:
                places[kind.table] = Place(kind)
                continue
            business_id = current_call().caller.business_id
            rows = await self._database.rows(_OWN, business_id)
            places |= {row[0]: Place(kind, row[0]) for row in rows}
        return places


def _told(kind: RecordType, record: Any) -> pb.OwnDeleted:
    name = next((each for each in NAMES if each in kind.by_name), None)
    return pb.OwnDeleted(
        id=record.id,
        name=getattr(record, name)[:_MOST_NAME] if name else "",
        deleted_at=record.deleted_at,
        deleted_by=record.deleted_by,
    )
