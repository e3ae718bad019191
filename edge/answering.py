"""One operation of the contract as an entrance: the gates, then the services."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from sanic import HTTPResponse, Request

from edge.calls.answers import base_url, good_answer, head, made_answer, problem_answer
from edge.calls.audited import address_of, is_audited
from edge.calls.downloads import begin_download, send_file
from edge.calls.ending import count_call, log_request
from edge.calls.exchange import Exchange
from edge.calls.extent import affected
from edge.calls.outside_gates import contract_of
from edge.calls.perform import perform
from edge.calls.planted import answer_with_faults
from edge.calls.uploads import receive_file
from edge.calls.waits import answer_waiting
from edge.entrances import Entrance
from edge.gates import checks as gates
from edge.http.cors import open_to_all
from edge.limits.load import Entry
from edge.operations import Operation
from edge.problems import ProblemError
from edge.state import Edge, connected
from edge.streams.answering import Streams
from edge.trace import start_trace
from edge.transcoder.routes import Route

# The order of the checks (contract, section 2): the first gate that fails answers.
# Before them the router answers 404 or 405 where there is no route, and the request
# gets its trace id. After them the services make their own checks.
GATES = (
    gates.check_token,
    gates.check_load,
    gates.check_rate_limit,
    gates.check_version,
    gates.check_scope,
    gates.check_role,
    gates.check_idempotency_key,
)
# Then the gates that check the HTTP request instead of the call in it.
REQUEST_GATES = (gates.check_query, gates.check_accept, gates.check_body)

# What answers a call that has passed the gates, where that is not a single call.
Then = Callable[[Edge, Exchange], Awaitable[HTTPResponse]]


def entrance_of(
    edge: Edge, streams: Streams, operation: Operation
) -> Entrance[Exchange]:
    """The entrance of an operation."""
    route, trusted = operation.route, edge.settings.trusted_proxies
    audited = is_audited(route)

    def begin(
        request: Request, path_values: dict[str, str], started: float, entry: Entry
    ) -> Exchange:
        parents = request.headers.getall("traceparent", [])
        return Exchange(
            headers=request.headers,
            operation=operation,
            path_values=path_values,
            deadline=started + edge.settings.request_deadline_seconds,
            trace=start_trace(parents, edge.watch.share),
            contract=edge.contracts.newest,
            entry=entry,
            is_head=request.method == "HEAD",
            address=address_of(request, trusted) if audited else "",
            base=(base_url(request, edge.settings) or "") if route.address_in else "",
        )

    def refuse(
        request: Request, exchange: Exchange, problem: ProblemError
    ) -> HTTPResponse:
        exchange.contract = contract_of(edge, request)
        return problem_answer(problem, request, edge.settings, head(exchange))

    return Entrance(
        path=route.path.replace("{", "<").replace("}", ">"),
        methods=("GET", "HEAD") if route.is_file else (route.http_method,),
        name=operation.name,
        begin=begin,
        answer=partial(_answer, edge, _then(route, streams)),
        refuse=refuse,
        finish=partial(_finish, edge),
        compresses=not (route.shows_secret or route.streams or route.is_file),
        follow=_follow(route, streams),
    )


def _finish(
    edge: Edge,
    request: Request,
    exchange: Exchange,
    answer: HTTPResponse,
    started: float,
    problem: ProblemError | None,
) -> None:
    if "origin" in request.headers:
        open_to_all(answer)
    address = ""
    if problem is not None:
        address = address_of(request, edge.settings.trusted_proxies)
    count_call(edge, exchange, answer.status, started, problem, address)
    if edge.logs_requests:
        given = request.method, exchange.operation.route.path, answer.status, started
        log_request(edge, *given, exchange.trace)


def _follow(
    route: Route, streams: Streams
) -> Callable[[Request, Any], Awaitable[None]] | None:
    """What sends the rest of an answer, where there is one."""
    if route.is_file:
        return send_file
    return streams.follow if route.streams else None


def _then(route: Route, streams: Streams) -> Then | None:
    if route.is_file:
        return begin_download
    if route.streams:
        return streams.begin
    return answer_waiting if route.is_feed else None


async def _answer(
    edge: Edge, then: Then | None, request: Request, exchange: Exchange
) -> HTTPResponse:
    """Passes the gates, then calls the services."""
    for gate in GATES:
        if (waiting := gate(edge, exchange)) is not None:
            await waiting
    for request_gate in REQUEST_GATES:
        if (waiting := request_gate(edge, exchange, request)) is not None:
            await waiting
    if exchange.caller.sandbox:
        answer = partial(_after_gates, edge, then, request, exchange)
        return await answer_with_faults(edge, exchange, request, answer)
    return await _after_gates(edge, then, request, exchange)


async def _after_gates(
    edge: Edge, then: Then | None, request: Request, exchange: Exchange
) -> HTTPResponse:
    if exchange.operation.route.is_upload:
        return await receive_file(edge, exchange, request)
    if then is not None:
        return await then(edge, exchange)
    method = connected(edge).methods[exchange.operation.route.request_class]
    reply = await perform(exchange, method)
    replayed = exchange.idempotency_key is not None and await reply.replayed()
    others = await affected(exchange, reply)
    if (form := exchange.form) is not None:
        return made_answer(exchange, form, await form.make(reply.message))
    return good_answer(exchange, reply.message, replayed, others)
