"""The texts of clients among what an import keeps, without our own words.

Our words are the names of members and states, the paths of fields, and what messages
say around a value that they quote.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from services.erasure.named_fields import NamedFields

Json = Any

_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_APART = re.compile(r"[\W_]+")


def value_texts(values: Json, fields: NamedFields) -> list[str]:
    """The texts that some values of a record have, of the fields that may name people.

    `values` are by the paths of fields. Numbers count: one may be a telephone number.
    """
    return [
        str(each)
        for name, value in (values if isinstance(values, dict) else {}).items()
        for each in _leaves(value)
        if fields.may_name(str(name), str(each))
    ]


def header_texts(told: Mapping[str, Json]) -> list[str]:
    """The columns of a file, but those that are called as the field they give.

    Two columns may have a name each: the first line of a file without a header.
    """
    mapping = told.get("mapping") or {}
    columns = [str(each) for each in told.get("columns") or ()]
    more = (*mapping, *(told.get("missing") or ()), *(told.get("unmapped") or ()))
    columns += dict.fromkeys(each for each in more if each not in columns)
    return [each for each in columns if not _is_called(each, mapping.get(each))]


def fault_texts(problem: Json) -> tuple[list[str], list[str]]:
    """What a problem says, and the values that it quotes."""
    said = [str(each) for each in _leaves(problem)]
    quoted = [one or two for each in said for one, two in _QUOTED.findall(each)]
    return said, quoted


def _leaves(value: Json) -> Iterator[str | int | float]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield value


def _is_called(column: str, paths: Json) -> bool:
    """Whether a column has the name of a field that it gives, or of a part of it."""
    name = _APART.sub("", column).casefold()
    every = paths if isinstance(paths, list) else [paths]
    parts = [part for each in every for part in (str(each), *str(each).split("."))]
    return bool(name) and name in {_APART.sub("", part) for part in parts}
