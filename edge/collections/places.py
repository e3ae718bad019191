"""The collections at their addresses: with the server's own address in them.

One is made at the first request under an address, and cached for a few of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import lru_cache, partial
from types import MappingProxyType

from sanic import HTTPResponse

from edge.calls.answers import problem_answer
from edge.collections.bruno import archive
from edge.collections.calls import read
from edge.collections.postman import collection
from edge.openapi import files
from edge.problems import ProblemError
from edge.reference.document import Document
from edge.state import Edge
from edge.web.addresses import BRUNO, POSTMAN, REFERENCE
from edge.web.place import Action, Place
from edge.web.render import SHELTERED
from edge.web.stored import Stored, store
from edge.web.stored_answer import stored_answer
from edge.web.visit import Visit, limited, read_nothing

_MAKE: Mapping[str, tuple[str, Callable[[Document, str], bytes]]] = MappingProxyType(
    {
        POSTMAN: ("application/json", collection),
        BRUNO: ("application/zip", archive),
    }
)
# Clients use one address of a server or a few; each entry has about 1.5 MB.
_KEPT = 4


def places() -> tuple[Place, ...]:
    """The places: of the newest contract, and of each by its date."""
    return tuple(_places())


def _places() -> Iterator[Place]:
    newest = files.versions()[-1]
    for name in _MAKE:
        yield _place(f"{REFERENCE}/{name}", partial(_give, name, newest))
        for version in files.versions()[:-1]:
            path = f"{REFERENCE}/{version}/{name}"
            yield _place(path, partial(_give, name, version))


def _place(path: str, give: Callable[[Edge, Visit], Awaitable[HTTPResponse]]) -> Place:
    action = Action(give, (limited("pages"), read_nothing))
    actions = MappingProxyType({"GET": action, "HEAD": action})
    return Place(path, actions, _refuse, cross_origin=False)


async def _give(name: str, version: str, edge: Edge, visit: Visit) -> HTTPResponse:
    stored = await asyncio.to_thread(_stored, name, version, visit.base)
    told = {"Content-Disposition": f'attachment; filename="prospectconnect-{name}"'}
    return stored_answer(visit, stored, {**SHELTERED, **told})


def _refuse(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    headers = {"X-Trace-Id": visit.trace.trace_id}
    return problem_answer(problem, visit.request, edge.settings, headers)


@lru_cache(maxsize=_KEPT)
def _stored(name: str, version: str, base: str) -> Stored:
    media_type, make = _MAKE[name]
    return store(make(read(version), base), media_type)
