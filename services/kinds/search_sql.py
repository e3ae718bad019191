"""How a search reads a field: expressions of SQL on the record `r`.

Each is written as an index holds it, so that the index serves. A field that is kept
elsewhere than in a column of its own only needs other expressions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from prospectconnect.options.v1.options_pb2 import Format

# Forms of text that few records have in common.
NEARLY_UNIQUE = (
    *(Format.FORMAT_EMAIL, Format.FORMAT_PHONE),
    *(Format.FORMAT_HOST, Format.FORMAT_HTTP_URL),
)

# Of `integer`, which knows no infinity.
_LIMITS = ("'-2147483648'::integer", "2147483647")


@dataclass(frozen=True, slots=True)
class SearchSql:
    """The expressions of one field.

    `compared` is what equality, patterns and sets compare. `lowest` and `highest` are
    what ranges compare and orders sort by: an unset value is below all others in
    `lowest` and above them in `highest`. `unset` and `is_set` are conditions, empty for
    a value that is found by a key. `narrow`: few records have the same value.
    """

    compared: str
    lowest: str
    highest: str
    unset: str
    is_set: str
    narrow: bool = False


def of_column(sql: str, narrow: bool = False) -> SearchSql:
    """Values that are compared as they are kept."""
    return SearchSql(sql, sql, sql, f"{sql} IS NULL", f"{sql} IS NOT NULL", narrow)


def of_text(sql: str, nullable: bool, narrow: bool = False) -> SearchSql:
    """Text without regard to case. An unset text is empty, and no other one is."""
    lowered = f"lower({sql})"
    if nullable:
        lowered = f"coalesce({lowered}, '')"
    return _never_null(f'({lowered} COLLATE "C")', narrow)


def of_user(sql: str) -> SearchSql:
    """A user's id, unset for nobody."""
    return _never_null(f"coalesce({sql}, '')")


def _never_null(sql: str, narrow: bool = False) -> SearchSql:
    return SearchSql(sql, sql, sql, f"{sql} = ''", f"{sql} <> ''", narrow)


def of_ordered(sql: str, column_type: str) -> SearchSql:
    """Nullable values that a search orders by."""
    if column_type == "integer":
        return _of_ordered_number(sql)
    lowest = f"coalesce({sql}, '-infinity'::{column_type})"
    return SearchSql(
        compared=lowest,
        lowest=lowest,
        highest=f"coalesce({sql}, 'infinity'::{column_type})",
        unset=f"{lowest} = '-infinity'",
        is_set=f"{lowest} > '-infinity'",
    )


def _of_ordered_number(sql: str) -> SearchSql:
    """Nullable whole numbers that a search orders by. Ranges compare what is set."""
    column = of_column(sql)
    lowest, highest = (f"coalesce({sql}, {each})" for each in _LIMITS)
    return replace(column, lowest=lowest, highest=highest)


def of_phone(sql: str) -> SearchSql:
    """A telephone number, compared by its digits."""
    return of_column(f"{sql}_digits", narrow=True)


def of_tags(sql: str) -> SearchSql:
    """Tags without regard to case."""
    column = f"{sql}_lower"
    return SearchSql(
        column, column, column, f"{column} = '{{}}'", f"{column} <> '{{}}'"
    )


def of_ids(sql: str) -> SearchSql:
    """Ids of records, compared as they are kept."""
    return SearchSql(sql, sql, sql, f"{sql} = '{{}}'", f"{sql} <> '{{}}'", narrow=True)


def of_links(columns: Sequence[str]) -> SearchSql:
    """Any of several links."""
    count = f"num_nonnulls({', '.join(columns)})"
    return SearchSql("", "", "", f"{count} = 0", f"{count} > 0", narrow=True)


def of_external_ids(sql: str) -> SearchSql:
    """Ids in other systems, each found by its key in `unique_values`."""
    return SearchSql("", sql, sql, "", "", narrow=True)


def of_custom_fields(sql: str, *, stored: bool) -> SearchSql:
    """Values without a kind, each found by its key; text without regard to case.

    `stored`: the table has a copy in lower case.
    """
    lowered = f"{sql}_lower" if stored else f"lower_json({sql})"
    return SearchSql(lowered, sql, sql, "", "")
