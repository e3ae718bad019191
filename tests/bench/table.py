"""The results as Markdown: the cost of every subject, and the goals."""

from collections.abc import Iterator, Sequence

from tests.bench import operations as op
from tests.bench.figures import Figure, Figures, Spread
from tests.bench.goals import Goal
from tests.bench.subjects import NAMES, PRODUCT

_HEAD = (
    "| operation | subject | CPU µs | least to most | product : it | database µs |"
    " generator µs | requests/s | p50 ms | p99 ms |"
)
_LINE = "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"


def costs(found: Figures) -> str:
    """The table of costs; every figure is a median of rounds."""
    return "\n".join([_HEAD, _LINE, *_rows(found)])


def _rows(found: Figures) -> Iterator[str]:
    for operation in op.OPERATIONS:
        product = found.get((PRODUCT, operation))
        for name in NAMES:
            figure = found.get((name, operation))
            if figure is not None:
                ratio = "" if product is None else _ratio(product, figure)
                yield f"| {operation} | {name} | {_cells(figure, ratio)} |"


def _cells(figure: Figure, ratio: str) -> str:
    return " | ".join(
        (
            f"**{figure.cost.median:.0f}**",
            _ends(figure.cost),
            ratio,
            f"{figure.database.median:.0f}",
            f"{figure.generator.median:.0f}",
            f"{figure.per_second.median:,.0f}",
            f"{figure.median.median:.1f}",
            f"{figure.slowest.median:.1f}",
        )
    )


def _ends(spread: Spread) -> str:
    return f"{spread.least:.0f} to {spread.most:.0f}"


def _ratio(product: Figure, figure: Figure) -> str:
    return f"{product.cost.median / figure.cost.median:.2f}"


def goals_table(goals: Sequence[Goal]) -> str:
    """The table of goals."""
    rows = [f"| {each.what} | {_limit(each)} | {_measured(each)} |" for each in goals]
    return "\n".join(["| what | goal | measured |", "|---|--:|--:|", *rows])


def _limit(goal: Goal) -> str:
    sign = "≥" if goal.at_least else "≤"
    return f"{sign} {_number(goal.bound, goal.unit)}"


def _measured(goal: Goal) -> str:
    if goal.figure is None:
        return "not measured"
    mark = "met" if goal.is_met else "**not met**"
    return f"{_number(goal.figure, goal.unit)}, {mark}"


def _number(value: float, unit: str) -> str:
    rounded = round(value, 2) + 0.0  # never -0.0
    return f"{rounded:.2f} {unit}".strip()
