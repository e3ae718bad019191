"""Rows of figures as JSON: what a request calls a figure is a member of its row."""

from typing import Any

from edge.transcoder.formats import write_decimal

FIGURE_ROW = "prospectconnect.type.v1.FigureRow"


def write_figure_row(row: Any) -> dict[str, Any]:
    """Writes a row: the values of its group as an object, its figures beside that."""
    group = {each.name: _value(each) for each in row.group}
    return {"group": group, **{each.name: _value(each) for each in row.measures}}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind is None:
        return None
    if kind == "number":
        return write_decimal(value.number)
    if kind == "amounts":
        return {
            each.currency: write_decimal(each.amount)
            if each.HasField("amount")
            else None
            for each in value.amounts.amounts
        }
    return getattr(value, kind)
