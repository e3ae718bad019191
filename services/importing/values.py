"""The cells of a column as JSON values, in the spelling of a locale.

A cell that does not fit its field's type stays a text. What a single request says to
such a text is then said of the row.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from prospectconnect.options.v1.options_pb2 import Format
from prospectconnect.schema.v1 import fields_pb2 as own

from services.imports.countries import country_code
from services.imports.locales import Locale
from services.imports.paths import Path
from services.kinds.own_types import Rules
from services.kinds.record_type import Field, FieldType

# Turns a cell that is not empty into a value.
Convert = Callable[[str], Any]
# Reads JSON text as a body is read: the value, or else the problem.
Parse = Callable[[bytes], tuple[Any, Any]]

_TRUE = frozenset(
    ("true", "t", "yes", "y", "1", "on", "x", "ja", "oui", "si", "sí", "wahr")
)
_FALSE = frozenset(("false", "f", "no", "n", "0", "off", "nein", "non", "falsch"))

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,2})?|[+-]?\.[0-9]+")
_ISO = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_DATE = re.compile(r"([0-9]{1,4})[./\- ]+([0-9]{1,2})[./\- ]+([0-9]{1,4})[.]?")
_MOMENT = re.compile(
    r"(.{1,40}?)[T ,]{1,3}([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?"
    r" ?([AaPp][Mm])?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_MOST_DIGITS = 100
# Years of two digits: those before are of this century.
_CENTURY = 70

_OWN_TYPES: Mapping[int, FieldType] = {
    own.FIELD_TYPE_INTEGER: FieldType.INTEGER,
    own.FIELD_TYPE_DECIMAL: FieldType.DECIMAL,
    own.FIELD_TYPE_BOOLEAN: FieldType.BOOLEAN,
    own.FIELD_TYPE_DATE: FieldType.DATE,
    own.FIELD_TYPE_TIMESTAMP: FieldType.TIMESTAMP,
}
# The stages of other products, without blanks.
_LIFECYCLE = "lifecycle_stage"
_LIFECYCLES: Mapping[str, str] = {
    "marketingqualifiedlead": "qualified",
    "mql": "qualified",
    "salesqualifiedlead": "qualified",
    "sql": "qualified",
    "evangelist": "other",
}
_BY_LOCALE = (
    *(FieldType.INTEGER, FieldType.DECIMAL),
    *(FieldType.DATE, FieldType.TIMESTAMP),
)
_SELECTS = (own.FIELD_TYPE_SELECT, own.FIELD_TYPE_MULTI_SELECT)


def converter(path: Path, locale: Locale, parse: Parse) -> Convert:
    """The function for the cells of a column."""
    if path.target is not None:
        return str.strip
    if path.is_whole:
        return partial(_json, parse=parse)
    special = _special(path, parse)
    if special is not None:
        return special
    if path.own is not None:
        kind = _OWN_TYPES.get(path.own.rules.type) or FieldType.STRING
    else:
        kind = FieldType.STRING if path.key else path.holder.type
    if kind is FieldType.ENUM:
        return _choice(path.holder)
    if kind in (FieldType.INTEGER, FieldType.DECIMAL):
        return lambda cell: number(cell, locale)
    if kind is FieldType.DATE:
        return lambda cell: day_of(cell, locale)
    if kind is FieldType.TIMESTAMP:
        return lambda cell: moment(cell, locale)
    if kind is FieldType.BOOLEAN:
        return boolean
    return partial(_list, parse=parse) if kind is FieldType.TAGS else _as_it_is


def is_by_locale(path: Path) -> bool:
    """Whether cells of a column are numbers or days, which each country writes so."""
    if path.own is not None:
        return _OWN_TYPES.get(path.own.rules.type) in _BY_LOCALE
    return not path.key and path.holder.type in _BY_LOCALE


def _special(path: Path, parse: Parse) -> Convert | None:
    """The function for what people write by name: countries and options."""
    if path.own is None:
        if path.holder.policy.format == Format.FORMAT_CURRENCY and not path.key:
            return _currency
        is_country = path.holder.policy.format == Format.FORMAT_COUNTRY
        return country_code if is_country and not path.key else None
    if path.own.rules.type == own.FIELD_TYPE_COUNTRY:
        return country_code
    return _option(path.own.rules, parse) if path.own.rules.type in _SELECTS else None


def _as_it_is(cell: str) -> str:
    return cell


def _currency(cell: str) -> str:
    return cell.strip().upper()


def part_of_name(cell: str, *, is_first: bool) -> str | None:
    """The first or the last name of a whole one: `Ada King Lovelace`, `Lovelace, Ada`.

    The last word is the last name. A single word is the first name.
    """
    last, comma, first = (each.strip() for each in cell.partition(","))
    if not comma:
        words = cell.split()
        first, last = " ".join(words[:-1] or words), " ".join(words[1:][-1:])
    return (first if is_first else last) or None


def _choice(field: Field) -> Convert:
    choices = frozenset(field.choices)

    def convert(cell: str) -> str:
        if cell in choices:
            return cell
        spelt = re.sub(r"[^0-9a-z]+", "_", cell.strip().lower()).strip("_")
        if spelt not in choices and field.name == _LIFECYCLE:
            spelt = _LIFECYCLES.get(spelt.replace("_", ""), spelt)
        return spelt if spelt in choices else cell

    return convert


def _option(rules: Rules, parse: Parse) -> Convert:
    """Reads the values of options, and their labels where one option has it."""

    def value(text: str) -> str:
        if text in rules.options:
            return text
        return rules.labels.get(text.strip().casefold(), text)

    if rules.type == own.FIELD_TYPE_MULTI_SELECT:
        return lambda cell: [value(each) for each in _list(cell, parse)]
    return value


def items(cell: str) -> list[str]:
    """`a|b` as a list; blanks around an item are dropped, and so are empty items."""
    return [item for each in cell.split("|") if (item := each.strip())]


def _list(cell: str, parse: Parse) -> list[str]:
    """A list, also as exports write one whose elements contain `|`: as JSON."""
    found = _json(cell, parse) if cell.startswith("[") else None
    if isinstance(found, list) and all(type(each) is str for each in found):
        return found
    return items(cell)


def _json(cell: str, parse: Parse) -> Any:
    """The value that a cell holds as JSON. Another text stays as it is."""
    found, problem = parse(cell.encode(errors="replace"))
    return cell if problem is not None else found


def boolean(cell: str) -> Any:
    """`yes`, `1`, `x` and other spellings of true and false."""
    spelt = cell.strip().lower()
    if spelt in _TRUE:
        return True
    return False if spelt in _FALSE else cell


def number(cell: str, locale: Locale) -> Any:
    """A number as JSON has it: `int` or `Decimal`, exactly."""
    text = cell.strip()
    for mark in locale.grouping:
        if mark in text:
            text = _without(text, mark, locale.point)
    if locale.point != ".":
        if "." in text:
            return cell
        text = text.replace(locale.point, ".")
    if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
        return cell
    try:
        found = Decimal(text)
    except InvalidOperation:
        return cell
    is_whole = found == found.to_integral_value() and "." not in text
    return int(found) if is_whole and abs(found) < 10**18 else found


def _without(text: str, mark: str, point: str) -> str:
    """Takes the marks of groups out where they stand between groups of three."""
    whole, dot, rest = text.partition(point)
    first, *groups = whole.split(mark)
    if all(len(each) == 3 for each in groups) and 1 <= len(first.lstrip("+-")) <= 3:
        return first + "".join(groups) + dot + rest
    return text


def day(cell: str, locale: Locale) -> str:
    """A date as JSON has it, `2026-06-17`. ISO is read in every locale."""
    text = cell.strip()
    if _ISO.fullmatch(text):
        year, month, of_month = text.split("-")
        return _written(cell, year, month, of_month)
    found = _DATE.fullmatch(text)
    if found is None:
        return cell
    parts = dict(zip(locale.order, found.groups(), strict=True))
    return _written(cell, parts["y"], parts["m"], parts["d"])


def day_of(cell: str, locale: Locale) -> str:
    """The day of a date, or of a moment as it is written: its time is cut off."""
    found = _MOMENT.fullmatch(cell.strip())
    if found is None:
        return day(cell, locale)
    on = day(found[1], locale)
    return on if on != found[1] or _ISO.fullmatch(on) else cell


def _written(cell: str, year: str, month: str, of_month: str) -> str:
    if len(of_month) > 2 or len(year) not in (2, 4):
        return cell
    number_of = int(year)
    if len(year) == 2:
        number_of += 2000 if number_of < _CENTURY else 1900
    try:
        return date(number_of, int(month), int(of_month)).isoformat()
    except ValueError:
        return cell


def moment(cell: str, locale: Locale) -> str:
    """A moment as JSON has it. Without an offset it is UTC, and a date its midnight."""
    text = cell.strip()
    found = _MOMENT.fullmatch(text)
    if found is None:
        on = day(text, locale)
        return f"{on}T00:00:00Z" if on != text or _ISO.fullmatch(text) else cell
    written, hour, minute, second, fraction, half, offset = found.groups()
    on = day(written, locale)
    if on == written and not _ISO.fullmatch(written):
        return cell
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    offset = offset or "Z"
    if len(offset) == 5:
        offset = f"{offset[:3]}:{offset[3:]}"
    part = f".{fraction}" if fraction else ""
    return f"{on}T{hours:02}:{minute}:{second or '00'}{part}{offset}"
