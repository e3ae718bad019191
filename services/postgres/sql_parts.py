"""The pieces of SQL that conditions are made of, and the values of a statement.

A condition is written once and rendered in two ways. By index: PostgreSQL plans the
statement with its values and finds the records by an index. Row by row: the plan is
kept for other values, and what depends on the values alone must be computed once,
before the first row.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, final

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


@final
@dataclass(frozen=True, slots=True)
class Varying:
    """A piece of SQL that the two renderings write differently."""

    by_index: str
    row_by_row: str


# The pieces of an expression in their order. Those that are texts never vary.
Sql = tuple[str | Varying, ...]

# A subquery that reads no column of a row is computed before the first one.
_ONCE = Varying("(", "(SELECT ")
# An index takes an array. Row by row, a subquery is looked up in a hash table.
_ONE_OF_IDS = Varying("= ANY(ARRAY(", "= ANY((")


@dataclass(frozen=True, slots=True)
class Condition:
    """What a record must fulfil to be found, as SQL on `r`, and what is known of it.

    `narrow`: few records fulfil it, as few have the same e-mail address. `bounds`: the
    column whose range it limits, empty if it limits none. `implied`: it follows from
    other conditions and only helps an index.
    """

    sql: Sql
    narrow: bool = False
    bounds: str = ""
    implied: bool = False


def once(expression: str) -> Sql:
    """An expression of values alone, in parentheses."""
    return _ONCE, f"{expression})"


def one_of_ids(query: Sql) -> Sql:
    """The end of a comparison: equal to one of the ids that a query finds."""
    return _ONE_OF_IDS, *query, "))"


def joined(word: str, expressions: Iterable[Sql]) -> Sql:
    """Expressions with a word such as ` AND ` between each two."""
    pieces: list[str | Varying] = []
    for each in expressions:
        pieces += (word, *each)
    return tuple(pieces[1:])


def any_of(conditions: Iterable[Sql]) -> Sql:
    """That at least one of the conditions holds."""
    return "(", *joined(" OR ", conditions), ")"


def all_of(conditions: Iterable[Sql]) -> Sql:
    """That each of the conditions holds."""
    return "(", *joined(" AND ", conditions), ")"


def by_index(sql: Sql) -> str:
    """The text of an expression for a plan that is made with the values."""
    return "".join([p.by_index if type(p) is Varying else p for p in sql])


def row_by_row(sql: Sql) -> str:
    """The text of an expression for rows that are looked at one after the other."""
    return "".join([p.row_by_row if type(p) is Varying else p for p in sql])


# Names of columns that are words of SQL.
_WORDS = frozenset(("group", "unique"))


def quoted(name: str) -> str:
    """The name of a column as a statement writes it where no table stands before."""
    return f'"{name}"' if name in _WORDS else name


def later(moment: str, column: str) -> str:
    """A moment, or the first one after the column's, should that not have passed yet.

    By way of a time without a zone: a sum with one that has a zone is STABLE, and
    Citus takes no such term of a column in an UPDATE.
    """
    next_one = f"({column} AT TIME ZONE 'UTC' + interval '1 microsecond')"
    return f"greatest({moment}::timestamptz, {next_one} AT TIME ZONE 'UTC')"
