"""The columns of a table of records, which are known before the first record is read.

What has no fixed columns, such as custom fields without a definition, is JSON in one
cell.
"""

from collections.abc import Mapping

from services.exports.cells import Column
from services.exports.selection import Selection
from services.kinds.own_fields import OwnFields
from services.kinds.record_type import Field, FieldType
from services.kinds.sensitive import MASKED
from services.records.rows import public_names

# Stages are parts of pipelines: no record leads to them as to another one.
STAGE, STAGE_ID, NAME = "stage", "stage_id", "name"

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
                found.append(Column(f"{path}.{NAME}", NAME, type="text"))
            continue
        parts = () if names is None else dict(names[1]).get(name, ())
        found += _keyed(name, selection.own, parts)
    if asked is not None:
        if not selection.names:
            found += [Column(each.path) for each in asked.links if not each.parent]
        found += [Column("associations")] if asked.lists else []
    return tuple(found)


def _column(name: str, field: Field | None) -> Column:
    if field is None:
        return Column(name)
    if field.type is not FieldType.DECIMAL:
        return Column(name, type=_TYPES.get(field.type, "json"))
    if not field.policy.HasField("decimals"):
        return Column(name, type="text")
    return Column(name, type="decimal", decimals=field.policy.decimals)


def _keyed(name: str, own: OwnFields, parts: tuple[str, ...]) -> list[Column]:
    """The columns of custom fields: one for each key that is known."""
    if parts:
        return [Column(f"{name}.{key}", key) for key in parts]
    keys = [key for key, each in own.by_key.items() if not each.archived]
    known = [Column(f"{name}.{key}", key) for key in sorted(keys)]
    return [*known, Column(name, others=frozenset(keys))]
