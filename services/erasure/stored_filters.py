"""Filters that are kept: of reports, of webhooks, and of exports; and their labels.

A filter may name a person: by an e-mail address or a telephone number, in any spelling,
or by both names. Such a value of a text field becomes `[erased]`, so the filter finds
what it found without the person. A webhook that could then send more than before, for
its filter left the person out, is switched off. The history of reports and webhooks is
told anew in the same way. The same look finds labels: see `kept_labels`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.erasure.kept_labels import DESCRIPTION, NAME, Label
from services.erasure.named_fields import (
    ANY_FIELDS,
    EXCLUDING,
    NARROWING,
    NamedFields,
)
from services.erasure.person import Person
from services.postgres.database import Row, Transaction
from services.records.erasing.lent_statements import REWRITE_SQL
from services.records.erasing.texts import ERASED


@dataclass(frozen=True, slots=True)
class _Table:
    """A table that keeps filters in a column, or a label, or both.

    `names` is the SQL of the kinds of records that the filters are about. `prefix`:
    how the ids of its records begin, if their changes are kept too.
    """

    name: str
    column: str
    names: str
    label: Label | None = None
    prefix: str = ""


_TABLES = (
    _Table("reports", "aggregate", "ARRAY[r.resource]", NAME, "rpt_"),
    _Table("webhooks", "filters", "r.types", DESCRIPTION, "whk_"),
    _Table("exports", "filters", "array_remove(r.resources || r.resource, NULL)"),
)
# The members that hold the digits of numbers.
_EXACT = ("exact_value", "exact_values")
_AT_ONCE = 500


def _find_sql(table: _Table) -> str:
    """Values: business, the id before, how many."""
    label = "NULL::text" if table.label is None else f"r.{table.label.field}"
    return (
        f"SELECT r.id, r.{table.column} AS held, {label} AS label,"
        f" {table.names} AS names FROM {table.name} AS r"
        " WHERE r.business_id = $1 AND r.id > $2::text ORDER BY r.id LIMIT $3"
    )


def _replace_sql(table: _Table) -> str:
    """Values: business, ids, what they hold from now on, their labels."""
    label = "" if table.label is None else f" {table.label.field} = n.label,"
    return (
        f"UPDATE {table.name} AS r SET {table.column} = n.one -> 'held',{label}"
        " version = r.version + 1"
        " FROM unnest($2::text[], $3::jsonb[], $4::text[]) AS n (id, one, label)"
        " WHERE r.business_id = $1 AND r.id = n.id"
    )


# The history of the records of a table, whose ids begin alike. Values: business, the
# first and the last of such ids, the change before, how many.
_TOLD = """
SELECT c.record_id, c.at, c.was, c.now, c.image, coalesce((SELECT {names}
  FROM {table} AS r WHERE r.business_id = $1 AND r.id = c.record_id), '{{}}') AS names
FROM changes AS c
WHERE c.business_id = $1 AND c.record_id > $2::text AND c.record_id < $3::text
  AND (c.record_id, c.at) > ($4::text, $5::timestamptz)
ORDER BY c.record_id, c.at LIMIT $6
"""


@dataclass(frozen=True, slots=True)
class Holders:
    """What has named persons: the ids of all records whose filters did, of those whose
    labels did, and of the webhooks that would send more from now on."""

    filters: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    wider_webhooks: set[str] = field(default_factory=set)


async def forget(
    transaction: Transaction,
    business_id: str,
    persons: Sequence[Person],
    fields: NamedFields,
) -> Holders:
    """Replaces what filters and labels name of persons."""
    found = Holders()
    for table in _TABLES:
        rows, after, sql = list[Row](), "", _find_sql(table)
        while not after or len(rows) == _AT_ONCE:
            rows = await transaction.rows(sql, business_id, after, _AT_ONCE)
            after = rows[-1]["id"] if rows else "~"
            changed = [
                each
                for row in rows
                if (each := _left(table, row, persons, fields, found)) is not None
            ]
            if changed:
                lists = map(list, zip(*changed, strict=True))
                await transaction.run(_replace_sql(table), business_id, *lists)
        if table.prefix:
            its = business_id, table, persons, fields, found
            await _tell_anew(transaction, *its)
    return found


def _left(
    table: _Table,
    row: Row,
    persons: Sequence[Person],
    fields: NamedFields,
    found: Holders,
) -> tuple[str, Any, str | None] | None:
    """The id of a row, and what is left of it; None if it named nobody."""
    record_id, held, label, about = row
    its = fields.of(about)
    told = forgotten(held, persons, its)
    if told != held:
        found.filters.add(record_id)
        if table.name == "webhooks" and widens(held, told, its):
            found.wider_webhooks.add(record_id)
    left = label if table.label is None else table.label.left(label, persons)
    if left != label:
        found.labels.add(record_id)
    if (told, left) == (held, label):
        return None
    return record_id, {"held": told}, left  # of lists, an array would be made


async def _tell_anew(
    transaction: Transaction,
    business_id: str,
    table: _Table,
    persons: Sequence[Person],
    fields: NamedFields,
    found: Holders,
) -> None:
    """Tells the history of the records of a table anew."""
    sql = _TOLD.format(table=table.name, names=table.names)
    rows, after = list[Row](), ("", 0)
    its = business_id, table.prefix, f"{table.prefix}~"
    while not after[0] or len(rows) == _AT_ONCE:
        rows = await transaction.rows(sql, *its, *after, _AT_ONCE)
        after = (rows[-1]["record_id"], rows[-1]["at"]) if rows else ("~", 0)
        by_record: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            about, record_id = fields.of(row["names"]), row["record_id"]
            before = [row[name] for name in _STATES]
            after_filters = [forgotten(each, persons, about) for each in before]
            left = [_without_label(table, each, persons) for each in after_filters]
            if after_filters != before:
                found.filters.add(record_id)
            if left != after_filters:
                found.labels.add(record_id)
            if left != before:
                by_record.setdefault(record_id, []).append((row["at"], *left))
        for record_id, changed in by_record.items():
            lists = map(list, zip(*changed, strict=True))
            await transaction.run(REWRITE_SQL, business_id, record_id, *lists)


def _without_label(table: _Table, state: Any, persons: Sequence[Person]) -> Any:
    return state if table.label is None else table.label.left_of(state, persons)


_STATES = ("was", "now", "image")


def forgotten(
    held: Any, persons: Sequence[Person], fields: NamedFields = ANY_FIELDS
) -> Any:
    """What is left of JSON that holds filters."""
    for person in persons:
        every = list[str]()
        _gather(held, fields, every)
        # Two conditions may have a name each.
        held = _without(held, _Naming(person, person.has_names(every), fields))
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
        may_name = is_told and self.fields.may_name(field, value)
        return may_name and self.person.has_a_name(value)


def _gather(held: Any, fields: NamedFields, found: list[str]) -> None:
    """The texts that filters compare text fields with."""
    if isinstance(held, list):
        for each in held:
            _gather(each, fields, found)
    elif isinstance(held, dict):
        if not isinstance(held.get("field"), str):
            for each in held.values():
                _gather(each, fields, found)
        else:
            texts = [each for each in _values_of(held) if isinstance(each, str)]
            found += [each for each in texts if fields.may_name(held["field"], each)]


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
