"""The form of a new report, which is put onto a dashboard.

The fields that it offers are those of one type of records: the query names it, and the
page of another one is a link away.
"""

import re
from types import MappingProxyType

from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.reporting.v1 import own_dashboards_pb2 as pb
from prospectconnect.reporting.v1 import reports_pb2 as reports
from prospectconnect.type.v1 import figures_pb2 as figures
from prospectconnect.type.v1.search_pb2 import SORT_DIRECTION_DESC
from sanic import HTTPResponse

from edge.account.records.refused import Refused, send
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

CHARTS = MappingProxyType(
    {
        "bar": ("Bars", reports.REPORT_CHART_BAR),
        "line": ("Lines", reports.REPORT_CHART_LINE),
        "area": ("Areas", reports.REPORT_CHART_AREA),
        "pie": ("Pie", reports.REPORT_CHART_PIE),
        "funnel": ("Funnel", reports.REPORT_CHART_FUNNEL),
        "number": ("One number", reports.REPORT_CHART_NUMBER),
        "table": ("Table", reports.REPORT_CHART_TABLE),
    }
)
INTERVALS = MappingProxyType(
    {
        "month": ("Month", figures.INTERVAL_MONTH),
        "week": ("Week", figures.INTERVAL_WEEK),
        "day": ("Day", figures.INTERVAL_DAY),
        "quarter": ("Quarter", figures.INTERVAL_QUARTER),
        "year": ("Year", figures.INTERVAL_YEAR),
    }
)
MEASURES = MappingProxyType(
    {
        "count": ("How many there are", figures.MEASURE_OP_COUNT),
        "sum": ("Sum of", figures.MEASURE_OP_SUM),
        "avg": ("Average of", figures.MEASURE_OP_AVG),
        "median": ("Median of", figures.MEASURE_OP_MEDIAN),
        "min": ("Least", figures.MEASURE_OP_MIN),
        "max": ("Greatest", figures.MEASURE_OP_MAX),
    }
)
_NOTHING = Refused()
_MOST, _MOST_NAME = 200, 64
# So many of the latest intervals are drawn, and so many groups of them.
_LATEST, _GROUPS = 24, 200
_UNNAMED = re.compile("[^a-z0-9]+")


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form for the type of records that the query names."""
    return await _form(edge, visit, who, _NOTHING)


async def create(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Makes the report and puts it onto the dashboard, or shows what is wrong."""
    dashboard_id = visit.path_values["dashboard_id"]
    request = pb.CreateOwnReportRequest(
        form_token=visit.parameters.get("form_token"),
        dashboard_id=dashboard_id,
        report=_report(visit),
    )
    done, refused = await send(edge, visit, request)
    if done is None:
        return await _form(edge, visit, who, refused)
    return see_other(f"{addresses.DASHBOARDS}/{dashboard_id}")


def _report(visit: Visit) -> reports.Report:
    given = visit.parameters
    is_private = given.get("private") == "on"
    report = reports.Report(
        name=given.get("name").strip(),
        resource=given.get("resource"),
        visibility=reports.REPORT_VISIBILITY_PRIVATE
        if is_private
        else reports.REPORT_VISIBILITY_TENANT,
    )
    if (chart := CHARTS.get(given.get("chart"))) is not None:
        report.chart = chart[1]
    aggregate = report.aggregate
    _measure(visit, aggregate)
    for name in ("group", "second"):
        if field := given.get(name):
            _group(visit, aggregate, field)
    if any(each.interval for each in aggregate.group_by):
        aggregate.sort_direction = SORT_DIRECTION_DESC  # the latest ones first
        aggregate.limit = _LATEST if len(aggregate.group_by) == 1 else _GROUPS
        aggregate.fill = len(aggregate.group_by) == 1
    return report


def _measure(visit: Visit, aggregate: figures.Aggregation) -> None:
    op, field = visit.parameters.get("op"), visit.parameters.get("of")
    measure = aggregate.measures.add(op=MEASURES.get(op, MEASURES["count"])[1])
    name = visit.parameters.get("resource")
    if measure.op != figures.MEASURE_OP_COUNT:
        measure.field = field
        name = f"{op}_{field}"
    setattr(measure, "as", _UNNAMED.sub("_", name.lower()).strip("_")[:_MOST_NAME])


def _group(visit: Visit, aggregate: figures.Aggregation, field: str) -> None:
    """Groups by a field. That of a time has the sign `@` before it."""
    group = aggregate.group_by.add(field=field.removeprefix("@"))
    if field.startswith("@"):
        chosen = INTERVALS.get(visit.parameters.get("interval"), INTERVALS["month"])
        group.interval = chosen[1]


async def _form(
    edge: Edge, visit: Visit, who: Session, refused: Refused
) -> HTTPResponse:
    given, dashboard_id = visit.parameters, visit.path_values["dashboard_id"]
    asked = pb.ListOwnReportFieldsRequest(resource=given.get("resource")[:_MOST])
    fields = await ask(edge, visit, asked)
    found = await ask(edge, visit, pb.GetOwnDashboardRequest(id=dashboard_id))
    return page(
        "account/report_new",
        status=refused.status,
        who=who,
        here="dashboards",
        dashboard=found,
        fields=fields,
        charts=CHARTS,
        intervals=INTERVALS,
        measures=MEASURES,
        given={name: text[:_MOST] for name, text in given.values.items()},
        refused=refused,
    )
