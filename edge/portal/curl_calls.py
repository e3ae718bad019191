"""The calls of guides in all languages: a `curl` as the clients and gRPC do it.

A guide is written, and run by the tests, with `curl`. A block that is one call of an
operation, with a token and nothing special, is shown in the other languages as well.
The samples are made as those of the reference are, with this call's values.
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import orjson

from edge.documentation.markdown import Variant
from edge.openapi import files
from edge.openapi.parts import without_parts
from edge.reference.document import Document
from edge.reference.operations import KEY, Operation, operations_of
from edge.reference.samples import samples_of
from edge.surface import public_services
from edge.transcoder.formats import Unreadable
from edge.transcoder.routes import Route, routes_of

_API = "$API"
_BASE = "/v1"
_BEARER = "Bearer $TOKEN"
# What guides with many searches call the function that they define for them.
_SHORT, _SHORT_WORDS = "post", 3
_QUIET = frozenset({"-s", "-sS", "-S", "-i", "-sSi", "-si", "-sSf"})
_JSON = "application/json"
# What the clients send by themselves.
_USUAL = frozenset({"authorization", "version", "content-type", KEY.lower()})
# A block with one of these is more than a call.
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")
_SHELL = ("|", ";", "&&", "<<", "$(", ">", "`")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a guide. `path` begins with `/v1`; `body` is JSON, None without one."""

    method: str
    path: str
    version: str
    body: Any


def read_call(code: str) -> Call | None:
    """The call that a block of shell is; None if it is another thing."""
    if any(each in code for each in _SHELL):
        return None
    try:
        words = shlex.split(code.replace("\\\n", " "), comments=True)
    except ValueError:
        return None
    if words[:1] == [_SHORT] and len(words) == _SHORT_WORDS:
        return _short(*words[1:])
    if words[:1] != ["curl"] or words.count("curl") != 1:
        return None
    return _call(words[1:])


def _short(path: str, text: str) -> Call | None:
    """A call by the function of a guide: `post /contacts '{...}'`."""
    try:
        return Call("POST", _BASE + path, files.versions()[-1], orjson.loads(text))
    except orjson.JSONDecodeError:
        return None


def _call(words: Sequence[str]) -> Call | None:
    method, path, text = "", "", ""
    headers: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word == "-X":
            method = next(rest, "")
        elif word == "-H":
            name, _, value = next(rest, "").partition(":")
            headers[name.lower()] = value.strip()
        elif word == "-d":
            text = next(rest, "")
        elif word.startswith(f"{_API}/") and not path:
            path = _BASE + word.removeprefix(_API)
        elif word not in _QUIET:
            return None
    is_usual = (
        headers.get("authorization") == _BEARER
        and headers.keys() <= _USUAL
        and headers.get("content-type", _JSON) == _JSON
    )
    if not is_usual or not path or "?" in path or "$" in path + text:
        return None
    try:
        body = orjson.loads(text) if text else None
    except orjson.JSONDecodeError:
        return None
    method = method or ("POST" if text else "GET")
    return Call(method, path, headers.get("version", ""), body)


def variants_of(code: str) -> tuple[Variant, ...]:
    """A block of shell in all languages, itself first; none if it has no other."""
    call = read_call(code)
    found = None if call is None else _sampled(call)
    if call is None or found is None:
        return ()
    operation, route = found
    try:
        samples = samples_of(operation, call.version, route)
    except Unreadable:
        return ()  # a call that the guide shows being refused
    others = (
        Variant(e.language, e.title, e.code_language, e.code) for e in samples[1:]
    )
    return (Variant("sh", "curl", "sh", code), *others)


def _sampled(call: Call) -> tuple[Operation, Route] | None:
    """The operation that a call calls, with the call's values as its examples."""
    found = _operations()
    if call.version != found.version:
        return None
    for pattern, operation, route in found.matched:
        values = pattern.fullmatch(call.path)
        if values is None or operation.method != call.method:
            continue
        if operation.body is None and call.body is not None:
            return None
        return _with_values(operation, values.groupdict(), call.body), route
    return None


def _with_values(
    operation: Operation, values: Mapping[str, str], body: Any
) -> Operation:
    parameters = tuple(
        replace(each, example=values[each.name]) for each in operation.parameters
    )
    taken = operation.body and replace(operation.body, example=body or {})
    return replace(operation, parameters=parameters, body=taken)


@dataclass(frozen=True, slots=True)
class _Operations:
    """The operations of the newest contract, each with a pattern of its paths.

    A path without a placeholder comes before those that have one in its place.
    """

    version: str
    matched: Sequence[tuple[re.Pattern[str], Operation, Route]]


@cache
def _operations() -> _Operations:
    version = files.versions()[-1]
    document = Document(without_parts(orjson.loads(files.read(version))))
    routes = {(e.http_method, e.path): e for e in routes_of(public_services())}
    found = sorted(operations_of(document, {}), key=lambda each: each.path.count("{"))
    return _Operations(
        version,
        [(_pattern(e.path), e, routes[e.method, e.path]) for e in found],
    )


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_PLACEHOLDER.sub(r"(?P<\1>[^/]+)", re.escape(path)))
