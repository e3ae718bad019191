"""Filters that are kept: of reports, of webhooks, and of exports.

A filter may name a person: by an e-mail address or a telephone number, in any spelling,
or by both names. Such a value becomes `[erased]`, which no record has. So it finds what
it found without the person, and a webhook sends no more than before. The history of
reports and webhooks is told anew in the same way.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from services.erasure.rejected_rows import Person
from services.postgres.database import Row, Transaction
from services.records.erasing.lent_statements import REWRITE_SQL
from services.records.erasing.texts import ERASED

# Where a table keeps filters, and whether its changes are kept too.
_TABLES = (("reports", "aggregate"), ("webhooks", "filters"), ("exports", "filters"))
_LOGGED: Mapping[str, str] = {"reports": "rpt_", "webhooks": "whk_"}
# The members that hold what is compared, and the digits of numbers.
_EXACT = ("exact_value", "exact_values")
_VALUES = ("value", "values", *_EXACT, "search_text")
_AT_ONCE = 500


def _find_sql(table: str, column: str) -> str:
    """Values: business, the id before, how many."""
    return (
        f"SELECT id, {column} AS held FROM {table} WHERE business_id = $1"
        " AND id > $2::text ORDER BY id LIMIT $3"
    )


def _replace_sql(table: str, column: str) -> str:
    """Values: business, ids, what they hold from now on."""
    return (
        f"UPDATE {table} AS r SET {column} = n.one -> 'held', version = r.version + 1"
        " FROM unnest($2::text[], $3::jsonb[]) AS n (id, one)"
        " WHERE r.business_id = $1 AND r.id = n.id"
    )


# The history of records whose ids begin alike. Values: business, the first and the last
# of such ids, the change before, how many.
_TOLD = """
SELECT record_id, at, was, now, image FROM changes
WHERE business_id = $1 AND record_id > $2::text AND record_id < $3::text
  AND (record_id, at) > ($4::text, $5::timestamptz)
ORDER BY record_id, at LIMIT $6
"""


async def forget(
    transaction: Transaction, business_id: str, persons: Sequence[Person]
) -> set[str]:
    """Replaces what filters name of persons. Returns the ids of what has held some."""
    found = set[str]()
    for table, column in _TABLES:
        rows, after, sql = list[Row](), "", _find_sql(table, column)
        while not after or len(rows) == _AT_ONCE:
            rows = await transaction.rows(sql, business_id, after, _AT_ONCE)
            after = rows[-1]["id"] if rows else "~"
            pairs = ((each["id"], each["held"]) for each in rows)
            changed = [
                (record_id, {"held": told})  # of lists, an array would be made
                for record_id, held in pairs
                if (told := forgotten(held, persons)) != held
            ]
            if changed:
                lists = map(list, zip(*changed, strict=True))
                replace = _replace_sql(table, column)
                await transaction.run(replace, business_id, *lists)
                found.update(record_id for record_id, _ in changed)
        if table in _LOGGED:
            its = business_id, _LOGGED[table]
            found |= await _tell_anew(transaction, *its, persons)
    return found


async def _tell_anew(
    transaction: Transaction, business_id: str, prefix: str, persons: Sequence[Person]
) -> set[str]:
    """Tells the history of records anew. Returns the ids of those that named some."""
    found, rows, after = set[str](), list[Row](), ("", 0)
    its = business_id, prefix, f"{prefix}~"
    while not after[0] or len(rows) == _AT_ONCE:
        rows = await transaction.rows(_TOLD, *its, *after, _AT_ONCE)
        after = (rows[-1]["record_id"], rows[-1]["at"]) if rows else ("~", 0)
        by_record: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            told = tuple(forgotten(row[name], persons) for name in _STATES)
            if told != tuple(row[name] for name in _STATES):
                by_record.setdefault(row["record_id"], []).append((row["at"], *told))
        for record_id, changed in by_record.items():
            lists = map(list, zip(*changed, strict=True))
            await transaction.run(REWRITE_SQL, business_id, record_id, *lists)
        found.update(by_record)
    return found


_STATES = ("was", "now", "image")


def forgotten(held: Any, persons: Sequence[Person]) -> Any:
    """What is left of JSON that holds filters."""
    for person in persons:
        every = list[str]()
        _gather(held, every)
        # Two conditions may have a name each.
        names = person.names if person.names and person.has_names(every) else ()
        if names or any(person.is_named_by(each) for each in every):
            held = _without(held, person, names, is_value=False)
    return held


def _gather(held: Any, found: list[str], *, is_value: bool = False) -> None:
    """The texts that filters compare with; of a number its digits."""
    if isinstance(held, dict):
        for name, each in held.items():
            _gather(each, found, is_value=name in _VALUES)
    elif isinstance(held, list):
        for each in held:
            _gather(each, found, is_value=is_value)
    elif is_value and _is_told(held):
        found.append(str(held))


def _without(held: Any, person: Person, names: Sequence[str], *, is_value: bool) -> Any:
    its = person, names
    if isinstance(held, dict):
        left = {n: _without(e, *its, is_value=n in _VALUES) for n, e in held.items()}
        is_other = any(left[name] != held[name] for name in _EXACT if name in held)
        return {n: e for n, e in left.items() if not (is_other and n in _EXACT)}
    if isinstance(held, list):
        return [_without(each, *its, is_value=is_value) for each in held]
    if not is_value or not _is_told(held):
        return held
    if person.is_named_by(str(held)) or (names and person.has_a_name(str(held))):
        return ERASED if isinstance(held, str) else 0
    return held


def _is_told(value: Any) -> bool:
    """Whether it is a text, or a number, which may be that of a telephone."""
    return isinstance(value, str | int) and not isinstance(value, bool)
