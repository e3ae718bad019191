"""The pieces of SQL that conditions are made of, and the values beside it."""

from dataclasses import dataclass, field
from typing import Any

from prospectconnect.type.v1.search_pb2 import Operator as Op

NEVER = "false"

SIGNS = {
    Op.OPERATOR_EQ: "=",
    Op.OPERATOR_GT: ">",
    Op.OPERATOR_GTE: ">=",
    Op.OPERATOR_LT: "<",
    Op.OPERATOR_LTE: "<=",
}

# How `like_literal($1)` stands in the pattern.
PATTERNS = {
    Op.OPERATOR_CONTAINS: "'%' || {} || '%'",
    Op.OPERATOR_STARTS_WITH: "{} || '%'",
    Op.OPERATOR_ENDS_WITH: "'%' || {}",
}


@dataclass(slots=True)
class Parameters:
    """The values of a statement, in the order of their numbers."""

    values: list[Any] = field(default_factory=list)

    def add(self, value: Any, column_type: str) -> str:
        """Keeps a value and returns its place in the SQL, e.g. `$3::text`."""
        self.values.append(value)
        return f"${len(self.values)}::{column_type}"
