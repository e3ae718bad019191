"""The entrances of the places outside `/v1`: one each, for all methods."""

from collections.abc import Iterable
from functools import partial

from sanic import HTTPResponse, Request

from edge.calls.answers import base_url
from edge.calls.ending import count_other, log_request
from edge.entrances import Entrance, Entrances
from edge.http.address import client_address, network_of
from edge.http.cors import open_to_all, preflight
from edge.http.http_date import http_date
from edge.limits.load import Entry
from edge.problems import ProblemError
from edge.state import Edge
from edge.trace import start_trace
from edge.web.place import Action, Place
from edge.web.visit import Visit, read_nothing

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def add_places(entrances: Entrances, edge: Edge, places: Iterable[Place]) -> None:
    """Adds the routes of all places."""
    for number, place in enumerate(places):
        entrances.add(_entrance(edge, place, f"place-{number}"))


def _entrance(edge: Edge, place: Place, name: str) -> Entrance[Visit]:
    logs_requests = edge.logs_requests

    def refuse(request: Request, visit: Visit, problem: ProblemError) -> HTTPResponse:
        return place.refuse(edge, visit, problem)

    def finish(
        request: Request,
        visit: Visit,
        answer: HTTPResponse,
        started: float,
        problem: ProblemError | None,
    ) -> None:
        if place.cross_origin:
            open_to_all(answer)
        if answer.content_type is None:  # Sanic would write it as "None"
            answer.content_type = "text/plain"
        answer.headers.update(edge.headers)
        answer.headers["Date"] = http_date()
        answer.headers["X-Trace-Id"] = visit.trace.trace_id
        count_other(edge, answer.status, started)
        if logs_requests:
            log_request(
                edge, request.method, place.path, answer.status, started, visit.trace
            )

    return Entrance(
        path=place.path,
        methods=_METHODS,
        name=name,
        begin=partial(_visit, edge),
        answer=partial(_answer, edge, place),
        refuse=refuse,
        finish=finish,
        # Not for the root: its path has no last character to compare, so that Sanic
        # would fail for `//`.
        strict_slashes=place.path != "/",
        follow=place.follow,
    )


def _visit(
    edge: Edge,
    request: Request,
    path_values: dict[str, str],
    started: float,
    entry: Entry,
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
        entry=entry,
    )


async def _answer(
    edge: Edge, place: Place, request: Request, visit: Visit
) -> HTTPResponse:
    method = request.method
    if not place.bears_token:
        visit.entry.count_for_address(network_of(visit.address))
    if not visit.base:
        raise ProblemError("BAD_REQUEST", "The Host header is malformed.")
    if request.raw_url == b"*":  # the server itself; Sanic reads it as "/"
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
