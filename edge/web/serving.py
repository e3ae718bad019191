"""Puts the places outside `/v1` on the application: a handler each, for all methods."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from sanic import HTTPResponse, Request, Sanic

from edge.address import client_address
from edge.answers import as_problem, base_url
from edge.cors import open_to_all, preflight
from edge.ending import ended_elsewhere, tell
from edge.http_date import http_date
from edge.pacing import PACED
from edge.parts import Edge
from edge.problems import ProblemError
from edge.trace import start_trace
from edge.web.place import Action, Place
from edge.web.visit import Visit, read_nothing

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def add_places(app: Sanic[Any, Any], edge: Edge, places: Iterable[Place]) -> None:
    """Adds the routes of all places."""
    for number, place in enumerate(places):
        app.add_route(
            _handler(edge, place),
            place.path,
            methods=_METHODS,
            name=f"place-{number}",
            # Of the root, whose path has no last letter, `//` would be a fault.
            strict_slashes=place.path != "/",
            stream=True,  # so that the gates come before the body
        )


def _handler(edge: Edge, place: Place) -> Callable[..., Any]:
    is_told = edge.is_told

    async def handle(request: Request, **path_values: str) -> HTTPResponse:
        started = time.monotonic()
        visit = _visit(edge, request, path_values, started)
        try:
            answer = await _answer(edge, place, visit)
        except Exception as error:
            answer = place.refuse(edge, visit, as_problem(error))
        if place.cross_origin:
            open_to_all(answer)
        if answer.content_type is None:  # which Sanic writes as "None"
            answer.content_type = "text/plain"
        answer.headers.update(edge.headers)
        answer.headers["Date"] = http_date()
        answer.headers["X-Trace-Id"] = visit.trace.trace_id
        ended_elsewhere(edge, answer.status, started)
        if is_told:
            tell(edge, request.method, place.path, answer.status, started, visit.trace)
        if answer.status in PACED:
            await edge.pacing.hold()
        return answer

    return handle


def _visit(
    edge: Edge, request: Request, path_values: dict[str, str], started: float
) -> Visit:
    headers, settings = request.headers, edge.settings
    return Visit(
        request=request,
        base=base_url(request, settings) or "",
        trace=start_trace(headers.getall("traceparent", []), edge.watch.share),
        deadline=started + settings.request_deadline_seconds,
        address=client_address(
            request.ip,
            headers.getall("x-forwarded-for", []),
            settings.trusted_proxies,
        ),
        path_values=path_values,
    )


async def _answer(edge: Edge, place: Place, visit: Visit) -> HTTPResponse:
    method = visit.request.method
    if not visit.base:
        raise ProblemError("BAD_REQUEST", "The Host header is malformed.")
    if visit.request.raw_url == b"*":  # the server itself, which Sanic takes for "/"
        raise ProblemError("NOT_FOUND", "There is no such route.")
    if place.cross_origin and method == "OPTIONS":
        await read_nothing(edge, visit)
        return preflight(place.methods)
    action = place.actions.get(method)
    if action is None:
        raise _not_allowed(place)
    return await _pass(edge, visit, action)


async def _pass(edge: Edge, visit: Visit, action: Action) -> HTTPResponse:
    """Passes the gates, then answers."""
    for gate in action.gates:
        await gate(edge, visit)
    return await action.answer(edge, visit)


def _not_allowed(place: Place) -> ProblemError:
    allow = place.methods
    detail = f"{allow} alone can be used here."
    return ProblemError("METHOD_NOT_ALLOWED", detail, {"Allow": allow})
