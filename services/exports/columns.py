"""The columns of a table of records, which are known before the first record is read.

What has no fixed columns, such as custom fields without a definition, is JSON in one
cell.
"""

from collections.abc import Mapping

from services.exports.cells import Column
from services.exports.own_names import member_of
from services.exports.selection import NAME, Selection
from services.kinds.record_type import Field, FieldType
from services.kinds.sensitive import MASKED
from services.records.rows import public_names

# Stages are parts of pipelines: no record leads to them as to another one.
STAGE, STAGE_ID = "stage", "stage_id"

_TYPES: Mapping[FieldType, str] = {
    FieldType.STRING: "text",
    FieldType.ID: "text",
    FieldType.ENUM: "text",
    FieldType.INTEGER: "whole",
    FieldType.BOOLEAN: "truth",
    FieldType.DATE: "date",
    FieldType.TIMESTAMP: "time",
    FieldType.TAGS: "texts",
    FieldType.IDS: "texts",
}


def columns_of(selection: Selection, *, keyed: bool) -> tuple[Column, ...]:
    """The columns of a selection.

    `keyed`: custom fields with a definition have columns of their own.
    """
    kind, asked = selection.kind, selection.call.asked
    names = None if asked is None else asked.names
    found: list[Column] = []
    links = () if asked is None else asked.links
    named = {each.field: each.path for each in links if selection.names}
    if selection.names and STAGE_ID in kind.by_name:
        named[STAGE_ID] = STAGE
    for name in public_names(kind):
        if name == MASKED:
            if selection.own.masked:
                found.append(Column(name))
            continue
        if names is not None and name not in names[0] and name not in dict(names[1]):
            continue
        field = kind.by_name.get(name)
        if field is None or field.type is not FieldType.CUSTOM or not keyed:
            found.append(_column(name, field))
            if path := named.get(name):
                found.append(_named(path))
            if field is not None and field.type is FieldType.CUSTOM:
                found += [_named(member_of(each.key)) for each in selection.own_links]
            continue
        parts = () if names is None else dict(names[1]).get(name, ())
        found += _keyed(name, selection, parts)
    if asked is not None:
        if not selection.names:
            found += [Column(each.path) for each in asked.links if not each.parent]
        found += [Column("associations")] if asked.lists else []
    return tuple(found)


def _named(path: str) -> Column:
    """The column with the name of the record that a path leads to."""
    return Column(f"{path}.{NAME}", NAME, type="text")


def _column(name: str, field: Field | None) -> Column:
    if field is None:
        return Column(name)
    if field.type is not FieldType.DECIMAL:
        return Column(name, type=_TYPES.get(field.type, "json"))
    if not field.policy.HasField("decimals"):
        return Column(name, type="text")
    return Column(name, type="decimal", decimals=field.policy.decimals)


def _keyed(name: str, selection: Selection, parts: tuple[str, ...]) -> list[Column]:
    """The columns of custom fields: one for each key that is known, and its name."""
    own, links = selection.own, {each.key for each in selection.own_links}
    keys = parts or sorted(k for k, each in own.by_key.items() if not each.archived)
    known = list[Column]()
    for key in keys:
        known.append(Column(f"{name}.{key}", key))
        if key in links:
            known.append(_named(member_of(key)))
    return known if parts else [*known, Column(name, others=frozenset(keys))]
