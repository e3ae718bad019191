"""The forms that change a report, and delete it.

What a report counts stays as it is: another one is made quickly, and readers of the
figures can trust that the name still means what it meant.
"""

from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.reporting.v1 import own_dashboards_pb2 as pb
from prospectconnect.reporting.v1 import reports_pb2 as reports
from sanic import HTTPResponse

from edge.account.records.refused import Refused, send
from edge.account.report_form import CHARTS
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

_NOTHING = Refused()
_MOST_NAME = 255


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form with what the report is."""
    return await _form(edge, visit, who, _NOTHING)


async def change(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Changes the report, or shows what is wrong."""
    given = visit.parameters
    request = pb.UpdateOwnReportRequest(
        form_token=given.get("form_token"),
        id=visit.path_values["report_id"],
        etag=given.get("etag"),
        name=given.get("name").strip(),
        visibility=reports.REPORT_VISIBILITY_PRIVATE
        if given.get("private") == "on"
        else reports.REPORT_VISIBILITY_TENANT,
    )
    if (chart := CHARTS.get(given.get("chart"))) is not None:
        request.chart = chart[1]
    done, refused = await send(edge, visit, request)
    if done is None:
        return await _form(edge, visit, who, refused)
    return see_other(_dashboard(visit))


async def ask_to_delete(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Asks whether to delete the report."""
    request = pb.GetOwnReportRequest(id=visit.path_values["report_id"])
    found = await ask(edge, visit, request)
    return page(
        "account/report_delete",
        who=who,
        here="dashboards",
        report=found,
        place=_dashboard(visit),
    )


async def delete(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Deletes the report and takes it off the dashboard."""
    request = pb.DeleteOwnReportRequest(
        form_token=visit.parameters.get("form_token"),
        id=visit.path_values["report_id"],
        dashboard_id=visit.path_values["dashboard_id"],
    )
    await ask(edge, visit, request)
    return see_other(_dashboard(visit))


def _dashboard(visit: Visit) -> str:
    """The address of the dashboard from which the user came."""
    return f"{addresses.DASHBOARDS}/{visit.path_values['dashboard_id']}"


async def _form(
    edge: Edge, visit: Visit, who: Session, refused: Refused
) -> HTTPResponse:
    request = pb.GetOwnReportRequest(id=visit.path_values["report_id"])
    found = await ask(edge, visit, request)
    given = visit.parameters
    drawn = next((key for key, (_, each) in CHARTS.items() if each == found.chart), "")
    is_private = found.visibility == reports.REPORT_VISIBILITY_PRIVATE
    if refused.detail:
        drawn, is_private = given.get("chart"), given.get("private") == "on"
    return page(
        "account/report_change",
        status=refused.status,
        who=who,
        here="dashboards",
        report=found,
        place=_dashboard(visit),
        name=given.get("name")[:_MOST_NAME] if refused.detail else found.name,
        drawn=drawn,
        is_private=is_private,
        charts=CHARTS,
        refused=refused,
    )
