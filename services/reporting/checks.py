"""What a report must be: figures that can be made, and drawn as it says.

Whether they can be made is asked of the aggregation itself, so that no rule of it is
written twice. They are asked for when a report is written, and again by each run: a
field may have gone meanwhile.
"""

from collections.abc import Sequence
from dataclasses import replace

from prospectconnect.reporting.v1 import reports_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.figures_pb2 import Aggregation

from services.errors import NotFound
from services.faults import Fault
from services.reporting.runs import Runs

# Where the report stands in the requests that write one.
AT = "report"
AGGREGATE = "aggregate"
# Charts that show one figure of one group each.
_OF_ONE = (pb.REPORT_CHART_PIE, pb.REPORT_CHART_FUNNEL)


def settle(aggregate: Aggregation) -> None:
    """Takes an empty value for none, as JSON's null is read."""
    for message in (aggregate, *aggregate.group_by, *aggregate.measures):
        for item, value in message.ListFields():
            if item.has_presence and not item.message_type and not value:
                message.ClearField(item.name)


async def faults_of(
    runs: Runs, resource: str, report: pb.Report, at: str = AT
) -> list[Fault]:
    """The faults of a report that is written, with records of the type `resource`."""
    if not report.HasField("aggregate"):
        code, message = FaultCode.FAULT_CODE_REQUIRED, "Give aggregate; it is required."
        return [Fault(f"{at}.{AGGREGATE}", code, message)]
    try:
        found = await runs.faults_of(resource, report.aggregate)
    except NotFound:
        code = FaultCode.FAULT_CODE_INVALID_CHOICE
        message = "There is no such type of record whose figures can be made."
        return [Fault(f"{at}.resource", code, message)]
    inside = [replace(each, field=f"{at}.{AGGREGATE}.{each.field}") for each in found]
    return inside or chart_faults(report.chart, report.aggregate, at)


def chart_faults(
    chart: pb.ReportChart.ValueType, aggregate: Aggregation, at: str = AT
) -> list[Fault]:
    """Why figures cannot be drawn as the chart."""
    message = _unfit(chart, len(aggregate.group_by), len(aggregate.measures))
    if not message:
        return []
    return [Fault(f"{at}.chart", FaultCode.FAULT_CODE_INVALID, message)]


def _unfit(chart: pb.ReportChart.ValueType, groups: int, measures: int) -> str:
    if chart in (pb.REPORT_CHART_TABLE, pb.REPORT_CHART_UNSPECIFIED):
        return ""
    if chart == pb.REPORT_CHART_NUMBER:
        return "A number takes no group_by." if groups else ""
    if chart in _OF_ONE:
        fits = groups == measures == 1
        return "" if fits else "Such a chart takes one group_by and one measure."
    if not 1 <= groups <= 2:
        return "Such a chart takes one group_by, or two."
    fits = groups == 1 or measures == 1
    return "" if fits else "With two group_by, such a chart takes one measure."


def of_run(faults: Sequence[Fault], stored: int) -> list[Fault]:
    """The faults of an aggregation as those of the run that made it.

    The first `stored` filters are those of the report.
    """
    return [replace(each, field=_of_run(each.field, stored)) for each in faults]


def _of_run(path: str, stored: int) -> str:
    name, bracket, rest = path.partition("[")
    if name == "filters" and bracket:
        number, _, after = rest.partition("]")
        if number.isdecimal() and int(number) >= stored:
            return f"filters[{int(number) - stored}]{after}"
    return f"{AGGREGATE}.{path}"
