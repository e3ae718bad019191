"""The service of the pages of dashboards."""

from typing import Any

from prospectconnect.reporting.v1 import dashboards_pb2 as api
from prospectconnect.reporting.v1 import own_dashboards_pb2 as pb
from prospectconnect.reporting.v1 import own_dashboards_pb2_grpc, reports_pb2

from services.account_records.running import Running

_DASHBOARDS = "/prospectconnect.reporting.v1.DashboardService/"
_REPORTS = "/prospectconnect.reporting.v1.ReportService/"
_MOST = 100
# So many names of reports are told of a dashboard.
_MOST_NAMES = 6


class OwnDashboardsService(own_dashboards_pb2_grpc.OwnDashboardsServiceServicer):
    """The methods of `OwnDashboardsService`, as the proto describes them."""

    def __init__(self, running: Running) -> None:
        self._running = running

    async def ListOwnDashboards(
        self, _: pb.ListOwnDashboardsRequest, context: Any
    ) -> pb.ListOwnDashboardsResponse:
        asked = api.SearchDashboardsRequest(limit=_MOST)
        found = await self._running.call(f"{_DASHBOARDS}SearchDashboards", asked)
        dashboards = sorted(found.data, key=lambda each: each.name.casefold())
        shown = {each.id: _shown(each) for each in dashboards}
        names = await self._names({id_ for ids in shown.values() for id_ in ids})
        return pb.ListOwnDashboardsResponse(
            dashboards=[
                pb.OwnDashboard(
                    id=each.id,
                    name=each.name,
                    reports=[names[id_] for id_ in shown[each.id] if id_ in names],
                    items=len(each.items),
                    updated_at=each.updated_at,
                )
                for each in dashboards
            ]
        )

    async def RunOwnDashboard(
        self, request: pb.RunOwnDashboardRequest, _: Any
    ) -> pb.RunOwnDashboardResponse:
        asked = api.GetDashboardRequest(id=request.id)
        dashboard = await self._running.call(f"{_DASHBOARDS}GetDashboard", asked)
        run = api.RunDashboardRequest(id=request.id)
        found = await self._running.call(f"{_DASHBOARDS}RunDashboard", run)
        return pb.RunOwnDashboardResponse(name=dashboard.name, data=found.data)

    async def _names(self, ids: set[str]) -> dict[str, str]:
        """The names of the reports that the user sees, of a hundred at most."""
        if not ids:
            return {}
        asked = reports_pb2.SearchReportsRequest(
            ids=sorted(ids)[:_MOST], fields=["name"]
        )
        found = await self._running.call(f"{_REPORTS}SearchReports", asked)
        return {each.id: each.name for each in found.data if each.id}


def _shown(dashboard: api.Dashboard) -> list[str]:
    """The reports whose names are told, in their order on the page."""
    items = sorted(dashboard.items, key=lambda each: (each.y, each.x))
    return [each.report_id for each in items[:_MOST_NAMES]]
