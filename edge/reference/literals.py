"""JSON values as formatted source text of Python and TypeScript."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from types import MappingProxyType
from typing import Any

_WIDTH = 60  # a shorter value stays on one line


@dataclass(frozen=True, slots=True)
class Source:
    """Source text in the place of a value."""

    text: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a language writes values.

    Attributes:
        words: Its words for true, false and null.
        trails: Whether a comma follows the last element of several lines.
        bare: Whether keys and texts are written as in JavaScript.
    """

    words: Mapping[Any, str]
    trails: bool = False
    bare: bool = False


_JSON_WORDS = MappingProxyType({True: "true", False: "false", None: "null"})
_PYTHON_WORDS = MappingProxyType({True: "True", False: "False", None: "None"})
JSON = Style(_JSON_WORDS)
PYTHON = Style(_PYTHON_WORDS, trails=True)
TYPESCRIPT = Style(_JSON_WORDS, trails=True, bare=True)


def literal(
    value: Any, style: Style = JSON, indent: str = "  ", before: str = ""
) -> str:
    """A value as source.

    Args:
        value: The value, as `json.loads` makes it; source in it is taken as it is.
        style: How the language writes it.
        indent: The indentation of each level, in spaces.
        before: The indentation of the first level.
    """
    if not isinstance(value, dict | list) or not value:
        return _scalar(value, style)
    flat = _flat(value, style)
    if len(flat) + len(before) <= _WIDTH:
        return flat
    inner = before + indent
    names = [f"{_key(e, style)}: " for e in value] if _is_map(value) else ()
    parts = [
        f"{inner}{name}{literal(each, style, indent, inner)}"
        for name, each in zip(names or [""] * len(value), _items(value), strict=True)
    ]
    start, end = "{}" if _is_map(value) else "[]"
    trailing = "," if style.trails else ""
    return f"{start}\n" + ",\n".join(parts) + f"{trailing}\n{before}{end}"


def keywords(values: Mapping[str, Any], indent: str = "    ") -> Iterator[str]:
    """Values as arguments of a call in Python; see `is_plain`."""
    if not is_plain(values):
        yield f"**{literal(dict(values), PYTHON, indent, indent)}"
        return
    for name, value in values.items():
        yield f"{name}={literal(value, PYTHON, indent, indent)}"


def is_plain(values: Mapping[str, Any]) -> bool:
    """Whether all names can be those of arguments; a word of Python cannot."""
    return all(name.isidentifier() and not iskeyword(name) for name in values)


def call(name: str, taken: Iterable[str], width: int, indent: str = "    ") -> str:
    """A call in Python: on one line, or an argument a line."""
    found = list(taken)
    flat = f"{name}({', '.join(found)})"
    if len(flat) <= width and "\n" not in flat:
        return flat
    lines = "".join(f"{indent}{each},\n" for each in found)
    return f"{name}(\n{lines})"


def _flat(value: Any, style: Style) -> str:
    if isinstance(value, dict):
        pairs = (f"{_key(n, style)}: {_flat(v, style)}" for n, v in value.items())
        inner = ", ".join(pairs)
        return f"{{ {inner} }}" if style.bare and inner else f"{{{inner}}}"
    if isinstance(value, list):
        return "[" + ", ".join(_flat(each, style) for each in value) + "]"
    return _scalar(value, style)


def _key(name: str, style: Style) -> str:
    is_bare = style.bare and name.isascii() and name.isidentifier()
    return name if is_bare else _scalar(name, style)


def _scalar(value: Any, style: Style) -> str:
    if isinstance(value, Source):
        return value.text
    if value is None or isinstance(value, bool):
        return style.words[value]
    text = json.dumps(value, ensure_ascii=False)
    plain = isinstance(value, str) and not {"'", '"', "\\"} & {*text[1:-1]}
    return f"'{text[1:-1]}'" if style.bare and plain else text


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)


def _items(value: Any) -> list[Any]:
    return list(value.values()) if _is_map(value) else value
