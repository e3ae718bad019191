"""The documents as the edge serves them: with its own address in them.

A document is made at the first request under an address, and cached for a few of them.
"""

from functools import lru_cache
from types import MappingProxyType

import orjson
from sanic import HTTPResponse

from edge.calls.answers import problem_answer
from edge.openapi import files
from edge.openapi.security import OAUTH
from edge.openapi.values import Schema
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.place import Action, Answer, Place
from edge.web.stored import Stored, store
from edge.web.stored_answer import stored_answer
from edge.web.visit import Visit, limited, read_nothing

_HEADERS = MappingProxyType({"Cache-Control": "public, max-age=300"})
_SUFFIX = ".json"
_VERSIONS = files.versions()

# Clients use one address of a server or a few. A made-up address in a request evicts
# only the least recently used entry.
_KEPT = 16


async def give_newest(edge: Edge, visit: Visit) -> HTTPResponse:
    """The document of the newest contract."""
    return _give(visit, _VERSIONS[-1])


async def give_dated(edge: Edge, visit: Visit) -> HTTPResponse:
    """The document of the contract that the path names."""
    name = visit.path_values["name"]
    if not name.endswith(_SUFFIX) or name.removesuffix(_SUFFIX) not in _VERSIONS:
        known = ", ".join(f"{version}{_SUFFIX}" for version in _VERSIONS)
        raise ProblemError("NOT_FOUND", f"There are {known}.")
    return _give(visit, name.removesuffix(_SUFFIX))


def _give(visit: Visit, version: str) -> HTTPResponse:
    return stored_answer(visit, _stored(version, visit.base), _HEADERS)


@lru_cache(maxsize=_KEPT)
def _stored(version: str, base: str) -> Stored:
    document = orjson.loads(files.read(version))
    body = orjson.dumps(at_address(document, base))
    return store(body, "application/json")


def at_address(document: Schema, base: str) -> Schema:
    """A document whose server is at an address; it alters what it is given."""
    document["servers"] = [{"url": base}]
    for flow in document["components"]["securitySchemes"][OAUTH]["flows"].values():
        for name in [name for name in flow if name.endswith("Url")]:
            flow[name] = base + flow[name]
    return document


def _refuse(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    headers = {"X-Trace-Id": visit.trace.trace_id}
    return problem_answer(problem, visit.request, edge.settings, headers)


def _place(path: str, answer: Answer) -> Place:
    actions = {"GET": Action(answer, (limited("pages"), read_nothing))}
    return Place(path, MappingProxyType(actions), _refuse, cross_origin=True)


PLACES = (
    _place("/openapi.json", give_newest),
    _place("/openapi/<name>", give_dated),
)
