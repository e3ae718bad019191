"""The one way in: every route of the edge is added here and counts in the load.

A server with a route that was added in any other way does not start. Only the two
health checks do not count: they read no body, and a supervisor must not restart an edge
because it is full.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sanic import HTTPResponse, Request, Sanic

from edge.calls.answers import as_problem
from edge.http.compression import compress, is_wanted
from edge.limits.load import Entry
from edge.limits.pacing import PACED
from edge.problems import ProblemError
from edge.state import Edge

# The state of a request while it is answered.
State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Entrance(Generic[State]):
    """A route with its handlers.

    `begin` makes the state of a request before any check, `answer` checks and answers
    it, `refuse` turns a problem into an answer, and `finish` completes the answer and
    counts it. `compresses`: long answers are compressed for clients that accept it.
    `follow` sends what comes after a good answer, which is only a head then.
    Times are `time.monotonic` seconds.
    """

    path: str
    methods: Sequence[str]
    name: str
    begin: Callable[[Request, dict[str, str], float, Entry], State]
    answer: Callable[[Request, State], Awaitable[HTTPResponse]]
    refuse: Callable[[Request, State, ProblemError], HTTPResponse]
    finish: Callable[[Request, State, HTTPResponse, float, ProblemError | None], None]
    strict_slashes: bool = True
    compresses: bool = False
    follow: Callable[[Request, Any], Awaitable[None]] | None = None


class Entrances:
    """The routes of one application."""

    def __init__(self, app: Sanic[Any, Any], edge: Edge) -> None:
        self._app = app
        self._edge = edge
        self._handlers: set[Any] = set()
        app.before_server_start(self._check)

    def add(self, entrance: Entrance[Any]) -> None:
        """Adds a route; its requests are counted in the load before anything else."""
        self._add(
            _handler(self._edge, entrance),
            entrance.path,
            methods=entrance.methods,
            name=entrance.name,
            strict_slashes=entrance.strict_slashes,
            stream=True,  # no body is read before the request is counted
        )

    def add_health(
        self, path: str, name: str, answer: Callable[[Request], Awaitable[HTTPResponse]]
    ) -> None:
        """Adds a health check, whose body is never read."""
        self._add(answer, path, methods=("GET",), name=name, ignore_body=True)

    def _add(self, handler: Any, path: str, **options: Any) -> None:
        self._handlers.add(handler)
        # Without a format Sanic parses the source of the handler: 3 ms for each route.
        self._app.add_route(handler, path, error_format="json", **options)

    async def _check(self, app: Sanic[Any, Any]) -> None:
        """Raises RuntimeError for a route that was added elsewhere."""
        for route in app.router.routes:
            if route.handler not in self._handlers:
                message = f"{route.path} was not added by edge.entrances"
                raise RuntimeError(message)


def _handler(edge: Edge, entrance: Entrance[Any]) -> Callable[..., Any]:
    load = edge.load
    begin, take = entrance.begin, entrance.answer
    refuse, finish = entrance.refuse, entrance.finish
    compresses, follow = entrance.compresses, entrance.follow

    async def enter(request: Request, **path_values: str) -> HTTPResponse | None:
        started, entry, problem = time.monotonic(), Entry(load), None
        state = begin(request, path_values, started, entry)
        try:
            entry.begin()
            answer = await take(request, state)
        except Exception as error:
            problem = as_problem(error)
            answer = refuse(request, state, problem)
        finally:
            entry.end()
        accepted = request.headers.getall("accept-encoding", ()) if compresses else ()
        if accepted and is_wanted(accepted, answer):
            await compress(answer)
        finish(request, state, answer, started, problem)
        if follow is not None and problem is None:
            await follow(request, answer)
            return None
        if answer.status in PACED:
            await edge.pacing.hold()
        return answer

    return enter
