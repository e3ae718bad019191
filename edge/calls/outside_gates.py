"""Requests that pass no gate: health checks, no route, or malformed HTTP."""

import time
from contextlib import suppress

import orjson
from sanic import HTTPResponse, Request
from sanic.exceptions import MethodNotAllowed

from edge.calls.answers import as_problem, problem_answer
from edge.calls.ending import count_other, log_request
from edge.http.cors import is_preflight, open_to_all, preflight
from edge.http.http_date import http_date
from edge.problems import ProblemError
from edge.state import Edge
from edge.trace import start_trace
from edge.versions.contracts import Contract

# Outside `/v1`, and without a token.
HEALTH_PATH, READY_PATH = "/healthz", "/readyz"


async def healthz(request: Request) -> HTTPResponse:
    """Answers that the process runs."""
    return _health(200, "ok")


async def readyz(edge: Edge, request: Request) -> HTTPResponse:
    """Answers whether the services can be reached and are ready."""
    if edge.draining or edge.upstream is None or not await edge.upstream.ready():
        return _health(503, "unavailable")
    return _health(200, "ok")


def _health(status: int, text: str) -> HTTPResponse:
    body, headers = orjson.dumps({"status": text}), {"Date": http_date()}
    return HTTPResponse(body, status, headers, "application/json")


def answer_outside(edge: Edge, request: Request, error: Exception) -> HTTPResponse:
    """Answers a request that Sanic refused: a preflight, else with a problem."""
    started = time.monotonic()
    is_refused = isinstance(error, MethodNotAllowed)
    methods = _methods(edge, request.path) if is_refused else []
    if methods and request.path.startswith("/v1/") and is_preflight(request):
        return preflight(", ".join(methods))
    trace = start_trace(request.headers.getall("traceparent", []), edge.watch.share)
    headers = {"Date": http_date(), "X-Trace-Id": trace.trace_id}
    headers.update(contract_of(edge, request).headers)
    problem = _not_allowed(edge, request, methods) if is_refused else as_problem(error)
    if problem.reason == "NOT_FOUND" and (advice := _advice(edge, request.path)):
        problem = ProblemError("NOT_FOUND", f"There is no such route. {advice}")
    count_other(edge, problem.kind.status, started)
    if edge.logs_requests:
        log_request(edge, request.method, None, problem.kind.status, started, trace)
    answer = problem_answer(problem, request, edge.settings, headers)
    if "origin" in request.headers and request.path.startswith("/v1/"):
        open_to_all(answer)
    return answer


def contract_of(edge: Edge, request: Request) -> Contract:
    """The contract for a problem, even if the gate that sets it was not reached."""
    with suppress(ProblemError):
        return edge.contracts.of(request.headers.getall("version", []))
    return edge.contracts.newest


def _methods(edge: Edge, path: str) -> list[str]:
    """The methods of a path; none if it has an extra slash, which Sanic accepts."""
    if path in (HEALTH_PATH, READY_PATH):
        return ["GET"]
    routes = [operation.route for operation in edge.operations]
    # `/v1/contacts/search` is a path of its own, not that of a contact.
    found = [r for r in routes if r.path == path]
    found = found or [r for r in routes if r.pattern.fullmatch(path)]
    return sorted({route.http_method for route in found})


def _advice(edge: Edge, path: str) -> str:
    """What to change in a path that is close to an operation's path; else empty."""
    if path.endswith("/") and _methods(edge, path.rstrip("/")):
        return "Leave out the slash at the end of the path."
    if not path.startswith("/v1/") and _methods(edge, f"/v1{path}"):
        return "Paths of the API begin with /v1."
    return ""


def _not_allowed(edge: Edge, request: Request, methods: list[str]) -> ProblemError:
    """A 405 with the path's methods, or a 404 if it has none."""
    if not methods:
        return ProblemError("NOT_FOUND", "There is no such route.")
    allow, search = ", ".join(methods), f"{request.path}/search"
    detail = f"The route takes {allow} alone."
    if request.method == "GET" and _methods(edge, search) == ["POST"]:
        detail = f"{detail} For a list, POST to {search}."
    return ProblemError("METHOD_NOT_ALLOWED", detail, {"Allow": allow})
