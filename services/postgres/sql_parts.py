"""The pieces of SQL that conditions are made of, and the values of a statement.

A condition is written once and rendered in two ways. By index: PostgreSQL plans the
statement with its values and finds the records by an index. Row by row: the plan is
kept for other values, and what depends on the values alone must be computed once,
before the first row.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
    """The place of a value in the SQL, e.g. `$3::text`.

    The value becomes a parameter only when its place is first written into a text:
    PostgreSQL refuses a parameter that the statement does not use.
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
    """The values of a statement, in the order of their numbers.

    `business_id` is the tenant whose records the statement finds. `object` is the place
    of the custom object that they are of, None for records of a built-in type.
    """

    values: list[Any] = field(default_factory=list)
    business_id: str = ""
    object: Place | None = None
    _tenant: Place | None = field(default=None, init=False)

    @property
    def tenant(self) -> Place:
        """The place of the tenant, the same one each time."""
        if self._tenant is None:
            self._tenant = self.place(self.business_id, "text")
        return self._tenant

    @contextmanager
    def about(self, custom_object: str) -> Iterator[None]:
        """Has conditions on other records be of a custom object, "" for built-in ones.

        The conditions are written inside the block.
        """
        own = self.object
        self.object = self.place(custom_object, "text") if custom_object else None
        try:
            yield
        finally:
            self.object = own

    def place(self, value: Any, column_type: str) -> Place:
        """The place of a value. Writing the place adds the value to the parameters."""
        return Place(self.values, value, column_type)


@final
@dataclass(frozen=True, slots=True)
class Varying:
    """A piece of SQL that the two renderings write differently."""

    by_index: str
    row_by_row: str


# The pieces of an expression in their order. A text is the same in both renderings.
Sql = tuple[str | Varying, ...]

# PostgreSQL computes a subquery without columns of the row once, before the first row.
_ONCE = Varying("(", "(SELECT ")
# An index takes an array. Row by row, a subquery is looked up in a hash table.
_ONE_OF_IDS = Varying("= ANY(ARRAY(", "= ANY((")


@dataclass(frozen=True, slots=True)
class Condition:
    """The SQL that a record `r` must fulfil to be found, with its properties.

    `narrow`: few records fulfil it, e.g. because few have the same e-mail address.
    `bounds`: the column whose range it limits, empty if it limits none. `implied`: it
    follows from other conditions and only helps an index. `dear`: to look at one record
    costs much, and an index finds what fulfils it. `words`: it looks for a word, and
    an index of trigrams finds what has all words of the search.
    """

    sql: Sql
    narrow: bool = False
    bounds: str = ""
    implied: bool = False
    dear: bool = False
    words: bool = False


def once(expression: str) -> Sql:
    """An expression of values alone, in parentheses."""
    return _ONCE, f"{expression})"


def one_of_ids(query: Sql) -> Sql:
    """The right side of a comparison: equal to one of the ids that a query returns."""
    return _ONE_OF_IDS, *query, "))"


def joined(word: str, expressions: Iterable[Sql]) -> Sql:
    """Expressions joined by a word such as ` AND `."""
    pieces: list[str | Varying] = []
    for each in expressions:
        pieces += (word, *each)
    return tuple(pieces[1:])


def any_of(conditions: Iterable[Sql]) -> Sql:
    """The condition that at least one of the conditions holds."""
    return "(", *joined(" OR ", conditions), ")"


def all_of(conditions: Iterable[Sql]) -> Sql:
    """The condition that all of the conditions hold."""
    return "(", *joined(" AND ", conditions), ")"


def by_index(sql: Sql) -> str:
    """The SQL text of an expression for a plan that is made for the values."""
    return "".join([p.by_index if type(p) is Varying else p for p in sql])


def row_by_row(sql: Sql) -> str:
    """The SQL text of an expression that is evaluated row by row."""
    return "".join([p.row_by_row if type(p) is Varying else p for p in sql])


# Names of columns that are words of SQL.
_WORDS = frozenset(("group", "unique"))
# Each table has a column `version` already, which counts the changes of a record.
# `fields` is a table: the test that each statement names its tenant goes by such names.
_OTHERWISE = {"version": "contract", "fields": "paths"}


def column_of(name: str) -> str:
    """The name of the column that holds a field."""
    return _OTHERWISE.get(name, name)


def quoted(name: str) -> str:
    """The column of a field as a statement writes it where no table stands before."""
    return f'"{name}"' if name in _WORDS else column_of(name)


def later(moment: str, column: str) -> str:
    """A moment, or the column's value plus one microsecond if that is later.

    The sum uses a timestamp without time zone: with a time zone it would be STABLE, and
    Citus accepts no STABLE expression of a column in an UPDATE.
    """
    next_one = f"({column} AT TIME ZONE 'UTC' + interval '1 microsecond')"
    return f"greatest({moment}::timestamptz, {next_one} AT TIME ZONE 'UTC')"
