"""Turns a tool's arguments into an operation's input: path, body, idempotency key.

It checks only what cannot occur over HTTP; the operation checks all else.
"""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from multidict import CIMultiDict

from edge.calls.exchange import Exchange
from edge.problems import Fault, validation_failed

IDEMPOTENCY_KEY = "idempotency_key"

# The default size of a page. An assistant reads every word, so it is smaller than in
# `/v1`.
DEFAULT_LIMIT, LARGEST_LIMIT = 10, 25


def take_arguments(exchange: Exchange, arguments: dict[str, Any]) -> None:
    """Writes the arguments of a call into its exchange.

    Raises:
        ProblemError: VALIDATION_FAILED.
    """
    route, rest = exchange.operation.route, dict(arguments)
    faults: list[Fault] = []
    if route.keyed and (given := rest.pop(IDEMPOTENCY_KEY, None)) is not None:
        key = _text(IDEMPOTENCY_KEY, given, faults)
        exchange.headers = CIMultiDict({"idempotency-key": key})
    exchange.path_values = {
        # As it would be in a URL.
        name: quote(_text(name, rest.pop(name, None), faults), safe="")
        for name in route.path_parameters
    }
    if route.query:
        given = {name: rest.pop(name, None) for name in sorted(route.query)}
        exchange.query = {
            name: _texts(name, each, faults)
            for name, each in given.items()
            if each is not None
        }
    if route.is_search:
        _limit(rest, faults)
    if not route.body_field:
        faults += [_unknown(name) for name in rest]
    if faults:
        raise validation_failed(faults)
    exchange.body = rest if route.body_field else None


def _text(name: str, value: object, faults: list[Fault]) -> str:
    if type(value) is str and value:
        return value
    if value in (None, ""):
        faults.append(Fault(name, "required", "Is required."))
    else:
        faults.append(Fault(name, "invalid_type", "Give a string."))
    return ""


def _texts(name: str, value: object, faults: list[Fault]) -> list[str]:
    if isinstance(value, list) and all(type(each) is str for each in value):
        return value
    faults.append(Fault(name, "invalid_type", "Give an array of strings."))
    return []


def _limit(rest: dict[str, Any], faults: list[Fault]) -> None:
    limit = rest.get("limit")
    if limit is None:
        rest["limit"] = DEFAULT_LIMIT
    elif type(limit) in (int, Decimal) and limit > LARGEST_LIMIT:
        message = f"Give at most {LARGEST_LIMIT}; `cursor` leads to the next page."
        faults.append(Fault("limit", "too_large", message))


def _unknown(name: str) -> Fault:
    return Fault(name, "unknown_field", f"There is no argument {name[:100]!r}.")
