"""Names of the records that a tenant's own fields lead to, for tables with names.

The record of a file has a member for each such field, called as its column begins:
`custom_fields.KEY`. A name is None where the caller may not see the record.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.answers.finding import rows_of
from services.answers.reading import Every, may_read
from services.caller import Caller
from services.exports.selection import CUSTOM_FIELDS, NAME
from services.kinds.objects import kind_named
from services.kinds.own_fields import OwnField, Schema


def member_of(key: str) -> str:
    """How the member is called that has the name for one key."""
    return f"{CUSTOM_FIELDS}.{key}"


async def names_of(
    every: Every,
    caller: Caller,
    schema: Schema,
    links: Iterable[OwnField],
    records: Sequence[Any],
) -> list[dict[str, Any]]:
    """The members for each of some records.

    One statement for each kind of record that they lead to.
    """
    held = [(each.key, each.refers_to) for each in links]
    wanted: dict[str, set[str]] = {}
    kinds = next(iter(every.values())).kinds
    for key, target in held:
        resource = kind_named(kinds, target).resource
        found = (_id_in(each, key) for each in records)
        wanted.setdefault(resource, set()).update(filter(None, found))
    names: dict[str, str | None] = {}
    for resource, ids in wanted.items():
        names |= await _named(every, caller, schema, resource, ids)
    return [
        {member_of(key): {NAME: names.get(_id_in(each, key))} for key, _ in held}
        for each in records
    ]


async def _named(
    every: Every, caller: Caller, schema: Schema, resource: str, ids: set[str]
) -> Mapping[str, str | None]:
    """The names of records of one kind that the caller sees, by their ids."""
    kind = every[resource].kind
    if not may_read(caller, kind):
        return {}
    of_object = kind.object_field
    columns = f"r.id, r.{NAME}{f', r.{of_object}' if of_object else ''}"
    rows = await rows_of(every[resource], columns, caller, ids)
    return {
        row["id"]: row[NAME]
        for row in rows
        if not of_object or row[of_object] in schema.custom
    }


def _id_in(record: Any, key: str) -> str:
    fields = record.custom_fields.fields
    return str(fields[key].string_value) if key in fields else ""
