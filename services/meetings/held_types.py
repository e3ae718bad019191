"""Meeting types, locked against changes while their slots are given."""

from contextlib import suppress
from typing import Any

from prospectconnect.scheduling.v1.meeting_types_pb2 import MeetingType

from services.caller import Call
from services.errors import NotFound
from services.meetings import hosts
from services.postgres.database import Database
from services.records.engine import Records


class HeldTypes:
    """Reads meeting types in the transaction of a database."""

    def __init__(self, database: Database, types: Records[Any]) -> None:
        self._database = database
        self._types: Records[MeetingType] = types.over(database)

    async def get(self, call: Call, meeting_id: str) -> MeetingType | None:
        """A meeting type that nobody changes or deletes then; None if there is none."""
        if await hosts.hold(self._database, call.caller.business_id, meeting_id):
            with suppress(NotFound):
                return await self._types.get(call.caller, meeting_id)
        return None

    async def seen(self, call: Call, meeting_id: str) -> MeetingType | None:
        """The same of one that the caller's role may see."""
        if "meeting_type.read" in call.caller.role_permissions:
            return await self.get(call, meeting_id)
        return None
