"""The measures of a request, and the conditions on them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from prospectconnect.options.v1.options_pb2 import FieldPolicy
from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.figures_pb2 import MeasureOp as Op
from prospectconnect.type.v1.search_pb2 import Filter

from services.aggregates.asking import LONGEST_NAME, Asking
from services.aggregates.expressions import Shape, is_set, number, single
from services.aggregates.measures import EXTREMES, NUMBERS, Measured, public
from services.faults import Faults
from services.kinds.record_type import Field, FieldType, RecordType
from services.kinds.search_sql import of_column
from services.postgres.sql_parts import Condition, Parameters
from services.search.filters import FilterCompiler

_TYPES = {
    Shape.NUMBER: FieldType.DECIMAL,
    Shape.DATE: FieldType.DATE,
    Shape.MOMENT: FieldType.TIMESTAMP,
}


def measure_of(
    given: Any, path: str, asking: Asking, groups: Sequence[str]
) -> Measured | None:
    """A measure, None after a fault. `groups` are the fields that are grouped by."""
    faults, op, name = asking.faults, given.op, getattr(given, "as")
    if op not in Op.values() or not op:
        message = f"Give one of {', '.join(public(each) for each in _OPS)}."
        faults.add(f"{path}.op", FaultCode.FAULT_CODE_REQUIRED, message)
        return None
    if not given.field:
        if op == Op.MEASURE_OP_COUNT:
            return Measured(name, op, "", Shape.NUMBER)
        message = f"Give the field that {public(op)} is made of."
        faults.add(f"{path}.field", FaultCode.FAULT_CODE_REQUIRED, message)
        return None
    item = asking.field(given.field[: LONGEST_NAME + 1], f"{path}.field", "to measure")
    if item is None:
        return None
    values = _values(item, op, asking.parameters)
    if values is None:
        message = f"{public(op)} takes {_TAKEN[op]}."
        faults.add(f"{path}.field", FaultCode.FAULT_CODE_INVALID_CHOICE, message)
        return None
    sql, shape = values
    return _with_currency(Measured(name, op, sql, shape), item, asking.kind, groups)


_OPS = [each for each in Op.values() if each]
_TAKEN = {
    **dict.fromkeys(NUMBERS, "a field that holds numbers"),
    **dict.fromkeys(EXTREMES, "a field that holds numbers, dates or times"),
    Op.MEASURE_OP_COUNT: "a field",
    Op.MEASURE_OP_COUNT_DISTINCT: "a field that holds one value",
}


def _values(item: Field, op: Op.ValueType, p: Parameters) -> tuple[str, Shape] | None:
    """The SQL that a measure is made of, and what it gives; None if it cannot be."""
    if op == Op.MEASURE_OP_COUNT:
        found = is_set(item, p)
        return None if found == "NULL" else (found, Shape.NUMBER)
    if op == Op.MEASURE_OP_COUNT_DISTINCT:
        one = single(item, p)
        return None if one is None else (one.sql, Shape.NUMBER)
    numbers = number(item, p)
    if numbers is not None:
        return numbers, Shape.NUMBER
    one = single(item, p) if op in EXTREMES else None
    if one is None or one.shape not in (Shape.DATE, Shape.MOMENT):
        return None
    return one.sql, one.shape


def _with_currency(
    measure: Measured, item: Field, kind: RecordType, groups: Sequence[str]
) -> Measured:
    """The measure of an amount, which is never one of several currencies."""
    name = item.policy.currency_in
    if not name or name in groups or measure.op == Op.MEASURE_OP_COUNT:
        return measure
    currency = kind.by_name[name].sql
    if measure.op == Op.MEASURE_OP_COUNT_DISTINCT:  # 10 EUR and 10 USD are two
        return replace(measure, sql=f"(trim_scale({measure.sql})::text || {currency})")
    return replace(measure, currency=currency)


def having_of(
    request: Any,
    kind: RecordType,
    measures: Sequence[Measured],
    faults: Faults,
    p: Parameters,
) -> list[Condition]:
    """The conditions on the figures of a group."""
    if not request.having:
        return []
    apart = {each.name for each in measures if each.currency}
    if _refuse_apart(request.having, "having", apart, faults):
        return []
    pattern = kind.by_name["id"]
    fields = {e.name: _as_field(e, n, pattern) for n, e in enumerate(measures)}
    figures = replace(kind, fields=tuple(fields.values()), by_name=fields)
    return FilterCompiler(figures, faults, p).all(request.having, "having")


def _refuse_apart(
    filters: Sequence[Filter], path: str, apart: set[str], faults: Faults
) -> bool:
    """Whether a condition is on amounts of several currencies. Each is a fault."""
    is_refused = False
    for n, item in enumerate(filters):
        is_refused |= _is_refused(item, f"{path}[{n}]", apart, faults)
    return is_refused


def _is_refused(item: Filter, path: str, apart: set[str], faults: Faults) -> bool:
    is_refused = item.field in apart
    if is_refused:
        message = (
            f"{item.field} is an amount in several currencies. Group by currency to"
            " compare it."
        )
        faults.add(f"{path}.field", FaultCode.FAULT_CODE_INVALID, message)
    for name in ("any", "all"):
        is_refused |= _refuse_apart(
            getattr(item, name), f"{path}.{name}", apart, faults
        )
    if item.HasField("not"):
        is_refused |= _is_refused(getattr(item, "not"), f"{path}.not", apart, faults)
    return is_refused


def _as_field(measure: Measured, n: int, pattern: Field) -> Field:
    """A measure as filters know a field."""
    column = f"g.m{n}"
    return replace(
        pattern,
        name=measure.name,
        type=_TYPES[measure.shape],
        sql=column,
        column_type=measure.shape.value,
        policy=FieldPolicy(filterable=True),
        nullable=True,
        search=of_column(column),
    )
