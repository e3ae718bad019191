"""What a change is called: its type, as the feed tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from prospectconnect.options.v1 import options_pb2

from services.kinds.record_type import Kinds, RecordType
from services.postgres.database import Row
from services.records.log.changes import (
    CREATED,
    DELETED,
    ERASED,
    RESTORED,
    UPDATED,
    is_told,
)
from services.records.many.merged import can_merge

MERGED, UNMERGED, ERASED_WORD = "merged", "unmerged", "erased"

_VERBS: Mapping[int, str] = {
    CREATED: "created",
    UPDATED: "updated",
    DELETED: "deleted",
    RESTORED: "restored",
    ERASED: ERASED_WORD,
}
# What it means that a field has a value which had none, by the resource.
_FIRST: Mapping[str, Mapping[str, str]] = {"sender": {"verified_at": "verified"}}
OWNER_CHANGED = "owner_changed"


@dataclass(frozen=True, slots=True)
class _Words:
    """What the protos call changes of a record's fields.

    `of_values` are the words for new values of an enum, by field and number, and
    `of_fields` those for a change of a field, whatever its new value.
    """

    of_values: Mapping[str, Mapping[int, str]]
    of_fields: Mapping[str, str]


def told_kinds(kinds: Kinds) -> list[RecordType]:
    """The kinds of records whose changes are told."""
    return [kind for kind in kinds.values() if is_told(kind)]


def types_of(kind: RecordType) -> list[str]:
    """The types that changes of a kind's records have."""
    verbs = ["created", "updated"]
    verbs += [] if kind.policy.told_to_maker else ["deleted", "restored"]
    verbs += [MERGED, UNMERGED] if can_merge(kind) else []
    verbs += [ERASED_WORD] if kind.policy.erasable else []
    words = _words(kind)
    for meanings in words.of_values.values():
        verbs += dict.fromkeys(meanings.values())
    verbs += dict.fromkeys(words.of_fields.values())
    verbs += _FIRST.get(kind.resource, {}).values()
    verbs += [OWNER_CHANGED] if _owner(kind) else []
    return [f"{kind.resource}.{verb}" for verb in verbs]


def type_of(kind: RecordType, row: Row, merged: bool) -> str:
    """The type of a change; `merged`: a merge or its undoing made it."""
    return f"{kind.resource}.{_verb(kind, row, merged)}"


def _verb(kind: RecordType, row: Row, merged: bool) -> str:
    operation = row["operation"]
    if merged and operation in (DELETED, RESTORED):
        return MERGED if operation == DELETED else UNMERGED
    if operation != UPDATED:
        return _VERBS[operation]
    was, now = row["was"] or {}, row["now"] or {}
    words = _words(kind)
    for field, meanings in words.of_values.items():
        if field in now and now[field] != was.get(field) and now[field] in meanings:
            return meanings[now[field]]
    for field, verb in words.of_fields.items():
        if field in now:
            return verb
    for field, verb in _FIRST.get(kind.resource, {}).items():
        if now.get(field) is not None and was.get(field) is None:
            return verb
    return OWNER_CHANGED if _owner(kind) in now else _VERBS[UPDATED]


def _owner(kind: RecordType) -> str:
    """The field by which clients give a record to somebody, "" if there is none."""
    field = kind.by_name.get(kind.policy.owner_field)
    return "" if field is None or field.read_only else field.name


@cache
def _words(kind: RecordType) -> _Words:
    """Reads the options `told_as` of a kind, which lives as long as the program."""
    fields = kind.message.DESCRIPTOR.fields
    policies = ((each.name, each.GetOptions().Extensions) for each in fields)
    moved = ((name, every[options_pb2.field].told_as) for name, every in policies)
    values = ((each.name, _words_of_values(each)) for each in fields)
    return _Words(
        {name: words for name, words in values if words},
        {name: word for name, word in moved if word},
    )


def _words_of_values(field: Any) -> dict[int, str]:
    values = field.enum_type.values if field.enum_type else ()
    told = options_pb2.told_as
    words = {each.number: each.GetOptions().Extensions[told] for each in values}
    return {number: word for number, word in words.items() if word}
