"""Makes the command that changes several records at once.

It writes those of the records that still have the versions which they were read with,
and answers with their ids. The values have the order of the parameters in
`changed_statements.py`.
"""

from collections.abc import Sequence
from typing import Any

from services.caller import Call
from services.records.commands import Command
from services.records.compiled import CompiledKind
from services.records.log.actor import actor_of
from services.records.log.changes import UPDATED
from services.records.several.changed_statements import update_many_sql
from services.records.several.many_statements import as_text
from services.records.single_writes import Changed
from services.records.statements import Own, Shape
from services.records.values.unique_values import NONE

# What changes may owe to the tenant's definitions that share a statement.
_CHECKED: Sequence[Own] = ("", "current", "guarded")


def sharing(changed: Changed) -> tuple[Own, Any] | None:
    """What the changes have in common that share a statement. None if one cannot.

    A change of a record alone may check references, take and free unique values, and
    write typed values and the timeline.
    """
    its = changed.companions
    if its.references or its.events or its.unique is not NONE or its.newest:
        return None
    if its.own is None:
        return "", None
    if its.own.part not in _CHECKED:
        return None
    return its.own.part, its.own.parameters[0]


def update_many(
    kind: CompiledKind[Any], call: Call, every: Sequence[Changed]
) -> Command:
    """Returns the command that writes changes of different records.

    `every` are in the order of the records' ids, and have the same `sharing`.
    """
    companions = every[0].companions
    own, has_log = companions.own, companions.change is not None
    names = {name for each in every for name in each.columns}
    columns = tuple(each for each in kind.kind.columns if each in names)
    shape = Shape(
        table=kind.kind.table,
        columns=columns,
        own="" if own is None else own.part,
        object_column=kind.kind.object_field,
        operation=UPDATED if has_log else 0,
    )
    values: list[Any] = [
        call.caller.business_id,
        [each.record.id for each in every],
        [each.version for each in every],
        *_columns(kind, columns, every),
    ]
    values += () if own is None else own.parameters
    if has_log:
        values += [*_logged(every), *actor_of(call)]
    return Command(update_many_sql(shape), values)


def _columns(
    kind: CompiledKind[Any],
    columns: Sequence[tuple[str, str]],
    every: Sequence[Changed],
) -> list[list[Any]]:
    """The values of each column that one of the changes writes."""
    rows = []
    for each in every:
        given = each.columns
        if len(given) < len(columns):
            of_all = kind.codec.values(each.record)
            given = dict(zip(kind.kind.columns, of_all, strict=True))
        rows.append([given[column] for column in columns])
    found = [list(column) for column in zip(*rows, strict=True)]
    for index, (_, column_type) in enumerate(columns):
        if column_type.endswith("[]"):
            found[index] = [as_text(each) for each in found[index]]
    return found


def _logged(every: Sequence[Changed]) -> list[list[Any]]:
    """What the log says of the changes: their records, then each column."""
    rows = [
        (each.record.id, *change.parameters)
        for each in every
        if (change := each.companions.change) is not None
    ]
    return [list(column) for column in zip(*rows, strict=True)]
