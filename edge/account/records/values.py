"""Values and changes of fields as people read them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Value
from prospectconnect.crm.v1 import own_records_pb2 as pb
from prospectconnect.crm.v1.merges_pb2 import MovedCounts
from prospectconnect.type.v1.history_pb2 import ChangeOperation, FieldChange

_RECORD_ID = re.compile(r"(?!usr_)[a-z]+_[0-9a-f]{24}")
_ONE = {"companies": "company", "activities": "activity"}
# A longer text is folded: a click shows the rest.
_LONG, _SHOWN = 240, 160


@dataclass(frozen=True, slots=True)
class Shown:
    """A value. `begin` is how a long one begins; `ids`: it names these records."""

    text: str
    begin: str = ""
    ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a change, before and after; None for nothing."""

    field: str
    was: Shown | None
    now: Shown | None


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a record: what was done, by whom, and which fields it changed.

    `made_with` is the app or the token; both it and `user` are empty for none.
    """

    made: FieldChange
    done: str
    user: str
    made_with: str
    entries: Sequence[Entry]


def changes_of(found: pb.ReadOwnHistoryResponse) -> list[Change]:
    """The changes of a page. The entries of one stand together."""
    names, parts = found.names, dict[tuple[int, int], list[pb.OwnChange]]()
    for each in found.changes:
        at = each.change.at
        parts.setdefault((at.seconds, at.nanos), []).append(each)
    return [_change(part, names) for part in parts.values()]


def _change(part: Sequence[pb.OwnChange], names: Mapping[str, str]) -> Change:
    made = part[0].change
    operation = ChangeOperation.Name(made.operation)
    made_with = made.client_id or made.token_id
    return Change(
        made=made,
        done=operation.rpartition("_")[2].capitalize(),
        user=names.get(made.user_id) or made.user_id,
        made_with=names.get(made_with) or made_with,
        entries=[_entry(each.change, names) for each in part],
    )


def _entry(change: FieldChange, names: Mapping[str, str]) -> Entry:
    was: Value = getattr(change, "from")
    return Entry(change.field, shown(was, names), shown(change.to, names))


def shown(value: Value, names: Mapping[str, str]) -> Shown | None:
    """A value; None if it is empty. A user's id is shown as their name."""
    kind = value.WhichOneof("kind")
    if kind is None or kind == "null_value":
        return None
    plain: Any = MessageToDict(value)
    ids = plain if isinstance(plain, list) else [plain]
    if ids and all(isinstance(e, str) and _RECORD_ID.fullmatch(e) for e in ids):
        return Shown(", ".join(ids), ids=ids)
    if kind == "string_value" and value.string_value in names:
        return Shown(names[value.string_value])
    text = _text(plain)
    if not text:
        return None
    return Shown(text, text[:_SHOWN] if len(text) > _LONG else "")


def counts_in_words(moved: MovedCounts) -> list[str]:
    """Counts of records in words: `1 note`, `3 deals`."""
    lines = []
    for item, number in moved.ListFields():
        one = _ONE.get(item.name, item.name[:-1])
        lines.append(f"{number:,} {one if number == 1 else item.name}")
    return lines


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not any(isinstance(e, dict | list) for e in value):
        return ", ".join(map(_text, value))
    return orjson.dumps(value).decode()
