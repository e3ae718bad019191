"""Order by a field that the tenant defines: records with a value, then the others.

Records with a value are read along the index of `typed_values`, the others by id. A
cursor's value is empty for a position among the others: no value is.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.kinds.own_fields import OwnField, OwnFields
from services.kinds.typed_values import NUMBERS, TIMES
from services.postgres.database import Database, Row
from services.postgres.sql_parts import Condition, Parameters
from services.search.pages import Page
from services.search.reading import Reach, read

_PREFIX = "custom_fields."
_MOST_NAMES = 50  # in a message

Position = tuple[str, str]


def ordered_field(own: OwnFields, name: str) -> OwnField | None:
    """The field of an order such as `custom_fields.seats`, None if none orders so."""
    if not name.startswith(_PREFIX):
        return None
    found = own.by_key.get(name.removeprefix(_PREFIX))
    if found is None or found.archived or found.key in own.masked:
        return None
    return found if found.is_typed else None


def ordered_names(own: OwnFields) -> list[str]:
    """The names of orders by fields that the tenant defines, of very many the first."""
    names = (f"{_PREFIX}{key}" for key in own.by_key)
    orders = (each for each in names if ordered_field(own, each) is not None)
    return list(islice(orders, _MOST_NAMES))


def _column(own: OwnField) -> tuple[str, str]:
    """The column of typed values that orders, and its type."""
    if own.rules.type in NUMBERS or own.rules.type == pb.FIELD_TYPE_BOOLEAN:
        return "number", "numeric"
    return ("moment", "timestamptz") if own.rules.type in TIMES else ("text", "text")


def _with_value(whole: Page, own: OwnField, position: Position | None, p: Any) -> Page:
    """The page of records that have a value, after a position."""
    column, column_type = _column(own)
    table = (
        f"(SELECT c.*, v.{column} AS own_value, v.record_id AS own_id"
        f" FROM typed_values AS v JOIN {whole.table} AS c"
        " ON c.business_id = v.business_id AND c.id = v.record_id"
        f" WHERE v.{whole.tenant.removeprefix('r.')} AND v.object = {whole.object}"
        f" AND v.key = '{own.found_by}' AND v.{column} IS NOT NULL)"
    )
    bounds = list(whole.bounds)
    if position is not None:
        sign = "<" if whole.word == "DESC" else ">"
        value, record_id = position
        place = f"{p.place(value, 'text')}::{column_type}"
        here = f"({place}, {p.place(record_id, 'text')})"
        bounds.append(f"(r.own_value, r.own_id) {sign} {here}")
    return replace(whole, table=table, key="r.own_value", id="r.own_id", bounds=bounds)


def _without_value(
    whole: Page, own: OwnField, position: Position | None, p: Parameters
) -> Page:
    """The page of records that have no value, after a position."""
    # Not `NOT EXISTS`: PostgreSQL makes a join of that, which may lose the order.
    lacks = (
        "(EXISTS (SELECT FROM typed_values AS v WHERE v.business_id = r.business_id"
        f" AND v.object = {whole.object} AND v.key = '{own.found_by}'"
        " AND v.record_id = r.id)) IS NOT TRUE"
    )
    bounds = list(whole.bounds)
    if position is not None:
        sign = "<" if whole.word == "DESC" else ">"
        bounds.append(f"r.id {sign} {p.place(position[1], 'text')}")
    conditions = [*whole.conditions, Condition((lacks,))]
    return replace(whole, key="''::text", bounds=bounds, conditions=conditions)


async def read_ordered(
    database: Database,
    whole: Page,
    own: OwnField,
    position: Position | None,
    values: Sequence[Any],
    reach: Reach,
) -> list[Row]:
    """The rows of a page, one more than it holds if others follow."""
    rows: list[Row] = []
    if position is None or position[0]:
        p = Parameters(list(values))
        page = _with_value(whole, own, position, p)
        rows = await read(database, page, p.values, reach)
        position = None
    if len(rows) >= whole.limit:
        return rows
    p = Parameters(list(values))
    rest = replace(whole, limit=whole.limit - len(rows))
    page = _without_value(rest, own, position, p)
    return [*rows, *await read(database, page, p.values, reach)]
