"""Runs reports with the caller's rights: figures, and names for ids in them."""

from collections.abc import Iterable
from typing import Any

from prospectconnect.crm.v1.pipelines_pb2 import STAGE_TYPE_LOST
from prospectconnect.reporting.v1 import reports_pb2 as pb
from prospectconnect.type.v1.figures_pb2 import Aggregation, FigureRow, Figures
from prospectconnect.type.v1.search_pb2 import Filter

from services.errors import NotFound, ValidationFailed
from services.reporting import checks
from services.reporting.runs import Runs

# For more ids than these no names are looked up.
MOST_LABELS = 500
_STAGE = "stg_"


async def run(
    runs: Runs, report: pb.Report, filters: Iterable[Filter] = ()
) -> pb.RunReportResponse:
    """Makes the figures of a report, with further filters.

    Raises what the aggregation raises; the faults have the paths of the run.
    """
    asked = Aggregation()
    asked.CopyFrom(report.aggregate)
    asked.filters.extend(filters)
    try:
        figures = await runs.aggregate(report.resource, asked)
    except ValidationFailed as refused:
        stored = len(report.aggregate.filters)
        raise ValidationFailed(checks.of_run(refused.faults, stored)) from None
    except NotFound:  # of its type of record, which was archived
        raise NotFound(f"There are no {report.resource} any more.") from None
    return await _answer(runs, report, figures)


async def _answer(
    runs: Runs, report: pb.Report, figures: Figures
) -> pb.RunReportResponse:
    answer = pb.RunReportResponse(data=figures.data, meta=figures.meta)
    look = answer.look
    look.name, look.chart = report.name, report.chart
    look.resource = report.resource
    look.aggregate.CopyFrom(report.aggregate)
    ids = list(dict.fromkeys(_ids(figures.data)))[:MOST_LABELS]
    labels, ordered = await _names(runs, ids)
    look.ordered.extend(ordered)
    answer.labels.SetInParent()
    for each, name in labels.items():
        answer.labels.fields[each].string_value = name
    return answer


def _ids(rows: Iterable[FigureRow]) -> Iterable[str]:
    """The texts among the groups that look like ids: a prefix and 24 digits."""
    for row in rows:
        for value in row.group:
            prefix, line, digits = value.text.rpartition("_")
            if line and prefix and len(digits) == 24:
                yield value.text


async def _names(runs: Runs, ids: list[str]) -> tuple[dict[str, str], list[str]]:
    """The names for ids, and those of the ids that are stages, in their order.

    Stages of lost deals are not among these: they stand after all others.
    """
    names: dict[str, str] = {}
    ordered: list[str] = []
    if any(each.startswith(_STAGE) for each in ids):
        wanted = set(ids)
        pipelines = sorted(await runs.pipelines(), key=_place)
        for pipeline in pipelines:
            for stage in _stages(pipeline):
                if stage.id in wanted:
                    names[stage.id] = stage.name
                    if stage.type != STAGE_TYPE_LOST:  # no step that others go to
                        ordered.append(stage.id)
        _tell_apart(names, pipelines)
    others = [each for each in ids if not each.startswith(_STAGE)]
    if others:
        names |= await runs.names(others)
    return names, ordered


def _place(pipeline: Any) -> tuple[bool, int]:
    """The default pipeline comes first."""
    return not pipeline.is_default, pipeline.position


def _stages(pipeline: Any) -> list[Any]:
    """The open ones as deals go through them, then what is won, then what is lost."""
    return sorted(pipeline.stages, key=lambda each: (each.type, each.position))


def _tell_apart(names: dict[str, str], pipelines: Iterable[Any]) -> None:
    """Puts the pipeline before the names of stages if these are of several ones."""
    of = {each.id: one.name for one in pipelines for each in one.stages}
    if len({of[each] for each in names}) > 1:
        names.update({each: f"{of[each]}: {name}" for each, name in names.items()})
