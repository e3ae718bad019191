"""Answers of runs, as tests make them up."""

from collections.abc import Mapping, Sequence
from typing import Any

from prospectconnect.reporting.v1 import reports_pb2 as pb
from prospectconnect.type.v1 import figures_pb2 as figures

COUNT, AVG = figures.MEASURE_OP_COUNT, figures.MEASURE_OP_AVG
SUM = figures.MEASURE_OP_SUM
MONTH = figures.INTERVAL_MONTH

Row = tuple[Sequence[Any], Sequence[Any]]


def answer(
    rows: Sequence[Row],
    chart: int = pb.REPORT_CHART_BAR,
    groups: Sequence[tuple[str, int]] = (("source", 0),),
    measures: Sequence[tuple[str, int]] = (("contacts", COUNT),),
    labels: Mapping[str, str] | None = None,
    name: str = "A report",
) -> pb.RunReportResponse:
    """The answer of a run. A figure is a number, amounts by currency, or None."""
    made = pb.RunReportResponse()
    made.look.name = name
    made.look.chart = chart  # type: ignore[assignment]  # a number of the enum
    for field, interval in groups:
        group = made.look.aggregate.group_by.add(field=field)
        if interval:
            group.interval = interval  # type: ignore[assignment]  # likewise
    for name_of, op in measures:
        measure = made.look.aggregate.measures.add()
        setattr(measure, "as", name_of)
        if name_of == "worth":  # an amount, of a currency
            measure.field = "value"
        measure.op = op  # type: ignore[assignment]  # likewise
    made.labels.SetInParent()
    for each, label in (labels or {}).items():
        made.labels.fields[each].string_value = label
    for of_group, of_measures in rows:
        row = made.data.add()
        for value, (field, _) in zip(of_group, groups, strict=True):
            _fill(row.group.add(name=field), value)
        for value, (name_of, _) in zip(of_measures, measures, strict=True):
            _fill(row.measures.add(name=name_of), value)
    return made


def _fill(made: Any, value: Any) -> None:
    if isinstance(value, str):
        made.text = value
    elif isinstance(value, bool):
        made.boolean = value
    elif isinstance(value, dict):
        for currency, amount in value.items():
            made.amounts.amounts.add(currency=currency).amount.value = str(amount)
    elif value is not None:
        made.number.value = str(value)
