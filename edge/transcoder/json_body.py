"""The bytes of a request body as a Python value, or a 400 that says what is wrong.

Parsing loses and guesses nothing: numbers with a fraction stay exact (`Decimal`), and
JSON that two parsers could read differently is refused.
"""

import json
from collections.abc import Collection
from decimal import Decimal
from typing import Any, NoReturn

from edge.problems import Fault, ProblemError, validation_failed

# Records and searches need far fewer values, and each value costs time.
MOST_VALUES = 10_000


def _refuse(detail: str) -> NoReturn:
    raise ProblemError("BAD_REQUEST", detail)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                _refuse(f"An object of the body gives the key {key[:100]!a} twice.")
            seen.add(key)
    return values


def _constant(name: str) -> NoReturn:
    _refuse(f"The body is not valid JSON: {name} is no JSON number.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Decimal, parse_constant=_constant
)


def parse_body(body: bytes, most_values: int = MOST_VALUES) -> Any:
    """Parses a body. An empty one counts as an empty object.

    Numbers without a fraction or exponent become `int`, all others `Decimal`.

    Raises:
        ProblemError: BAD_REQUEST if the body is not UTF-8, is not JSON, has a
            duplicate key, half a surrogate pair or a number with too many digits, or
            is nested too deeply to be read; VALIDATION_FAILED if it has more than
            `most_values` values.
    """
    if not body:
        return {}
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        _refuse(f"The body is not UTF-8: see byte {error.start}.")
    if text.startswith("\ufeff"):
        _refuse("The body is not valid JSON: it begins with a byte order mark.")
    try:
        value = _DECODER.decode(text)
        if "\\ud" in text or "\\uD" in text:
            _check_surrogates(value)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        _refuse(f"The body is not valid JSON: {error.msg}, {where}.")
    except RecursionError:
        _refuse("The body is nested too deeply.")
    except (ValueError, ArithmeticError):
        _refuse("The body holds a number with too many digits.")
    # A value takes at least two bytes, so most bodies need no counting.
    if len(body) > 2 * most_values and _holds_more(value, most_values):
        message = f"Give no more than {most_values:,} values in all."
        raise validation_failed([Fault("body", "too_many", message)])
    return value


def _holds_more(value: object, most: int) -> bool:
    """Whether objects and arrays contain more than `most` values in all."""
    rest = [value]
    while rest:
        item = rest.pop()
        if type(item) is dict:
            values: Collection[object] = item.values()
        elif type(item) is list:
            values = item
        else:
            continue
        most -= len(values)
        if most < 0:
            return True
        rest.extend(values)
    return False


def _check_surrogates(value: object) -> None:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            _refuse("The body is not valid JSON: it holds half a surrogate pair.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_surrogates(key)
            _check_surrogates(item)
    elif isinstance(value, list):
        for item in value:
            _check_surrogates(item)
