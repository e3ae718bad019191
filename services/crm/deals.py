"""Deals: possible sales, which move through the stages of a pipeline."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from prospectconnect.crm.v1 import deals_pb2 as pb
from prospectconnect.crm.v1.pipelines_pb2 import (
    STAGE_TYPE_LOST,
    STAGE_TYPE_OPEN,
    STAGE_TYPE_WON,
)
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller, current_call
from services.clock import from_timestamp, now, to_timestamp
from services.crm.deal_figures import DealFigures
from services.crm.pipelines import KnownPipelines, Pipelines, Stage
from services.errors import ValidationFailed
from services.faults import Fault
from services.gates.request_checks import FaultFinder
from services.kinds import masks
from services.past.fields import CREATED_AT, Past
from services.records.behaviour import Behaviour
from services.records.engine import Records
from services.records.timeline import Event
from services.records.upserts import Upserts

STATUS_OF = {
    STAGE_TYPE_OPEN: pb.DEAL_STATUS_OPEN,
    STAGE_TYPE_WON: pb.DEAL_STATUS_WON,
    STAGE_TYPE_LOST: pb.DEAL_STATUS_LOST,
}

_BECAME = {
    pb.DEAL_STATUS_OPEN: "reopened",
    pb.DEAL_STATUS_WON: "won",
    pb.DEAL_STATUS_LOST: "lost",
}


def events(before: pb.Deal | None, after: pb.Deal) -> list[Event]:
    """Returns events for a new stage, and for a deal won, lost or reopened."""
    if before is None or before.stage_id == after.stage_id:
        return []
    moved = [Event("stage_changed", before.stage_id, after.stage_id)]
    if before.status != after.status:
        moved.append(Event(_BECAME[after.status]))
    return moved


class DealMethods:
    """The methods of deals that are not standard, or differ from the standard."""

    def __init__(self, records: Records[pb.Deal], figures: DealFigures) -> None:
        self._records, self._figures = records, figures
        self._upserts = Upserts(records, pb.UpsertDealResponse)
        self._known = KnownPipelines(records.database)

    async def ReadDealFunnel(self, request: pb.ReadDealFunnelRequest, _: Any) -> Any:
        return await self._figures.funnel(current_call(), request)

    async def ReadDealForecast(
        self, request: pb.ReadDealForecastRequest, _: Any
    ) -> Any:
        return await self._figures.forecast(current_call(), request)

    async def CreateDeal(self, request: pb.CreateDealRequest, _: Any) -> Any:
        settle = await self._settle(request.deal)
        return await self._records.create(current_call(), request.deal, settle)

    async def _settle(self, given: pb.Deal) -> Callable[[pb.Deal], None]:
        """Returns what sets the stage and the currency of a new deal."""
        caller = current_call().caller
        stage, faults = _first_stage(await self._pipelines(caller, given), given)
        if stage is None or faults:
            raise ValidationFailed(faults)

        def settle(deal: pb.Deal) -> None:
            deal.currency = deal.currency or caller.currency
            place(deal, stage, from_timestamp(deal.created_at))

        return settle

    async def UpdateDeal(self, request: pb.UpdateDealRequest, _: Any) -> Any:
        call = current_call()
        paths = masks.written_paths(self._records.kind, request)

        def change(deal: pb.Deal) -> None:
            masks.write(deal, request.deal, paths)
            deal.currency = deal.currency or call.caller.currency

        return await self._records.update(call, request.id, change, request.etag)

    async def UpsertDeal(self, request: pb.UpsertDealRequest, _: Any) -> Any:
        call = current_call()

        def amend(deal: pb.Deal) -> None:
            deal.currency = deal.currency or call.caller.currency

        return await self._upserts.upsert(call, request, self._settle, amend)

    async def MoveDeal(self, request: pb.MoveDealRequest, _: Any) -> Any:
        call = current_call()
        stage, faults = _next_stage(
            await self._pipelines(call.caller, request), request
        )
        if stage is None or faults:
            raise ValidationFailed(faults)

        def move(deal: pb.Deal) -> None:
            if deal.stage_id != stage.id:
                place(deal, stage, now())
                if request.lost_reason:
                    deal.lost_reason = request.lost_reason

        return await self._records.update(call, request.id, move, request.etag)

    @property
    def finders(self) -> Mapping[str, FaultFinder]:
        """The finders of faults that depend on the tenant's pipelines, by method."""
        return {
            "CreateDeal": self._faults_of_create,
            "UpsertDeal": self._faults_of_create,
            "MoveDeal": self._faults_of_move,
        }

    async def _faults_of_create(self, caller: Caller, request: Any) -> list[Fault]:
        deal = request.deal
        return _first_stage(await self._pipelines(caller, deal), deal)[1]

    async def _faults_of_move(self, caller: Caller, request: Any) -> list[Fault]:
        if not request.stage_id:
            return []  # the rules report a missing stage
        return _next_stage(await self._pipelines(caller, request), request)[1]

    async def _pipelines(self, caller: Caller, named: Any) -> Pipelines:
        """The tenant's pipelines, with those that a deal or a request names."""
        pipeline_id = getattr(named, "pipeline_id", "")
        known = self._known.known(caller.business_id, pipeline_id, named.stage_id)
        if known is not None:
            return known
        together, read = current_call().together, self._known.read
        if together is None:
            return await read(caller.business_id)
        its = partial(read, caller.business_id)
        return await together.shared(its)  # type: ignore[no-any-return]  # what it reads


def place(deal: pb.Deal, stage: Stage, moment: int) -> None:
    """Sets a deal's stage and the fields that depend on it."""
    was, status = deal.status, STATUS_OF[stage.type]  # type: ignore[index]  # a number
    deal.pipeline_id, deal.stage_id, deal.status = stage.pipeline_id, stage.id, status
    deal.stage_changed_at.CopyFrom(to_timestamp(moment))
    if status == pb.DEAL_STATUS_OPEN:
        deal.ClearField("closed_at")
    elif status != was:
        deal.closed_at.CopyFrom(to_timestamp(moment))
    if was == pb.DEAL_STATUS_LOST and status != was:
        deal.ClearField("lost_reason")


# A stage, if one was found, and the faults of the request.
FoundStage = tuple[Stage | None, list[Fault]]


def _first_stage(pipelines: Pipelines, given: pb.Deal) -> FoundStage:
    """Returns the stage of a new deal: the given one, else the pipeline's first."""
    pipeline_id = given.pipeline_id or pipelines.default_id
    first = pipelines.first_stage(pipeline_id)
    stage = pipelines.stage(given.stage_id) if given.stage_id else first
    faults = []
    if first is None:
        code = FaultCode.FAULT_CODE_NOT_FOUND
        faults.append(Fault("deal.pipeline_id", code, "No such pipeline."))
    if given.stage_id and stage is None:
        code = FaultCode.FAULT_CODE_NOT_FOUND
        faults.append(Fault("deal.stage_id", code, "No such stage."))
    elif first is not None and stage is not None and stage.pipeline_id != pipeline_id:
        message = "The stage belongs to another pipeline."
        faults.append(Fault("deal.stage_id", FaultCode.FAULT_CODE_INVALID, message))
    return stage, faults


def _next_stage(pipelines: Pipelines, request: pb.MoveDealRequest) -> FoundStage:
    """Returns the stage that a deal is moved to."""
    stage = pipelines.stage(request.stage_id)
    if stage is None:
        code = FaultCode.FAULT_CODE_NOT_FOUND
        return None, [Fault("stage_id", code, "No such stage.")]
    if request.lost_reason and stage.type != STAGE_TYPE_LOST:
        message = "Only a lost stage takes a reason."
        code = FaultCode.FAULT_CODE_INVALID
        return stage, [Fault("lost_reason", code, message)]
    return stage, []


def past(deal: pb.Deal, told: Past) -> Past:
    """The moments of a deal that was made elsewhere.

    Other products keep the day on which an open deal is to close where they keep the
    day on which it closed: of an open deal `closed_at` is let go.
    """
    moments = dict(told)
    closed = moments.pop("closed_at", None)
    if deal.status == pb.DEAL_STATUS_OPEN:
        closed = None
    known = moments.get("stage_changed_at"), closed, moments.get(CREATED_AT)
    reached = next((each for each in known if each is not None), None)
    if reached is None:
        return moments
    moments["stage_changed_at"] = reached
    if deal.status != pb.DEAL_STATUS_OPEN:
        moments["closed_at"] = reached if closed is None else closed
    return moments


BEHAVIOUR = Behaviour(events=events, past=past)
