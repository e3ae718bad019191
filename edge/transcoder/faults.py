"""All faults in the shape of a body, each with its path.

It runs only after the decoder refused a body, so it is written for clarity, not speed.
It keeps the parts that it can read; the services check their rules, and one answer
contains the faults of both.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from edge.problems import Fault
from edge.transcoder.decode import MAX_DEPTH
from edge.transcoder.formats import Unreadable, no_field
from edge.transcoder.open_values import read_double
from edge.transcoder.shapes import FieldShape, MessageShape

_PLAIN_KEY = re.compile(r"[^\x00-\x1f]{1,100}")

# Replaces a part that could not be read and is left out.
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Findings:
    """The faults of a body, and the body without its faulty parts.

    Lists keep their length, so that indices still refer to the same elements.
    """

    body: Any
    faults: list[Fault] = field(default_factory=list)


def find_faults(shape: MessageShape, body: Any) -> Findings:
    """Finds all faults of a JSON body: none if the decoder can read it."""
    faults: list[Fault] = []
    readable = _message(shape, body, "", 1, faults)
    return Findings({} if readable is _NOTHING else readable, faults)


def _message(
    shape: MessageShape, value: Any, path: str, depth: int, faults: list[Fault]
) -> Any:
    if type(value) is not dict:
        return _fault(faults, path or "body", "invalid_type", "Give an object.")
    if depth > MAX_DEPTH:
        return _too_deep(faults, path)
    readable = {}
    for name, item in value.items():
        found = _field(shape.fields.get(name), item, _join(path, name), depth, faults)
        if found is not _NOTHING:
            readable[name] = found
    return readable


def _field(
    field: FieldShape | None, value: Any, path: str, depth: int, faults: list[Fault]
) -> Any:
    if field is None:
        name = path.rpartition(".")[2]
        return _fault(faults, path, "unknown_field", no_field(name))
    if field.refusal:
        return _fault(faults, path, "read_only", field.refusal)
    if value is None:
        return None
    if field.repeated:
        return _list(field, value, path, depth + 1, faults)
    return _one(field, value, path, depth + 1, faults)


def _list(
    field: FieldShape, value: Any, path: str, depth: int, faults: list[Fault]
) -> Any:
    if type(value) is not list:
        return _fault(faults, path, "invalid_type", "Give an array.")
    if depth > MAX_DEPTH:
        return _too_deep(faults, path)
    readable = [
        _element(field, item, f"{path}[{index}]", depth + 1, faults)
        for index, item in enumerate(value)
    ]
    return _NOTHING if _NOTHING in readable else readable


def _element(
    field: FieldShape, value: Any, path: str, depth: int, faults: list[Fault]
) -> Any:
    """An element, or a replacement if it cannot be read."""
    found = _NOTHING
    if value is None:
        _fault(faults, path, "invalid_type", "Give a value instead of null.")
    else:
        found = _one(field, value, path, depth, faults)
    if found is not _NOTHING:
        return found
    if field.struct or isinstance(field.takes, MessageShape):
        return {} if depth <= MAX_DEPTH else _NOTHING
    return "" if field.text or field.open else _NOTHING


def _one(
    field: FieldShape, value: Any, path: str, depth: int, faults: list[Fault]
) -> Any:
    if isinstance(field.takes, MessageShape):
        return _message(field.takes, value, path, depth, faults)
    if field.open and (type(value) is dict or not field.struct):
        return _open(value, path, depth, faults)
    try:
        field.takes(value)
    except Unreadable as error:
        return _fault(faults, path, error.code, error.message)
    return value


def _open(value: Any, path: str, depth: int, faults: list[Fault]) -> Any:
    """Walks a value without a fixed shape; only its numbers can be wrong."""
    if type(value) in (dict, list) and depth > MAX_DEPTH:
        return _too_deep(faults, path)
    if type(value) is dict:
        kept = {
            key: _open(item, _join(path, key), depth + 1, faults)
            for key, item in value.items()
        }
        return {key: item for key, item in kept.items() if item is not _NOTHING}
    if type(value) is list:
        items = [
            _open(item, f"{path}[{index}]", depth + 1, faults)
            for index, item in enumerate(value)
        ]
        return [None if item is _NOTHING else item for item in items]
    if value is None or type(value) in (str, bool):
        return value
    try:
        read_double(value)
    except Unreadable as error:
        return _fault(faults, path, error.code, error.message)
    return value


def _fault(faults: list[Fault], path: str, code: str, message: str) -> Any:
    faults.append(Fault(path, code, message))
    return _NOTHING


def _too_deep(faults: list[Fault], path: str) -> Any:
    message = f"Give no more than {MAX_DEPTH} levels of objects and arrays."
    return _fault(faults, path, "invalid", message)


def _join(path: str, key: str) -> str:
    """Appends a key as the client wrote it; a very long one is cut."""
    found = _PLAIN_KEY.match(key)
    shown = found.group() if found else ""
    return f"{path}.{shown}" if path else shown
