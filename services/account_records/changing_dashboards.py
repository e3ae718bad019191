"""What the forms of dashboards do, by the methods of dashboards and of reports."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from prospectconnect.reporting.v1 import dashboards_pb2 as api
from prospectconnect.reporting.v1 import reports_pb2 as reports

from services.account_records.running import Running
from services.errors import ServiceError

_DASHBOARDS = "/prospectconnect.reporting.v1.DashboardService/"
_REPORTS = "/prospectconnect.reporting.v1.ReportService/"
_MOST = 100
# The size of a report that is put onto a dashboard.
WIDTH, HEIGHT = 6, 4
_CHANGED = ("name", "items")
_CHANGED_OF_REPORT = ("name", "chart", "visibility")


class Changing:
    """Makes and changes dashboards."""

    def __init__(self, running: Running) -> None:
        self._running = running

    async def get(self, dashboard_id: str) -> api.Dashboard:
        """A dashboard."""
        asked = api.GetDashboardRequest(id=dashboard_id)
        found: api.Dashboard = await self._running.call(
            f"{_DASHBOARDS}GetDashboard", asked
        )
        return found

    async def seen_reports(self, dashboard: api.Dashboard) -> list[reports.Report]:
        """The reports that the user sees, by name: those on a dashboard, and others."""
        ids = sorted({each.report_id for each in dashboard.items})
        asked = [reports.SearchReportsRequest(limit=_MOST)]
        if ids:
            asked.append(reports.SearchReportsRequest(ids=ids))
        found: dict[str, reports.Report] = {}
        for each in asked:
            answer = await self._running.call(f"{_REPORTS}SearchReports", each)
            found |= {report.id: report for report in answer.data if report.id}
        return sorted(found.values(), key=lambda each: each.name.casefold())

    async def create(self, name: str) -> str:
        """Makes a dashboard. Returns its id."""
        asked = api.CreateDashboardRequest(dashboard=api.Dashboard(name=name))
        made = await self._running.call(f"{_DASHBOARDS}CreateDashboard", asked)
        return str(made.id)

    async def update(
        self,
        dashboard_id: str,
        etag: str,
        changed: api.Dashboard,
        paths: Sequence[str] = _CHANGED,
    ) -> None:
        """Changes a dashboard, unless it is another one than the form has shown."""
        asked = api.UpdateDashboardRequest(
            id=dashboard_id,
            dashboard=changed,
            update_mask=FieldMask(paths=paths),
            etag=etag,
        )
        await self._running.call(f"{_DASHBOARDS}UpdateDashboard", asked)

    async def add(self, dashboard_id: str, report: reports.Report) -> None:
        """Makes a report, and puts it below the others."""
        dashboard = await self.get(dashboard_id)
        asked = reports.CreateReportRequest(report=report)
        made: Any = await self._running.call(f"{_REPORTS}CreateReport", asked)
        below = max((each.y + each.h for each in dashboard.items), default=0)
        dashboard.items.add(report_id=made.id, x=0, y=below, w=WIDTH, h=HEIGHT)
        its = dashboard_id, dashboard.etag
        await self.update(*its, api.Dashboard(items=dashboard.items), ["items"])

    async def update_report(
        self, report_id: str, etag: str, changed: reports.Report
    ) -> None:
        """Changes how a report is called, drawn and seen, unless it was changed."""
        asked = reports.UpdateReportRequest(
            id=report_id,
            report=changed,
            update_mask=FieldMask(paths=_CHANGED_OF_REPORT),
            etag=etag,
        )
        await self._running.call(f"{_REPORTS}UpdateReport", asked)

    async def delete_report(self, report_id: str, dashboard_id: str) -> None:
        """Deletes a report, and takes it off a dashboard.

        A dashboard that cannot be changed says that the report is not there.
        """
        asked = reports.DeleteReportRequest(id=report_id)
        await self._running.call(f"{_REPORTS}DeleteReport", asked)
        with suppress(ServiceError):
            dashboard = await self.get(dashboard_id)
            left = [each for each in dashboard.items if each.report_id != report_id]
            its = dashboard_id, dashboard.etag
            await self.update(*its, api.Dashboard(items=left), ["items"])
