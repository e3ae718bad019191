"""The service of the pages of dashboards. Forms work in their own session alone."""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.reporting.v1 import dashboards_pb2 as api
from prospectconnect.reporting.v1 import own_dashboards_pb2 as pb
from prospectconnect.reporting.v1 import own_dashboards_pb2_grpc, reports_pb2

from services.account_records.changing_dashboards import Changing
from services.account_records.report_fields import fields_for
from services.account_records.running import Running
from services.caller import current_call
from services.iam.oauth.sessions import ACCOUNT
from services.records.schemas import Schemas
from services.sealed.forms import Forms

_DASHBOARDS = "/prospectconnect.reporting.v1.DashboardService/"
_REPORTS = "/prospectconnect.reporting.v1.ReportService/"
_MOST = 100
# So many names of reports are told of a dashboard.
_MOST_NAMES = 6


class OwnDashboardsService(own_dashboards_pb2_grpc.OwnDashboardsServiceServicer):
    """The methods of `OwnDashboardsService`, as the proto describes them."""

    def __init__(self, schemas: Schemas, forms: Forms, running: Running) -> None:
        self._schemas, self._forms, self._running = schemas, forms, running
        self._changing = Changing(running)

    async def ListOwnDashboards(
        self, _: pb.ListOwnDashboardsRequest, context: Any
    ) -> pb.ListOwnDashboardsResponse:
        asked = api.SearchDashboardsRequest(limit=_MOST)
        found = await self._running.call(f"{_DASHBOARDS}SearchDashboards", asked)
        dashboards = sorted(found.data, key=lambda each: each.name.casefold())
        shown = {each.id: _shown(each) for each in dashboards}
        names = await self._names({id_ for ids in shown.values() for id_ in ids})
        return pb.ListOwnDashboardsResponse(
            may_make=_may_write(),
            dashboards=[
                pb.OwnDashboard(
                    id=each.id,
                    name=each.name,
                    reports=[names[id_] for id_ in shown[each.id] if id_ in names],
                    items=len(each.items),
                    updated_at=each.updated_at,
                )
                for each in dashboards
            ],
        )

    async def RunOwnDashboard(
        self, request: pb.RunOwnDashboardRequest, _: Any
    ) -> pb.RunOwnDashboardResponse:
        asked = api.GetDashboardRequest(id=request.id)
        dashboard = await self._running.call(f"{_DASHBOARDS}GetDashboard", asked)
        days: dict[str, Any] = {"from": getattr(request, "from")}
        run = api.RunDashboardRequest(id=request.id, until=request.until, **days)
        found = await self._running.call(f"{_DASHBOARDS}RunDashboard", run)
        return pb.RunOwnDashboardResponse(
            name=dashboard.name, data=found.data, may_change=_may_write()
        )

    async def GetOwnDashboard(
        self, request: pb.GetOwnDashboardRequest, _: Any
    ) -> pb.GetOwnDashboardResponse:
        dashboard = await self._changing.get(request.id)
        reports = await self._changing.seen_reports(dashboard)
        return pb.GetOwnDashboardResponse(
            id=dashboard.id,
            name=dashboard.name,
            etag=dashboard.etag,
            items=dashboard.items,
            reports=[pb.OwnReport(id=each.id, name=each.name) for each in reports],
        )

    async def CreateOwnDashboard(
        self, request: pb.CreateOwnDashboardRequest, _: Any
    ) -> pb.CreateOwnDashboardResponse:
        self._check(request.form_token)
        made = await self._changing.create(request.name)
        return pb.CreateOwnDashboardResponse(id=made)

    async def UpdateOwnDashboard(
        self, request: pb.UpdateOwnDashboardRequest, _: Any
    ) -> Empty:
        self._check(request.form_token)
        changed = api.Dashboard(name=request.name, items=request.items)
        await self._changing.update(request.id, request.etag, changed)
        return Empty()

    async def DeleteOwnDashboard(
        self, request: pb.DeleteOwnDashboardRequest, _: Any
    ) -> Empty:
        self._check(request.form_token)
        asked = api.DeleteDashboardRequest(id=request.id)
        await self._running.call(f"{_DASHBOARDS}DeleteDashboard", asked)
        return Empty()

    async def ListOwnReportFields(
        self, request: pb.ListOwnReportFieldsRequest, _: Any
    ) -> pb.ListOwnReportFieldsResponse:
        caller = current_call().caller
        schema = await self._schemas.of(caller)
        return fields_for(self._running, schema, caller, request.resource)

    async def CreateOwnReport(
        self, request: pb.CreateOwnReportRequest, _: Any
    ) -> Empty:
        self._check(request.form_token)
        await self._changing.add(request.dashboard_id, request.report)
        return Empty()

    async def GetOwnReport(
        self, request: pb.GetOwnReportRequest, _: Any
    ) -> pb.GetOwnReportResponse:
        asked = reports_pb2.GetReportRequest(id=request.id)
        its = await self._running.call(f"{_REPORTS}GetReport", asked)
        return pb.GetOwnReportResponse(
            id=its.id,
            name=its.name,
            etag=its.etag,
            resource=its.resource,
            chart=its.chart,
            visibility=its.visibility,
            may_change=_may_write(),
            may_delete=current_call().caller.may("report.delete"),
        )

    async def UpdateOwnReport(
        self, request: pb.UpdateOwnReportRequest, _: Any
    ) -> Empty:
        self._check(request.form_token)
        changed = reports_pb2.Report(
            name=request.name, chart=request.chart, visibility=request.visibility
        )
        await self._changing.update_report(request.id, request.etag, changed)
        return Empty()

    async def DeleteOwnReport(
        self, request: pb.DeleteOwnReportRequest, _: Any
    ) -> Empty:
        self._check(request.form_token)
        await self._changing.delete_report(request.id, request.dashboard_id)
        return Empty()

    def _check(self, form_token: str) -> None:
        """Refuses a form of another session."""
        self._forms.check(form_token, ACCOUNT, current_call().caller.token_id)

    async def _names(self, ids: set[str]) -> dict[str, str]:
        """The names of the reports that the user sees, of a hundred at most."""
        if not ids:
            return {}
        asked = reports_pb2.SearchReportsRequest(
            ids=sorted(ids)[:_MOST], fields=["name"]
        )
        found = await self._running.call(f"{_REPORTS}SearchReports", asked)
        return {each.id: each.name for each in found.data if each.id}


def _may_write() -> bool:
    return current_call().caller.may("report.write")


def _shown(dashboard: api.Dashboard) -> list[str]:
    """The reports whose names are told, in their order on the page."""
    items = sorted(dashboard.items, key=lambda each: (each.y, each.x))
    return [each.report_id for each in items[:_MOST_NAMES]]
