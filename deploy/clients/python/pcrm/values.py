"""The body of a call from the options of a command.

Three ways may be mixed, the later ones win: `--json`, then `--set`, then the options
that have the names of fields.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pcrm.catalog import Field
from pcrm.exits import CommandFailed, wrong_use

_LARGEST = 1024 * 1024  # bytes of a body that the API takes
_NUMBERS = {"number", "integer"}


def body_of(
    given: str | None, sets: Iterable[str], options: Mapping[Field, Any]
) -> dict[str, Any]:
    """The body. Raises CommandFailed for a value that cannot be read."""
    body = _document(given) if given is not None else {}
    fields = {field.name: field for field in options}
    for each in sets:
        _put(body, each, fields)
    for field, value in options.items():
        if value is not None and value != ():
            body[field.name] = _option(field, value)
    return body


def read_text(value: str) -> str:
    """A value of an option: `-` is standard input, and `@name` a file."""
    try:
        if value == "-":
            return sys.stdin.read(_LARGEST + 1)
        if value.startswith("@"):
            return Path(value[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise wrong_use(f"{value} cannot be read: {error}") from error
    return value


def typed(text: str, kind: str, name: str) -> Any:
    """A text as a value of a JSON type. Raises CommandFailed."""
    if kind == "string":
        return text
    if kind == "boolean":
        if text.lower() not in {"true", "false"}:
            raise wrong_use(f"{name}: {text!r} is not true or false.")
        return text.lower() == "true"
    try:
        value = _parsed(text)
    except ValueError as error:
        if kind == "json":
            return text
        raise _mistyped(text, kind, name) from error
    if not _fits(value, kind):
        raise _mistyped(text, kind, name)
    return value


def _mistyped(text: str, kind: str, name: str) -> CommandFailed:
    article = "an" if kind[0] in "aio" else "a"
    return wrong_use(f"{name}: {text!r} is not {article} {kind}.")


def _fits(value: Any, kind: str) -> bool:
    if kind in _NUMBERS:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return is_whole or (kind == "number" and isinstance(value, Decimal))
    kinds = {"object": dict, "array": list}
    return isinstance(value, kinds[kind]) if kind in kinds else True


def _parsed(text: str) -> Any:
    def refuse(constant: str) -> Any:
        raise ValueError(f"JSON has no {constant}.")

    try:
        return json.loads(text, parse_float=Decimal, parse_constant=refuse)
    except RecursionError:
        raise ValueError("The JSON has too many levels.") from None


def _document(given: str) -> dict[str, Any]:
    try:
        body = _parsed(read_text(given))
    except ValueError as error:
        hint = "--json '{...}', --json @file or --json -"
        raise wrong_use(f"--json is not JSON: {error}", hint) from error
    if not isinstance(body, dict):
        raise wrong_use("--json is not an object.")
    return body


def _put(body: dict[str, Any], given: str, fields: Mapping[str, Field]) -> None:
    """Sets `path=value`, or `path:=JSON`."""
    path, sign, text = given.partition("=")
    is_json = path.endswith(":")
    names = path.removesuffix(":").split(".")
    if not sign or not all(names):
        hint = "--set custom_fields.seats=3, or --set tags:='[\"VIP\"]'"
        raise wrong_use(f"--set {given!r} is not path=value.", hint)
    field = fields.get(names[0])
    if is_json:
        value = _json(text, given)
    elif len(names) == 1 and field is not None:
        value = None if text == "null" else _single(field, text)
    else:
        value = typed(text, "json", given)
    target = body
    for name in names[:-1]:
        inside = target.setdefault(name, {})
        if not isinstance(inside, dict):
            raise wrong_use(f"--set {given!r}: {name} is not an object.")
        target = inside
    target[names[-1]] = value


def _json(text: str, given: str) -> Any:
    try:
        return _parsed(text)
    except ValueError as error:
        raise wrong_use(f"--set {given!r} is not JSON: {error}") from error


def _single(field: Field, text: str) -> Any:
    """The value of a field from one text; for an array this is one element."""
    if field.type == "array" and not text.startswith("["):
        return [typed(text, field.item or "json", field.name)]
    return typed(text, field.type, field.name)


def _option(field: Field, value: Any) -> Any:
    name = f"--{field.name.replace('_', '-')}"
    if field.type == "array":
        return [typed(each, field.item or "json", name) for each in value]
    if isinstance(value, bool):  # of an option without a text
        return value
    return typed(value, field.type, name)
