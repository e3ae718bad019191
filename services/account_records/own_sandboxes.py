"""The service of the pages of sandboxes. Forms work in their own session alone."""

from collections.abc import Iterable
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Value
from prospectconnect.iam.v1 import own_sandboxes_pb2 as pb
from prospectconnect.iam.v1 import own_sandboxes_pb2_grpc
from prospectconnect.iam.v1 import sandboxes_pb2 as api
from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.type.v1.search_pb2 import OPERATOR_EQ, Filter

from services.account_records.makers import user_names
from services.account_records.running import Running
from services.caller import current_call
from services.iam.oauth.sessions import ACCOUNT
from services.sealed.forms import Forms

_SERVICE = "/prospectconnect.iam.v1.SandboxService/"
_SEARCH_JOBS = "/prospectconnect.jobs.v1.JobService/SearchJobs"
_MOST = 100
_SHOWN = tuple(pb.OwnSandbox.DESCRIPTOR.fields_by_name)
# So many moves of a clock are told.
_MOVES = 5


class OwnSandboxesService(own_sandboxes_pb2_grpc.OwnSandboxesServiceServicer):
    """The methods of `OwnSandboxesService`, as the proto describes them."""

    def __init__(self, forms: Forms, running: Running) -> None:
        self._forms, self._running = forms, running

    async def ListOwnSandboxes(
        self, request: pb.ListOwnSandboxesRequest, _: Any
    ) -> pb.ListOwnSandboxesResponse:
        asked = api.SearchSandboxesRequest(limit=_MOST)
        found = await self._run("SearchSandboxes", asked)
        return pb.ListOwnSandboxesResponse(
            sandboxes=map(_told, found.data),
            names=await self._names(found.data),
            may_write=current_call().caller.may("sandbox.write"),
        )

    async def GetOwnSandbox(
        self, request: pb.GetOwnSandboxRequest, _: Any
    ) -> pb.GetOwnSandboxResponse:
        its, caller = {"id": request.id}, current_call().caller
        sandbox = await self._run("GetSandbox", api.GetSandboxRequest(**its))
        clock = await self._run("ReadSandboxClock", api.ReadSandboxClockRequest(**its))
        faults = await self._run(
            "ReadSandboxFaults", api.ReadSandboxFaultsRequest(**its)
        )
        moves = await self._running.call(_SEARCH_JOBS, _moves_of(sandbox.id))
        return pb.GetOwnSandboxResponse(
            sandbox=_told(sandbox),
            clock=clock,
            faults=faults.data,
            moves=moves.data,
            names=await self._names([sandbox, *moves.data]),
            may_write=caller.may("sandbox.write"),
            may_delete=caller.may("sandbox.delete"),
        )

    async def CreateOwnSandbox(
        self, request: pb.CreateOwnSandboxRequest, _: Any
    ) -> pb.CreateOwnSandboxResponse:
        self._check(request)
        asked = api.CreateSandboxRequest(sandbox=request.sandbox)
        made = await self._run("CreateSandbox", asked)
        return pb.CreateOwnSandboxResponse(sandbox=_told(made), token=made.token)

    async def ResetOwnSandbox(
        self, request: pb.ResetOwnSandboxRequest, _: Any
    ) -> Empty:
        self._check(request)
        await self._run("ResetSandbox", api.ResetSandboxRequest(id=request.id))
        return Empty()

    async def DeleteOwnSandbox(
        self, request: pb.DeleteOwnSandboxRequest, _: Any
    ) -> Empty:
        self._check(request)
        await self._run("DeleteSandbox", api.DeleteSandboxRequest(id=request.id))
        return Empty()

    async def MoveOwnSandboxClock(
        self, request: pb.MoveOwnSandboxClockRequest, _: Any
    ) -> Empty:
        self._check(request)
        await self._run("MoveSandboxClock", request.move)
        return Empty()

    async def PlantOwnSandboxFault(
        self, request: pb.PlantOwnSandboxFaultRequest, _: Any
    ) -> Empty:
        self._check(request)
        await self._run("PlantSandboxFault", request.fault)
        return Empty()

    async def EndOwnSandboxFaults(
        self, request: pb.EndOwnSandboxFaultsRequest, _: Any
    ) -> Empty:
        self._check(request)
        await self._run("EndSandboxFaults", api.EndSandboxFaultsRequest(id=request.id))
        return Empty()

    def _check(self, request: Any) -> None:
        """Refuses a form of another session."""
        session = current_call().caller.token_id
        self._forms.check(request.form_token, ACCOUNT, session)

    async def _run(self, method: str, request: Any) -> Any:
        return await self._running.call(_SERVICE + method, request)

    async def _names(self, records: Iterable[Any]) -> dict[str, str]:
        """The names of those who made or began something."""
        ids = {each.created_by for each in records} - {""}
        return await user_names(self._running, ids) if ids else {}


def _told(sandbox: api.Sandbox) -> pb.OwnSandbox:
    return pb.OwnSandbox(**{name: getattr(sandbox, name) for name in _SHOWN})


def _moves_of(sandbox_id: str) -> jobs.SearchJobsRequest:
    """Asks for the jobs that moved the clock of a sandbox, the latest first."""
    its = {"subject_id": sandbox_id, "kind": "move_sandbox_clock"}
    filters = [
        Filter(field=name, operator=OPERATOR_EQ, value=Value(string_value=text))
        for name, text in its.items()
    ]
    return jobs.SearchJobsRequest(filters=filters, limit=_MOVES)
