"""What a survivor gives back when a merge is undone: what it took and still has."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from prospectconnect.crm.v1.deals_pb2 import DEAL_STATUS_LOST

from services.caller import Caller
from services.kinds.field_rules import lowered
from services.kinds.formats import day, digits
from services.kinds.own_fields import OwnFields
from services.kinds.record_type import Field, FieldType, RecordType
from services.merging.joining import GROUPS
from services.postgres.database import Database, Row
from services.records.compiled import CompiledKind
from services.records.log.changes import KEYED, OWN_TIME
from services.records.many.merged import MERGED_IDS, survivors_of
from services.records.own_values import CUSTOM_FIELDS

Values = Mapping[str, Any]

# Of the fields that follow from a stage, the one that people write by itself. A deal
# that leaves a lost stage has none.
_REASON = "lost_reason"

_READERS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.DATE: day,
    FieldType.DECIMAL: Decimal,
}


async def led_on(
    database: Database,
    compiled: CompiledKind[Any],
    caller: Caller,
    took: Row | None,
    own: OwnFields,
) -> tuple[Values, Values]:
    """What a merge changed of its survivor: before it, and after it.

    References to what was merged since lead to its survivor: that was no change. A
    value and its currency are told together if one came and the other changed since.
    """
    if took is None:
        return {}, {}
    was, now = took["was"], took["now"]
    if took["since"] is not None:
        other = took["other"]
        was[other] = now[other] = took["since"][other]
    names = [item.name for item in compiled.references]
    names += [f"{CUSTOM_FIELDS}.{each.key}" for each in own.references]
    told = [name for name in names if name in now]
    ids = {each[name] for each in (was, now) for name in told} - {None}
    if not ids:
        return was, now
    led = await survivors_of(database, caller.business_id, sorted(ids))
    for each in (was, now):
        each.update({name: led.get(each[name], each[name]) for name in told})
    return was, now


def given_back(
    compiled: CompiledKind[Any],
    business_id: str,
    survivor: Any,
    took: tuple[Values, Values],
    others: Sequence[Any],
) -> Any:
    """The survivor without what it took from others.

    `took` are the values that the merge changed, before it and after it, as the log has
    them. A value that is no longer as the merge left it stays.
    """
    kind, (was, now) = compiled.kind, took
    names = [item.name for item in kind.fields]
    columns = dict(zip(names, compiled.codec.values(survivor), strict=True))
    back = _back(kind, columns, was, now)
    for item in kind.fields:
        if item.type in KEYED:
            columns[item.name] = _keys(item.name, columns[item.name] or {}, was, now)
            if item.nullable and not columns[item.name]:
                columns[item.name] = None
        elif item.name in back:
            columns[item.name] = back[item.name]
        elif item.type is FieldType.TAGS and item.name in was:
            columns[item.name] = _tags(columns[item.name], was, now, item.name)
    led = {each.id for each in others}.union(*(e.merged_ids for e in others))
    columns[MERGED_IDS] = [each for each in columns[MERGED_IDS] if each not in led]
    row: Any = (business_id, *(columns[name] for name in names), int(survivor.etag))
    return compiled.codec.read(row, business_id)


def _back(kind: RecordType, columns: Values, was: Values, now: Values) -> Values:
    """The values of fields that go back as they were, by the fields' names.

    All are judged by the survivor as it is, before any value goes back.
    """
    unchanged = dict[str, Any]()
    for item in kind.fields:
        if item.name in was and item.name not in (MERGED_IDS, OWN_TIME):
            read = _READERS.get(item.type, _itself)
            if _is_same(kind, item, columns[item.name], _read(read, now[item.name])):
                unchanged[item.name] = _read(read, was[item.name])
    for first, group in GROUPS.items():
        told = {name for name in (first, *group) if name in now}
        stays = told - unchanged.keys() - {_REASON}
        if stays and first in kind.by_name:
            unchanged = {k: v for k, v in unchanged.items() if k not in told}
    if "status" in unchanged and now["status"] == DEAL_STATUS_LOST:
        unchanged[_REASON] = was.get(_REASON)
    return unchanged


def _is_same(kind: RecordType, item: Field, one: Any, other: Any) -> bool:
    """Whether a value is another one, also if its spelling is a different one.

    Phones are found by their digits, e-mail addresses and domains without case.
    """
    if item.name in kind.policy.match_by and one and other:
        spelled = digits if item.is_phone else lowered
        return bool(spelled(one) == spelled(other))
    return bool(one == other)


def _keys(name: str, current: Values, was: Values, now: Values) -> dict[str, Any]:
    """The values of a struct, each key given back by itself."""
    kept = dict(current)
    for path, value in now.items():
        struct, _, key = path.partition(".")
        if struct == name and key and kept.get(key) == value:
            if was[path] is None:
                kept.pop(key, None)
            else:
                kept[key] = was[path]
    return kept


def _tags(current: Sequence[str], was: Values, now: Values, name: str) -> list[str]:
    """Texts without those that the merge added; what it took away comes back."""
    before, after = was[name] or [], now[name] or []
    if list(current) == after:
        return list(before)
    kept = [each for each in current if each in before or each not in after]
    return kept + [e for e in before if e not in after and e not in kept]


def _read(read: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else read(value)


def _itself(value: Any) -> Any:
    return value
