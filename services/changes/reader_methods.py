"""What an edge asks for its streams: what has happened, and which tokens still hold."""

from typing import Any

from prospectconnect.crm.v1 import readers_pb2 as pb

from services.changes.waiting import Waiting
from services.iam.access import Access

# So many tenants and tokens are looked at by one call.
AT_ONCE = 1_000


class ReaderMethods:
    """The method for edges. Without `access` every token holds."""

    def __init__(self, waiting: Waiting, access: Access | None) -> None:
        self._waiting, self._access = waiting, access

    async def CheckReaders(
        self, request: pb.CheckReadersRequest, context: Any
    ) -> pb.CheckReadersResponse:
        tenants = request.business_ids[:AT_ONCE]
        asked = dict(zip(tenants, request.places, strict=False))
        place, happened = await self._waiting.happened(asked)
        refused: list[int] = []
        if request.authorizations and self._access is not None:
            given = request.authorizations[:AT_ONCE]
            refused = await self._access.refused(given)
        indexes = (n for n, each in enumerate(tenants) if each in happened)
        return pb.CheckReadersResponse(place=place, happened=indexes, refused=refused)
