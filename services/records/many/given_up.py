"""Values that merged records had, or a survivor itself, and that it has no more.

An upsert by such a value means the survivor. Each value is a row of `unique_values`
under a key of its own, with the id of the merged record: that leads on like the id
itself. It is looked for only if an upsert would create a record.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from services.caller import Caller
from services.kinds.custom_fields import value_to_json
from services.kinds.matching import MERGED, Match
from services.kinds.own_fields import OwnFields
from services.kinds.record_type import Field, FieldType, Kinds, RecordType
from services.postgres.database import Database
from services.records.visibility import USER, visible

# Keys, values, the records that had them, and how the values are compared: by their
# "digits", in "lower" case, or as they are.
GivenUp = tuple[list[str], list[str], list[str], list[str]]


def given_up(
    kind: RecordType, own: OwnFields, others: Sequence[Any], states: tuple[Any, Any]
) -> GivenUp:
    """What upserts could find records by, and the survivor has not after the merge.

    `states` are the survivor before and after it. What it gave up itself leads by the
    first of the others: so it ends together with the merge.
    """
    found: GivenUp = [], [], [], []
    before, after = states
    every = [(each.id, each) for each in others] + [(others[0].id, before)]
    for record_id, record in every:
        for path, value, how in _lost(kind, own, record, after):
            row = f"{MERGED}{path}", value, record_id, how
            for column, each in zip(found, row, strict=True):
                column.append(each)
    return found


def _lost(
    kind: RecordType, own: OwnFields, record: Any, after: Any
) -> Iterator[tuple[str, str, str]]:
    for name in kind.policy.match_by:
        value = getattr(record, name)
        if value and value != getattr(after, name):
            yield name, value, _compared(kind.by_name[name])
    for item in kind.fields:
        if item.type is FieldType.EXTERNAL:
            had, kept = (getattr(each, item.name).fields for each in (record, after))
            for system, value in had.items():
                if kept.get(system) != value:
                    yield f"{item.name}.{system}", value.string_value, ""
        elif item.type is FieldType.CUSTOM and own.checks:
            had, kept = (getattr(each, item.name).fields for each in (record, after))
            for field in own.by_key.values():
                value = had.get(field.key)
                if value is not None and field.is_key and value != kept.get(field.key):
                    digest = field.typed(value_to_json(value)).digest or b""
                    yield f"{item.name}.{field.key}", digest.hex(), ""


def _compared(field: Field) -> str:
    if field.type in (FieldType.EXTERNAL, FieldType.CUSTOM):
        return ""
    return "digits" if field.is_phone else "lower"


def compared_sql(how: str, value: str) -> str:
    """The SQL of a value as it is compared, by the SQL of how that is."""
    return (
        f"CASE {how} WHEN 'digits' THEN digits({value})"
        f" WHEN 'lower' THEN lower({value}) ELSE {value} END"
    )


async def survivor_with(
    database: Database,
    kind: RecordType,
    kinds: Kinds,
    caller: Caller,
    sought: tuple[str, Match],
) -> str | None:
    """The survivor of a merged record that had a value; None if the caller sees none.

    `sought` are the name of the records' type and the value. Costs a statement.
    """
    its, match = sought
    value = match.value if match.digest is None else match.digest.hex()
    values = [caller.business_id, its, f"{MERGED}{match.path}", value]
    values.append(_compared(match.field))
    seen = visible(kind, caller, kinds)
    if USER in seen:
        values.append(caller.user_id)
    seen = seen.format(tenant="$1", user="$6")
    row = await database.row(
        "SELECT r.id FROM unique_values AS u JOIN merged_records AS m"
        " ON m.business_id = $1 AND m.record_id = u.record_id"
        f" JOIN {kind.table} AS r ON r.business_id = $1 AND r.id = m.survivor_id"
        f" AND r.deleted_at IS NULL{seen and f' AND {seen}'}"
        " WHERE u.business_id = $1 AND u.object = $2 AND u.key = $3"
        f" AND u.value = {compared_sql('$5::text', '$4::text')}",
        *values,
    )
    return None if row is None else str(row[0])
