"""The pieces of SQL that conditions are made of, and the values beside it.

A condition is written once and used two ways: to find records by an index, where
PostgreSQL plans with the values before it, and row by row under a plan that is kept,
where all that depends on the values alone must be computed before the first row.
"""

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

_ONCE = "/*once*/"
_IDS = "/*ids*/ARRAY"


class Place:
    """Where a value stands in the SQL, e.g. `$3::text`.

    The value becomes a parameter when its place is first written into a text, and not
    before: PostgreSQL refuses a statement with a parameter that it does not mention.
    """

    __slots__ = ("_text", "_type", "_value", "_values")

    def __init__(self, values: list[Any], value: Any, column_type: str) -> None:
        self._values = values
        self._value = value
        self._type = column_type
        self._text = ""

    def __str__(self) -> str:
        if not self._text:
            self._values.append(self._value)
            self._text = f"${len(self._values)}::{self._type}"
        return self._text


@dataclass(slots=True)
class Parameters:
    """The values of a statement, in the order of their numbers."""

    values: list[Any] = field(default_factory=list)

    def place(self, value: Any, column_type: str) -> Place:
        """The place of a value, which is kept once the place is written."""
        return Place(self.values, value, column_type)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a record must fulfil to be found, as SQL on `r`, and what is known of it.

    `narrow`: few records do, as few have any one e-mail address. `bounds`: the column
    of which it asks for a range; empty where it asks for something else. `implied`: it
    follows from others and only helps an index.
    """

    sql: str
    narrow: bool = False
    bounds: str = ""
    implied: bool = False


def once(sql: str) -> str:
    """An expression of values alone."""
    return f"({_ONCE}{sql})"


def one_of_ids(query: str) -> str:
    """Equality with one of the ids that a query finds."""
    return f"= ANY({_IDS}({query}))"


def row_by_row(sql: str) -> str:
    """A condition for rows that are looked at one after the other."""
    return sql.replace(_ONCE, "SELECT ").replace(_IDS, "")


def later(moment: str, column: str) -> str:
    """A moment, or the first one after the column's, should that not have passed yet.

    By way of a time without a zone: a sum with one that has a zone is STABLE, and
    Citus takes no such term of a column in an UPDATE.
    """
    next_one = f"({column} AT TIME ZONE 'UTC' + interval '1 microsecond')"
    return f"greatest({moment}::timestamptz, {next_one} AT TIME ZONE 'UTC')"
