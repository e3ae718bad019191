"""Companies: the organizations that a tenant sells to."""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.crm.v1 import companies_pb2 as pb
from prospectconnect.crm.v1 import companies_pb2_grpc

from services.caller import current_call
from services.kinds import masks
from services.records.engine import Records
from services.search.searches import Searches


class CompanyService(companies_pb2_grpc.CompanyServiceServicer):
    """The methods of `CompanyService`; what they promise stands in the proto."""

    def __init__(self, records: Records, searches: Searches) -> None:
        self._records = records
        self._searches = searches

    async def GetCompany(self, request: pb.GetCompanyRequest, _: Any) -> Any:
        return await self._records.get(current_call().caller, request.id)

    async def SearchCompanies(self, request: pb.SearchCompaniesRequest, _: Any) -> Any:
        return await self._searches.search(
            current_call(), request, pb.SearchCompaniesResponse
        )

    async def CreateCompany(self, request: pb.CreateCompanyRequest, _: Any) -> Any:
        return await self._records.create(current_call(), request.company)

    async def UpdateCompany(self, request: pb.UpdateCompanyRequest, _: Any) -> Any:
        return await self._records.update(
            current_call(),
            request.id,
            masks.writer(self._records.kind, request),
            request.etag,
        )

    async def DeleteCompany(self, request: pb.DeleteCompanyRequest, _: Any) -> Empty:
        await self._records.delete(current_call(), request.id, request.etag)
        return Empty()
