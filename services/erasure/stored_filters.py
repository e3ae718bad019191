"""Filters that are kept: of reports, of webhooks, and of exports.

A filter may name a person: by an e-mail address or a telephone number, in any spelling,
or by both names. Such a value of a text field becomes `[erased]`, so the filter finds
what it found without the person. A webhook that could then send more than before, for
its filter left the person out, is switched off. The history of reports and webhooks is
told anew in the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.erasure.named_fields import (
    ANY_FIELDS,
    EXCLUDING,
    NARROWING,
    NamedFields,
)
from services.erasure.rejected_rows import Person
from services.postgres.database import Row, Transaction
from services.records.erasing.lent_statements import REWRITE_SQL
from services.records.erasing.texts import ERASED

# Where a table keeps filters, and whether its changes are kept too.
_TABLES = (("reports", "aggregate"), ("webhooks", "filters"), ("exports", "filters"))
_LOGGED: Mapping[str, str] = {"reports": "rpt_", "webhooks": "whk_"}
# The members that hold the digits of numbers.
_EXACT = ("exact_value", "exact_values")
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


@dataclass(frozen=True, slots=True)
class Holders:
    """What filters have named persons: the ids of all records that held them, and of
    the webhooks that would send more from now on."""

    ids: set[str]
    wider_webhooks: set[str]


async def forget(
    transaction: Transaction,
    business_id: str,
    persons: Sequence[Person],
    fields: NamedFields,
) -> Holders:
    """Replaces what filters name of persons."""
    found, wider = set[str](), set[str]()
    for table, column in _TABLES:
        rows, after, sql = list[Row](), "", _find_sql(table, column)
        while not after or len(rows) == _AT_ONCE:
            rows = await transaction.rows(sql, business_id, after, _AT_ONCE)
            after = rows[-1]["id"] if rows else "~"
            changed = [
                (record_id, {"held": told}, widens(held, told, fields))
                for record_id, held in rows  # of lists, an array would be made
                if (told := forgotten(held, persons, fields)) != held
            ]
            if changed:
                if table == "webhooks":
                    wider.update(each[0] for each in changed if each[2])
                lists = map(list, zip(*(each[:2] for each in changed), strict=True))
                replace = _replace_sql(table, column)
                await transaction.run(replace, business_id, *lists)
                found.update(each[0] for each in changed)
        if table in _LOGGED:
            its = business_id, _LOGGED[table]
            found |= await _tell_anew(transaction, *its, persons, fields)
    return Holders(found, wider)


async def _tell_anew(
    transaction: Transaction,
    business_id: str,
    prefix: str,
    persons: Sequence[Person],
    fields: NamedFields,
) -> set[str]:
    """Tells the history of records anew. Returns the ids of those that named some."""
    found, rows, after = set[str](), list[Row](), ("", 0)
    its = business_id, prefix, f"{prefix}~"
    while not after[0] or len(rows) == _AT_ONCE:
        rows = await transaction.rows(_TOLD, *its, *after, _AT_ONCE)
        after = (rows[-1]["record_id"], rows[-1]["at"]) if rows else ("~", 0)
        by_record: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            told = tuple(forgotten(row[name], persons, fields) for name in _STATES)
            if told != tuple(row[name] for name in _STATES):
                by_record.setdefault(row["record_id"], []).append((row["at"], *told))
        for record_id, changed in by_record.items():
            lists = map(list, zip(*changed, strict=True))
            await transaction.run(REWRITE_SQL, business_id, record_id, *lists)
        found.update(by_record)
    return found


_STATES = ("was", "now", "image")


def forgotten(
    held: Any, persons: Sequence[Person], fields: NamedFields = ANY_FIELDS
) -> Any:
    """What is left of JSON that holds filters."""
    for person in persons:
        every = list[str]()
        _gather(held, fields, every)
        # Two conditions may have a name each.
        names = person.names if person.names and person.has_names(every) else ()
        held = _without(held, _Naming(person, bool(names), fields))
    return held


def widens(
    before: Any, after: Any, fields: NamedFields, *, is_not: bool = False
) -> bool:
    """Whether filters may hold for more records than before they forgot a person."""
    if isinstance(before, list):
        pairs = zip(before, after, strict=True)
        return any(widens(b, a, fields, is_not=is_not) for b, a in pairs)
    if not isinstance(before, dict) or before == after:
        return False
    if "field" in before:
        operator = before.get("operator")
        if operator in EXCLUDING:
            return not is_not
        last = str(before["field"]).rpartition(".")[2]
        return is_not or operator not in NARROWING or last in fields.may_be_erased
    return any(
        widens(each, after[name], fields, is_not=is_not != (name == "not"))
        for name, each in before.items()
    )


@dataclass(frozen=True, slots=True)
class _Naming:
    """A person, whether each of their names goes, and what fields hold."""

    person: Person
    has_names: bool
    fields: NamedFields

    def of(self, field: str, operator: str, value: Any) -> bool:
        """Whether a condition compares with a value that names the person."""
        if self.fields.names(field, operator, value, self.person):
            return True
        is_told = self.has_names and isinstance(value, str)
        takes = is_told and self.fields.takes_names(field)
        return takes and self.person.has_a_name(value)


def _gather(held: Any, fields: NamedFields, found: list[str]) -> None:
    """The texts that filters compare text fields with."""
    if isinstance(held, list):
        for each in held:
            _gather(each, fields, found)
    elif isinstance(held, dict):
        if not isinstance(held.get("field"), str):
            for each in held.values():
                _gather(each, fields, found)
        elif fields.takes_names(held["field"]):
            found += [each for each in _values_of(held) if isinstance(each, str)]


def _without(held: Any, naming: _Naming) -> Any:
    if isinstance(held, list):
        return [_without(each, naming) for each in held]
    if not isinstance(held, dict):
        return held
    if not isinstance(held.get("field"), str):
        left = {name: _without(each, naming) for name, each in held.items()}
        text = left.get("search_text")
        if isinstance(text, str) and naming.of("", "contains", text):
            left["search_text"] = ERASED
        return left
    its = held["field"], str(held.get("operator", ""))
    if not any(naming.of(*its, each) for each in _values_of(held)):
        return held
    left = {name: each for name, each in held.items() if name not in _EXACT}
    if "value" in left and naming.of(*its, left["value"]):
        left["value"] = ERASED
    if isinstance(left.get("values"), list):
        left["values"] = [
            ERASED if naming.of(*its, each) else each for each in left["values"]
        ]
    return left


def _values_of(held: Mapping[str, Any]) -> list[Any]:
    several = held.get("values")
    return [held.get("value"), *(several if isinstance(several, list) else ())]
