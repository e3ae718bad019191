"""The values of a filter, as the kind of their field has them."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pcrm.catalog import Compared
from pcrm.filters.words import Word

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


_OF_TEXTS = {"contains", "not_contains", "starts_with", "ends_with"}
_OF_ORDER = {"gt", "gte", "lt", "lte", "between"}


def value_of(word: Word, compared: Compared, operator: str) -> Any:
    """The value of a word.

    Raises ValueError, with a message for people, if the field takes no such value.
    """
    value = _READERS[compared.kind](word, compared)
    if compared.kind == "any" and (
        operator in _OF_TEXTS or (operator in _OF_ORDER and isinstance(value, bool))
    ):
        return word.text
    return value


def number_of(text: str) -> Any:
    """A JSON number with all its digits."""
    return json.loads(text, parse_float=Decimal)


def _text(word: Word, _: Compared) -> Any:
    return word.text


def _number(word: Word, _: Compared) -> Any:
    if not NUMBER.fullmatch(word.text):
        raise ValueError("The field holds numbers, such as 80 or 99.5.")
    return number_of(word.text)


def _boolean(word: Word, _: Compared) -> Any:
    if word.text.lower() not in {"true", "false"}:
        raise ValueError("The field is true or false.")
    return word.text.lower() == "true"


def _choice(word: Word, compared: Compared) -> Any:
    if word.text not in compared.choices:
        raise ValueError(f"The field is one of: {', '.join(compared.choices)}.")
    return word.text


def _date(word: Word, _: Compared) -> Any:
    if not _is_date(word.text):
        raise ValueError("The field holds dates, such as 2026-06-30.")
    return word.text


def _timestamp(word: Word, _: Compared) -> Any:
    if _is_date(word.text):
        return f"{word.text}T00:00:00Z"
    if not _TIME.fullmatch(word.text) or not _is_time(word.text):
        raise ValueError("The field holds times: 2026-06-17 or 2026-06-17T14:30:00Z.")
    return word.text


def _any(word: Word, _: Compared) -> Any:
    """A number, true or false if the word looks like it; quotes make it a text."""
    if word.kind == "bare":
        if NUMBER.fullmatch(word.text):
            return number_of(word.text)
        if word.text in {"true", "false"}:
            return word.text == "true"
    return word.text


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    """Whether a text of the right shape is a moment; 60 is no minute."""
    try:
        return bool(datetime.fromisoformat(text[:19].upper()))
    except ValueError:
        return False


_READERS: Mapping[str, Callable[[Word, Compared], Any]] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
    "date": _date,
    "timestamp": _timestamp,
    "any": _any,
}
