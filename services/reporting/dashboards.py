"""The methods of dashboards that are not standard, as the proto describes them."""

import asyncio
from typing import Any

import structlog
from prospectconnect.reporting.v1 import dashboards_pb2 as pb
from prospectconnect.reporting.v1.reports_pb2 import Report
from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.search_pb2 import Filter

from services.answers.finding import rows_of
from services.caller import Caller, current_call
from services.errors import ValidationFailed
from services.faults import Fault
from services.ids import is_id
from services.records.engine import Records
from services.reporting import grid, running
from services.reporting.periods import Period, period_of
from services.reporting.problems import EXPECTED, problem_of
from services.reporting.runs import Runs
from services.standard import Kept, standard_methods

# So many reports of a dashboard run at a time, each in a turn of its own.
AT_ONCE = 4
_PREFIX = "rpt_"

_log = structlog.get_logger("services")


class DashboardMethods:
    """Creates and changes dashboards whose items fit, and runs their reports."""

    def __init__(self, kept: Kept, reports: Records[Report], runs: Runs) -> None:
        self._records: Records[pb.Dashboard] = kept.records
        self._reports, self._runs = reports, runs
        service = pb.DESCRIPTOR.services_by_name["DashboardService"]
        self._standard = standard_methods(service, kept)
        self.finders = {"CreateDashboard": self._find, "UpdateDashboard": self._find}

    async def CreateDashboard(
        self, request: pb.CreateDashboardRequest, context: Any
    ) -> Any:
        await self._check(request)
        return await self._standard["CreateDashboard"](request, context)

    async def UpdateDashboard(
        self, request: pb.UpdateDashboardRequest, context: Any
    ) -> Any:
        await self._check(request)
        return await self._standard["UpdateDashboard"](request, context)

    async def RunDashboard(
        self, request: pb.RunDashboardRequest, _: Any
    ) -> pb.RunDashboardResponse:
        dashboard = await self._records.get(current_call().caller, request.id)
        asked = period_of(getattr(request, "from"), request.until)
        places = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._run(each, asked, places))
                for each in dashboard.items
            ]
        return pb.RunDashboardResponse(data=[each.result() for each in tasks])

    async def _run(
        self,
        item: pb.DashboardItem,
        asked: Period | None,
        places: asyncio.Semaphore,
    ) -> pb.DashboardResult:
        """What becomes of one report. What stops it stops no other."""
        result = pb.DashboardResult(item=item)
        async with places, self._runs.turn():
            try:
                report = await self._runs.report(item.report_id)
                result.name, result.chart = report.name, report.chart
                filters: list[Filter] = []
                if asked is not None:
                    time = self._runs.time_of(report.resource, report.aggregate)
                    result.period_field, filters = time.name, asked.filters(time)
                found = await running.run(self._runs, report, filters)
                result.figures.CopyFrom(found)
            except Exception as error:
                if not isinstance(error, EXPECTED):
                    _log.exception("a report failed", report=item.report_id)
                result.problem.CopyFrom(problem_of(error))
        return result

    async def _check(self, request: Any) -> None:
        faults = await self._find(current_call().caller, request)
        if faults:
            raise ValidationFailed(faults)

    async def _find(self, caller: Caller, request: Any) -> list[Fault]:
        """The faults of the items: their places, and reports that nobody shows."""
        items = request.dashboard.items
        faults = grid.faults_of(items)
        if faults or not items:
            return faults
        ids = {each.report_id for each in items if is_id(_PREFIX, each.report_id)}
        rows = await rows_of(self._reports, self._reports.codec.columns, caller, ids)
        seen = {row["id"] for row in rows}
        code = FaultCode.FAULT_CODE_NOT_FOUND
        return [
            Fault(f"{grid.AT}[{index}].report_id", code, _missing(each.report_id))
            for index, each in enumerate(items)
            if each.report_id not in seen
        ]


def _missing(report_id: str) -> str:
    return f"There is no report {report_id[:64]}."
