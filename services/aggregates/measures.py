"""The measures of figures, as SQL over the values `s` of the records of a group.

Averages are rounded once, from a quotient with so many decimals that no other rounding
shows. A median is exact: the middle value, or half of the sum of the middle two.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from prospectconnect.type.v1.figures_pb2 import MeasureOp as Op

from services.aggregates.expressions import Shape

_PREFIX = len("MEASURE_OP_")
AVERAGE_DECIMALS = 6
# Amounts have 2 decimals, so that a quotient that rounds differently differs before.
_ZERO = "0." + "0" * 20

# Operations on the values of numbers, and those that take times too.
NUMBERS = (Op.MEASURE_OP_SUM, Op.MEASURE_OP_AVG, Op.MEASURE_OP_MEDIAN)
EXTREMES = (Op.MEASURE_OP_MIN, Op.MEASURE_OP_MAX)
COUNTS = (Op.MEASURE_OP_COUNT, Op.MEASURE_OP_COUNT_DISTINCT)


def public(op: Op.ValueType) -> str:
    """The name of an operation as public JSON writes it."""
    return Op.Name(op)[_PREFIX:].lower()


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure. `sql` is the expression of its values over a record, "" for none.

    `shape` is that of the figure. `currency` is the SQL of the currency of amounts that
    are kept apart by it, "" for all other figures. `is_gathered`: a median is found
    among the values of a group in memory, without a sort of all records by groups.
    """

    name: str
    op: Op.ValueType
    sql: str
    shape: Shape
    currency: str = ""
    is_gathered: bool = False

    @property
    def is_count(self) -> bool:
        """Whether it is 0 where there is no record."""
        return self.op in COUNTS

    @property
    def nothing(self) -> str:
        """What it is where there is no record."""
        if self.currency:
            return "'{}'::jsonb"
        return "0::numeric" if self.is_count else f"NULL::{self.shape.value}"

    def of(self, value: str) -> str:
        """The figure of all values of a group, in a column of the records."""
        if self.op == Op.MEASURE_OP_COUNT and not self.sql:
            return "count(*)::numeric"
        if self.is_gathered and self.op == Op.MEASURE_OP_MEDIAN:
            return _GATHERED.format(v=value)
        return _FIGURES[self.op].format(v=value, cast=f"::{self.shape.value}")

    def parts(self, value: str) -> tuple[str, ...] | None:
        """Figures of a part of a group, from which `whole` makes that of the group.

        None if that cannot be.
        """
        if self.op == Op.MEASURE_OP_AVG:
            return f"sum({value})::numeric", f"count({value})::numeric"
        return (self.of(value),) if self.op in _WHOLE else None

    def whole(self, *parts: str) -> str:
        """The figure of a group from those of its parts."""
        if self.op == Op.MEASURE_OP_AVG:
            return _average(f"sum({parts[0]})", f"sum({parts[1]})")
        return f"{_WHOLE[self.op]}({parts[0]})"


def _average(total: str, count: str) -> str:
    return f"round(({total} + {_ZERO}) / nullif({count}, 0), {AVERAGE_DECIMALS})"


# The values at and after the middle, which are the same one where their number is odd.
# PostgreSQL computes both at once.
_MIDDLE = (
    "(percentile_disc(ARRAY[0.5, 0.500000001])"
    " WITHIN GROUP (ORDER BY {{v}}))[{}]::numeric"
)
# The same, of values in memory.
_GATHERED = "middle_of(array_agg({v}::numeric) FILTER (WHERE {v} IS NOT NULL))"
_FIGURES: Mapping[int, str] = {
    Op.MEASURE_OP_COUNT: "count({v})::numeric",
    Op.MEASURE_OP_SUM: "sum({v}){cast}",
    Op.MEASURE_OP_AVG: _average("sum({v})::numeric", "count({v})"),
    Op.MEASURE_OP_MIN: "min({v}){cast}",
    Op.MEASURE_OP_MAX: "max({v}){cast}",
    Op.MEASURE_OP_COUNT_DISTINCT: "count(DISTINCT {v})::numeric",
    Op.MEASURE_OP_MEDIAN: f"(({_MIDDLE.format(1)} + {_MIDDLE.format(2)}) * 0.5)",
}
_WHOLE: Mapping[int, str] = {
    Op.MEASURE_OP_COUNT: "sum",
    Op.MEASURE_OP_SUM: "sum",
    Op.MEASURE_OP_MIN: "min",
    Op.MEASURE_OP_MAX: "max",
}
