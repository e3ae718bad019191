"""Rows on their way to requests: their bodies, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.importing.lookups import folded
from services.importing.reading.rows import Row
from services.kinds.record_type import RecordType

Json = dict[str, Any]
# A fault: its path, its code, and a sentence.
Said = tuple[str, str, str]
# So deep may requests nest. Answers show rows some levels below their own values, and
# Protobuf reads no answer of more than a hundred messages one in another.
_MOST_LEVELS = 16


@dataclass(slots=True)
class Result:
    """What became of a row. `values` is what it gives: the body of its request.

    `let_go` are the read-only fields among them, which no request has. `is_undated`: it
    gives a deal that is won or lost, and no day on which it was.
    """

    row: Row
    status: int = pb.IMPORT_ROW_STATUS_FAILED
    record_id: str | None = None
    problem: Json | None = None
    values: Json | None = None
    let_go: tuple[str, ...] = ()
    is_undated: bool = False


@dataclass(slots=True)
class Draft:
    """A row on its way: the body of its request, and what its columns link to.

    `match` is the value by which its record is found. `said` are faults that no request
    has. `past` are the moments of a record that was made elsewhere.
    """

    result: Result
    body: Json = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    match: str = ""
    said: list[Said] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    past: dict[str, int] = field(default_factory=dict)


def keys_of(kind: RecordType, draft: Draft) -> set[tuple[str, str]]:
    """The values of a row by which later rows may mean its record."""
    found = set[tuple[str, str]]()
    external = draft.body.get("external_ids")
    if type(external) is dict:
        found |= {
            (f"external_ids.{k}", v) for k, v in external.items() if type(v) is str
        }
    custom = draft.body.get("custom_fields")
    if type(custom) is dict:
        found |= {
            (f"custom_fields.{k}", v) for k, v in custom.items() if type(v) is str
        }
    for name in kind.policy.match_by:
        value = draft.body.get(name)
        if type(value) is str:
            found.add((name, folded(kind, name, value)))
    return found


def storable(value: Any, levels: int = _MOST_LEVELS) -> Any:
    """A JSON value as a column of JSON can hold it, and as an answer can show it.

    U+FFFD stands for NUL, and a double for an integer of more than 64 bits: null where
    no double is so large. An ellipsis stands for what nests more levels deep.
    """
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if type(value) in (dict, list) and not levels:
        return "\N{HORIZONTAL ELLIPSIS}"
    if type(value) is dict:
        its = value.items()
        return {storable(name): storable(each, levels - 1) for name, each in its}
    if type(value) is list:
        return [storable(each, levels - 1) for each in value]
    if isinstance(value, int) and value.bit_length() > 63:
        return float(value) if value.bit_length() < 1_000 else None
    return value


def value_at(body: Mapping[str, Any], path: str) -> str:
    """The value at a path of a body, as text; "" for none."""
    holder, dot, key = path.partition(".")
    value = body.get(holder)
    if dot:
        value = value.get(key) if type(value) is dict else None
    return "" if value is None or type(value) in (dict, list) else str(value)


def set_default(body: Json, path: str, value: Any) -> None:
    """Sets the value at a path of a body that gives none."""
    holder, dot, key = path.partition(".")
    if not dot:
        if body.get(holder) is None:
            body[holder] = value
    elif type(body.setdefault(holder, {})) is dict and body[holder].get(key) is None:
        body[holder][key] = value
