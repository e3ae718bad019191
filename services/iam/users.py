"""Users: the people who work for a tenant, shown to every token of it."""

from typing import Any

from prospectconnect.iam.v1 import users_pb2 as pb
from prospectconnect.iam.v1 import users_pb2_grpc

from services.caller import current_call
from services.records.engine import Records
from services.search.searches import Searches


class UserService(users_pb2_grpc.UserServiceServicer):
    """The methods of `UserService`; what they promise stands in the proto."""

    def __init__(self, records: Records, searches: Searches) -> None:
        self._records = records
        self._searches = searches

    async def GetUser(self, request: pb.GetUserRequest, _: Any) -> Any:
        return await self._records.get(current_call().caller, request.id)

    async def SearchUsers(self, request: pb.SearchUsersRequest, _: Any) -> Any:
        return await self._searches.search(
            current_call(), request, pb.SearchUsersResponse
        )
