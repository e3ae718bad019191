"""The filters of templates. Each one pays for what it reads, and is refused before it
makes more than a value may have.

Only these are known to be bounded; the engine's others are left out.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from liquid import Environment
from liquid.builtin.filters import array, math, misc, string
from liquid.exceptions import FilterArgumentError
from liquid.filter import string_filter, with_environment
from liquid.undefined import Undefined

from services.texts.budget import MOST_ITEMS, MOST_TEXT, TooMuch, measured
from services.texts.told import pairs

Filter = Callable[..., Any]

_NUMBER = re.compile(r"\s*-?\d{1,15}(\.\d{1,15})?\s*")
_DIRECTIVE = re.compile(r"%(-?[aAbBdeHIjlmMpyYZz]|%)|[^%]")
_MOST_FORMAT = 100
_MOST_DECIMALS = 10
_LONG = f"A value has at most {MOST_TEXT} characters."


def _plain(value: Any) -> Any:
    """A number, of a text that shows one; 0 for other texts."""
    if not isinstance(value, str):
        return value
    if _NUMBER.fullmatch(value) is None:
        return 0
    return float(value) if "." in value else int(value)


def _of_numbers(work: Filter) -> Filter:
    """A filter that gets numbers; the engine would also read `1e999` and `inf`."""

    def counted(value: Any, *given: Any) -> Any:
        numbers = [_plain(each) for each in (value, *given)]
        for each in numbers:
            measured(each)
        return work(*numbers)

    return counted


def _rounded(value: Any, digits: Any = None) -> Any:
    if isinstance(digits, int | float):
        digits = max(0, min(int(digits), _MOST_DECIMALS))
    return math.round_(value, digits)


@string_filter
def _replaced(value: str, sought: Any, other: Any = "") -> str:
    old, new = str(sought), str(other)
    longer = max(0, len(new) - len(old))
    if len(value) + value.count(old) * longer > MOST_TEXT:
        raise TooMuch(_LONG)
    return str(string.replace(value, sought, other))


@string_filter
def _split(value: str, separator: Any = "") -> list[str]:
    parts = len(value)
    if isinstance(separator, str) and separator.strip():
        parts = value.count(separator) + 1
    if parts > MOST_ITEMS and not (separator == " " and _words(value) <= MOST_ITEMS):
        raise TooMuch(f"A list has at most {MOST_ITEMS} elements.")
    return list(string.split(value, separator))


def _words(value: str) -> int:
    return len(value.split())


@with_environment
def _joined(value: Any, separator: Any = " ", *, environment: Environment) -> Any:
    between = max(0, len(value) - 1) if isinstance(value, list | tuple) else 0
    if measured(value) + between * len(str(separator)) > MOST_TEXT:
        raise TooMuch(_LONG)
    return array.join(value, separator, environment=environment)


def _of_list(work: Filter) -> Filter:
    """A filter that gets a list; nothing is an empty one, and has no empty elements."""

    def listed(value: Any, *given: Any, **named: Any) -> Any:
        if value is None or isinstance(value, Undefined):
            value = []
        if isinstance(value, Mapping):
            value = pairs(value)
        if isinstance(value, list | tuple):
            value = [each for each in value if each is not None]
        return work(value, *given, **named)

    listed.with_environment = getattr(work, "with_environment", False)  # type: ignore[attr-defined]  # as the engine marks them
    return listed


def _dated(value: Any, form: Any = "%Y-%m-%d") -> str:
    """A date or a moment in RFC 3339, by a form of strftime's; UTC."""
    moment, told = _moment(value), str(form)
    if moment is None:
        return str(value or "")
    if len(told) > _MOST_FORMAT or _DIRECTIVE.sub("", told):
        raise FilterArgumentError(
            f"date takes a form of at most {_MOST_FORMAT} characters, with %a %A %b %B"
            " %d %e %H %I %j %l %m %M %p %y %Y %Z %z and %%",
            token=None,
        )
    return moment.strftime(told)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    try:
        found = datetime.fromisoformat(str(value)[:40].strip())
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _paid(work: Filter) -> Filter:
    """A filter that pays for what it gets and for what it makes."""
    needs_environment = getattr(work, "with_environment", False)

    def paid(value: Any, *given: Any, context: Any, **named: Any) -> Any:
        for each in (value, *given, *named.values()):
            context.budget.pay(measured(each))
            if isinstance(each, list | tuple):
                context.budget.spend(len(each))
        if needs_environment:
            named["environment"] = context.env
        made = work(value, *given, **named)
        context.budget.pay(measured(made))
        return made

    paid.with_context = True  # type: ignore[attr-defined]  # as the engine marks them
    return paid


_NUMBERS: Mapping[str, Filter] = {
    "abs": math.abs_,
    "at_least": math.at_least,
    "at_most": math.at_most,
    "ceil": math.ceil,
    "divided_by": math.divided_by,
    "floor": math.floor,
    "minus": math.minus,
    "modulo": math.modulo,
    "plus": math.plus,
    "round": _rounded,
    "times": math.times,
}
_TEXTS: Mapping[str, Filter] = {
    "append": string.append,
    "capitalize": string.capitalize,
    "downcase": string.downcase,
    "escape": string.escape,
    "lstrip": string.lstrip,
    "newline_to_br": string.newline_to_br,
    "prepend": string.prepend,
    "remove": string.remove,
    "remove_first": string.remove_first,
    "replace": _replaced,
    "replace_first": string.replace_first,
    "rstrip": string.rstrip,
    "slice": string.slice_,
    "split": _split,
    "squish": string.squish,
    "strip": string.strip,
    "strip_newlines": string.strip_newlines,
    "truncate": string.truncate,
    "truncatewords": string.truncatewords,
    "upcase": string.upcase,
    "url_encode": string.url_encode,
}
_OTHERS: Mapping[str, Filter] = {
    "date": _dated,
    "default": misc.default,
    "first": _of_list(array.first),
    "join": _of_list(_joined),
    "last": _of_list(array.last),
    "reverse": _of_list(array.reverse),
    "size": misc.size,
    "sort": _of_list(array.sort),
    "sort_natural": _of_list(array.sort_natural),
}

FILTERS: Mapping[str, Filter] = {
    **{name: _paid(_of_numbers(each)) for name, each in _NUMBERS.items()},
    **{name: _paid(each) for name, each in {**_TEXTS, **_OTHERS}.items()},
}
