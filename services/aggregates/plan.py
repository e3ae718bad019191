"""What a request for figures asks for, once it is checked, and what its rows hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from prospectconnect.type.v1.figures_pb2 import MeasureOp as Op

from services.aggregates.groups import Group
from services.aggregates.measures import Measured
from services.postgres.sql_parts import Condition, Parameters

DEFAULT_LIMIT = 100

# More groups are refused: nobody reads them, and they are kept in memory.
MOST_GROUPS = 100_000


@dataclass(frozen=True, slots=True)
class Key:
    """A column that the groups are ordered by."""

    column: str
    column_type: str

    @property
    def collated(self) -> str:
        """How a text is compared with the column."""
        return ' COLLATE "C"' if self.column_type == "text" else ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The figures that a request asks for.

    `having` are conditions on the columns `g` of the groups. `keys` order them, all in
    one direction; no two groups are the same in all of them.
    """

    groups: Sequence[Group]
    measures: Sequence[Measured]
    having: Sequence[Condition]
    keys: Sequence[Key]
    descending: bool
    limit: int
    fills: bool

    @property
    def sorts_records(self) -> bool:
        """Whether all records are sorted by their groups, for the sake of a median."""
        is_asked = any(each.op == Op.MEASURE_OP_MEDIAN for each in self.measures)
        return bool(self.groups) and is_asked

    def gathering(self) -> "Plan":
        """The same, with medians of values in memory."""
        measures = [replace(each, is_gathered=True) for each in self.measures]
        return replace(self, measures=measures)

    @property
    def columns(self) -> list[str]:
        """The columns of the groups and of the measures, in their order."""
        groups = [f"g{n}" for n in range(len(self.groups))]
        return groups + [f"m{n}" for n in range(len(self.measures))]

    def after(self, position: Sequence[str | None], p: Parameters) -> str:
        """The condition on groups that come after a position, which has their keys."""
        sign, held = "<" if self.descending else ">", ""
        for key, value in reversed(list(zip(self.keys, position, strict=True))):
            column = f"g.{key.column}"
            if value is None:  # nothing comes after what is unset
                held = f"({column} IS NULL AND {held})" if held else "false"
                continue
            place = f"({p.place(value, 'text')}::{key.column_type}){key.collated}"
            later = f"({column} {sign} {place} OR {column} IS NULL)"
            same = f" OR ({column} = {place} AND {held})" if held else ""
            held = f"({later}{same})"
        return held or "false"
