"""JSON values as formatted source text of Python and TypeScript."""

import json
from collections.abc import Mapping
from typing import Any

JSON: Mapping[Any, str] = {True: "true", False: "false", None: "null"}
PYTHON: Mapping[Any, str] = {True: "True", False: "False", None: "None"}

_WIDTH = 60  # a shorter value stays on one line


def literal(
    value: Any, words: Mapping[Any, str] = JSON, indent: str = "  ", before: str = ""
) -> str:
    """A value as source.

    Args:
        value: The value, as `json.loads` makes it.
        words: The language's words for true, false and null.
        indent: The indentation of each level, in spaces.
        before: The indentation of the first level.
    """
    if not isinstance(value, dict | list) or not value:
        return _scalar(value, words)
    flat = _flat(value, words)
    if len(flat) + len(before) <= _WIDTH:
        return flat
    inner = before + indent
    names = [f"{json.dumps(each)}: " for each in value] if _is_map(value) else ()
    parts = [
        f"{inner}{name}{literal(each, words, indent, inner)}"
        for name, each in zip(names or [""] * len(value), _items(value), strict=True)
    ]
    start, end = "{}" if _is_map(value) else "[]"
    trailing = "," if words is PYTHON else ""
    return f"{start}\n" + ",\n".join(parts) + f"{trailing}\n{before}{end}"


def _flat(value: Any, words: Mapping[Any, str]) -> str:
    if isinstance(value, dict):
        pairs = (f"{json.dumps(n)}: {_flat(v, words)}" for n, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flat(each, words) for each in value) + "]"
    return _scalar(value, words)


def _scalar(value: Any, words: Mapping[Any, str]) -> str:
    if value is None or isinstance(value, bool):
        return words[value]
    return json.dumps(value, ensure_ascii=False)


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)


def _items(value: Any) -> list[Any]:
    return list(value.values()) if _is_map(value) else value
