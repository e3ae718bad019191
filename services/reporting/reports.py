"""The methods of reports that are not standard, as the proto describes them."""

from typing import Any

from prospectconnect.reporting.v1 import reports_pb2 as pb

from services.caller import Caller, current_call
from services.errors import NotFound, ValidationFailed
from services.faults import Fault
from services.records.engine import Records
from services.reporting import checks, running
from services.reporting.runs import Runs
from services.standard import Kept, standard_methods


class ReportMethods:
    """Creates and changes reports whose figures can be made, and runs them."""

    def __init__(self, kept: Kept, runs: Runs) -> None:
        self._records: Records[pb.Report] = kept.records
        self._runs = runs
        service = pb.DESCRIPTOR.services_by_name["ReportService"]
        self._standard = standard_methods(service, kept)
        self.finders = {"CreateReport": self._find, "UpdateReport": self._find_again}

    async def CreateReport(self, request: pb.CreateReportRequest, context: Any) -> Any:
        if request.report.HasField("aggregate"):
            checks.settle(request.report.aggregate)
        faults = await checks.faults_of(
            self._runs, request.report.resource, request.report
        )
        if faults:
            raise ValidationFailed(faults)
        return await self._standard["CreateReport"](request, context)

    async def UpdateReport(self, request: pb.UpdateReportRequest, context: Any) -> Any:
        if request.report.HasField("aggregate"):
            checks.settle(request.report.aggregate)
        faults = await self._faults_of_update(current_call().caller, request)
        if faults:
            raise ValidationFailed(faults)
        return await self._standard["UpdateReport"](request, context)

    async def RunReport(
        self, request: pb.RunReportRequest, _: Any
    ) -> pb.RunReportResponse:
        report = await self._records.get(current_call().caller, request.id)
        return await running.run(self._runs, report, request.filters)

    async def _faults_of_update(
        self, caller: Caller, request: pb.UpdateReportRequest
    ) -> list[Fault]:
        """The faults of what the report will be. Nobody changes its `resource`."""
        given, paths = request.report, set(request.update_mask.paths)
        sent = paths or {item.name for item, _ in given.ListFields()}
        if not sent & {"aggregate", "chart"}:
            return []
        found = await self._records.get(caller, request.id)
        if "chart" in sent:
            found.chart = given.chart
        if "aggregate" in sent:
            found.ClearField("aggregate")
            if given.HasField("aggregate"):
                found.aggregate.CopyFrom(given.aggregate)
            return await checks.faults_of(self._runs, found.resource, found)
        return checks.chart_faults(found.chart, found.aggregate)

    async def _find(
        self, caller: Caller, request: pb.CreateReportRequest
    ) -> list[Fault]:
        report = request.report
        if not report.resource:
            return []
        return await checks.faults_of(self._runs, report.resource, report)

    async def _find_again(
        self, caller: Caller, request: pb.UpdateReportRequest
    ) -> list[Fault]:
        try:
            return await self._faults_of_update(caller, request)
        except NotFound:
            return []
