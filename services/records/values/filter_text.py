"""Filters as short texts for people, e.g. `email neq "ada@example.com"`."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from prospectconnect.type.v1.search_pb2 import Filter

from services.records.values.filter_json import filters_to_json


def filter_texts(filters: Iterable[Filter]) -> list[str]:
    """Each filter as a text. Values are as in JSON."""
    return [_text(each) for each in filters_to_json(filters)]


def _text(told: Mapping[str, Any]) -> str:
    for group, word in (("any", " or "), ("all", " and ")):
        if group in told:
            return f"({word.join(_text(each) for each in told[group])})"
    if "not" in told:
        return f"not {_text(told['not'])}"
    words = [str(told.get("field", "")), str(told.get("operator", ""))]
    for name in ("value", "values"):
        if name in told:
            words.append(orjson.dumps(told[name]).decode())
    return " ".join(words)
