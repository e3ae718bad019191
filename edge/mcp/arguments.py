"""Turns a tool's arguments into an operation's input: path, body, and the
headers for idempotency keys and dry runs.

It checks only what cannot occur over HTTP; the operation checks all else.
"""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from multidict import CIMultiDict

from edge.calls.exchange import Exchange
from edge.http.dry_run import DRY_RUN
from edge.mcp.figures import DEFAULT_ROWS, MOST_ROWS
from edge.mcp.files import (
    CONTENT,
    LEAST_PIECE,
    LENGTH,
    MOST_CONTENT,
    MOST_OFFSET,
    MOST_PIECE,
    OFFSET,
    USUAL_PIECE,
)
from edge.problems import Fault, validation_failed
from edge.transcoder.routes import Route

IDEMPOTENCY_KEY, DRY_RUN_ARGUMENT = "idempotency_key", "dry_run"

# The default size of a page. An assistant reads every word, so it is smaller than in
# `/v1`.
DEFAULT_LIMIT, LARGEST_LIMIT = 10, 25

_PIECE = (USUAL_PIECE, LEAST_PIECE, MOST_PIECE)


def take_arguments(exchange: Exchange, arguments: dict[str, Any]) -> None:
    """Writes the arguments of a call into its exchange.

    Raises:
        ProblemError: VALIDATION_FAILED.
    """
    route, rest = exchange.operation.route, dict(arguments)
    faults: list[Fault] = []
    exchange.headers = _headers(route, rest, faults)
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
        _limit(rest, (DEFAULT_LIMIT, LARGEST_LIMIT), faults)
    elif route.makes_figures:
        _limit(rest, (DEFAULT_ROWS, MOST_ROWS), faults)
    taken = _of_file(route, rest, faults)
    if not route.body_field:
        faults += [_unknown(name) for name in rest]
    if faults:
        raise validation_failed(faults)
    exchange.body = rest if route.body_field else taken


def _headers(
    route: Route, rest: dict[str, Any], faults: list[Fault]
) -> CIMultiDict[str]:
    """The headers that a request would have, in place of arguments."""
    headers = CIMultiDict[str]()
    if route.keyed and (key := rest.pop(IDEMPOTENCY_KEY, None)) is not None:
        headers["idempotency-key"] = _text(IDEMPOTENCY_KEY, key, faults)
    is_own = _has_own_dry_run(route)
    if (
        not (route.only_reads or route.is_upload or is_own)
        and (dry := rest.pop(DRY_RUN_ARGUMENT, None)) is not None
    ):
        if type(dry) is not bool:
            faults.append(
                Fault(DRY_RUN_ARGUMENT, "invalid_type", "Give true or false.")
            )
        headers[DRY_RUN] = "true" if dry else "false"
    return headers


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


def _of_file(route: Route, rest: dict[str, Any], faults: list[Fault]) -> Any:
    """The text that is sent, or which piece is read; None if it is about no file."""
    if route.is_upload:
        text = _text(CONTENT, rest.pop(CONTENT, None), faults)
        if len(text.encode()) > MOST_CONTENT:
            message = (
                f"Give at most {MOST_CONTENT:,} bytes; send a longer one in parts."
            )
            faults.append(Fault(CONTENT, "too_long", message))
        return text
    if route.is_file:
        bounds = {OFFSET: (0, 0, MOST_OFFSET), LENGTH: _PIECE}
        return {
            name: _number(name, rest.pop(name, None), each, faults)
            for name, each in bounds.items()
        }
    return None


def _number(
    name: str, value: object, bounds: tuple[int, int, int], faults: list[Fault]
) -> int:
    """A whole number. `bounds`: what it is by default, at least and at most."""
    usual, least, most = bounds
    if value is None:
        return usual
    if type(value) is not int:
        faults.append(Fault(name, "invalid_type", "Give a whole number."))
    elif value < least:
        faults.append(Fault(name, "too_small", f"Give at least {least}."))
    elif value > most:
        faults.append(Fault(name, "too_large", f"Give at most {most}."))
    else:
        return value
    return usual


def _limit(rest: dict[str, Any], bounds: tuple[int, int], faults: list[Fault]) -> None:
    """Bounds the size of a page: by default, and at most."""
    (usual, most), limit = bounds, rest.get("limit")
    if limit is None:
        rest["limit"] = usual
    elif type(limit) in (int, Decimal) and limit > most:
        message = f"Give at most {most}; `cursor` leads to the next page."
        faults.append(Fault("limit", "too_large", message))


def _unknown(name: str) -> Fault:
    return Fault(name, "unknown_field", f"There is no argument {name[:100]!r}.")


def _has_own_dry_run(route: Route) -> bool:
    """Whether the body itself says that nothing is to be written."""
    request = route.request_class.DESCRIPTOR
    body = request.fields_by_name.get(route.body_field)
    record = None if body is None else body.message_type
    return record is not None and DRY_RUN_ARGUMENT in record.fields_by_name
