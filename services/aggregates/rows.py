"""Rows of figures as messages. Every value comes from the statement as text."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from google.type.decimal_pb2 import Decimal as ExactNumber
from prospectconnect.type.v1 import figures_pb2 as pb
from prospectconnect.type.v1.figures_pb2 import Interval

from services.aggregates.expressions import Shape
from services.aggregates.groups import Group
from services.aggregates.measures import Measured
from services.aggregates.plan import Plan
from services.clock import EPOCH, rfc3339
from services.kinds.formats import plain

_SECOND = 1_000_000


def row_of(plan: Plan, texts: Sequence[str | None]) -> pb.FigureRow:
    """The row of a group, from its texts in the order of the plan's columns."""
    width = len(plan.groups)
    of_group = zip(plan.groups, texts[:width], strict=True)
    of_measures = zip(plan.measures, texts[width:], strict=True)
    return pb.FigureRow(
        group=[_group(each, text) for each, text in of_group],
        measures=[_measure(each, text) for each, text in of_measures],
    )


def _group(group: Group, text: str | None) -> pb.FigureValue:
    found = pb.FigureValue(name=group.name)
    if text is None:
        return found
    if group.interval:
        found.text = _WRITTEN.get(group.interval, _day)(text)
    elif group.value.choices is not None:
        found.text = group.value.choices.get(int(text), "")
    else:
        _put(found, group.value.shape, text)
    return found


def _measure(measure: Measured, text: str | None) -> pb.FigureValue:
    found = pb.FigureValue(name=measure.name)
    if measure.currency:
        # There is at least an empty object.
        amounts = json.loads(text or "{}", parse_float=Decimal, parse_int=Decimal)
        found.amounts.SetInParent()
        for currency in sorted(amounts):
            amount = exact(amounts[currency])
            found.amounts.amounts.add(currency=currency, amount=amount)
    elif text is not None:
        _put(found, measure.shape, text)
    return found


def _put(found: pb.FigureValue, shape: Shape, text: str) -> None:
    if shape is Shape.NUMBER:
        found.number.CopyFrom(exact(Decimal(text)))
    elif shape is Shape.BOOLEAN:
        found.boolean = text == "true"
    elif shape is Shape.JSON:
        _put_json(found, text)
    elif shape is Shape.MOMENT:
        found.text = _moment(text)
    else:
        found.text = text


def _put_json(found: pb.FigureValue, text: str) -> None:
    value: Any = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    if isinstance(value, bool):
        found.boolean = value
    elif isinstance(value, Decimal):
        found.number.CopyFrom(exact(value))
    else:
        found.text = value if isinstance(value, str) else text


def exact(number: Decimal) -> ExactNumber:
    """A number with all its digits, without zeros at the end."""
    return ExactNumber(value=plain(number))


def _moment(text: str) -> str:
    since = datetime.fromisoformat(text) - EPOCH
    whole = since.days * 86_400 + since.seconds
    return rfc3339(whole * _SECOND + since.microseconds)


def _day(text: str) -> str:
    return text


def _quarter(text: str) -> str:
    return f"{text[:4]}-Q{(int(text[5:7]) + 2) // 3}"


_WRITTEN: Mapping[int, Callable[[str], str]] = {
    Interval.INTERVAL_MONTH: lambda text: text[:7],
    Interval.INTERVAL_QUARTER: _quarter,
    Interval.INTERVAL_YEAR: lambda text: text[:4],
}
