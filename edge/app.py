"""The edge as a Sanic application: all of its parts, and the order of the gates."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any

import orjson
from prospectconnect.iam.v1.usage_pb2 import RecordUsageRequest
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import NotFound

from edge.calls.answers import good_answer, head, made_answer, problem_answer
from edge.calls.audited import address_of, is_audited
from edge.calls.batches import encode_batch, write_batch
from edge.calls.budgets import FINISHES
from edge.calls.downloads import begin_download, send_file
from edge.calls.ending import count_call, log_request
from edge.calls.exchange import Exchange
from edge.calls.extent import affected
from edge.calls.outside_gates import (
    HEALTH_PATH,
    READY_PATH,
    answer_outside,
    contract_of,
    healthz,
    readyz,
)
from edge.calls.perform import perform
from edge.calls.uploads import receive_file
from edge.calls.waits import answer_waiting
from edge.charts.drawing import Drawing
from edge.charts.forms import chart_forms
from edge.entrances import Entrance, Entrances
from edge.gates import checks as gates
from edge.http.compression import VARY
from edge.http.cors import open_to_all
from edge.http.sanic_config import config_of
from edge.http.sanic_touchup import apply_touchup
from edge.http.strict_request import StrictRequest
from edge.http.strict_transport import transport_headers
from edge.limits.downloads import Downloads
from edge.limits.load import Entry, Load
from edge.limits.rate_limit import RateLimiter
from edge.limits.readers import Readers
from edge.limits.uploads import Uploads
from edge.mcp.tools import tools_of
from edge.not_found import answer_not_found
from edge.openapi import files
from edge.openapi.json_schema import JSON_SCHEMA, json_schema
from edge.operations import (
    Operation,
    OtherForm,
    compile_operation,
    with_batches,
)
from edge.places import all_places
from edge.portal.opened import Portal
from edge.portal.site import make_site
from edge.problems import ProblemError
from edge.scopes import scopes_of
from edge.settings import EdgeSettings
from edge.state import Edge, connect, connected
from edge.streams.answering import Streams
from edge.surface import all_services, public_services
from edge.trace import start_trace
from edge.transcoder.routes import Route, routes_of
from edge.upstream.channel import OpenChannel
from edge.usage.reports import UsageReporter
from edge.versions import CHANGES
from edge.versions.contracts import Contracts
from edge.watch import Watch
from edge.web.place import Place
from edge.web.serving import add_places
from edge.web.templating import open_pages

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

App = Sanic[Any, Any]

NOBODY = Watch()

# Sanic wants each application of a process to have a name of its own.
_numbers = count(1)


def build_app(
    settings: EdgeSettings,
    open_channel: OpenChannel,
    limiter: RateLimiter,
    watch: Watch = NOBODY,
) -> App:
    """Builds the edge.

    Args:
        settings: The settings.
        open_channel: Makes the channel to the services, within the server's loop.
        limiter: The rate limiter, shared by all workers of the machine.
        watch: What counts requests and keeps spans; nothing by default.

    Raises:
        ValueError: The protos say something that the edge cannot serve.
    """
    routes = tuple(routes_of(public_services()))
    edge = _edge(settings, limiter, watch, routes)
    portal = Portal(partial(make_site, open_pages().environment, routes))
    app: App = Sanic(
        f"edge-{next(_numbers)}",
        config=config_of(settings),
        request_class=StrictRequest,
        configure_logging=False,
    )
    streams = Streams(edge)
    app.ctx.settings, app.ctx.figures = settings, watch.figures
    apply_touchup(app)
    _add_entrances(app, edge, streams, _places(edge, routes, portal))
    _add_lifecycle(app, edge, streams, open_channel)
    app.error_handler.add(Exception, partial(answer_outside, edge))
    app.error_handler.add(NotFound, partial(answer_not_found, edge, portal))
    return app


def _edge(
    settings: EdgeSettings,
    limiter: RateLimiter,
    watch: Watch,
    routes: tuple[Route, ...],
) -> Edge:
    """The state of the edge, without the services until the server starts."""
    drawing = Drawing(watch.figures)
    forms = {JSON_SCHEMA: OtherForm(JSON_SCHEMA, "-schema", json_schema)}
    compiled = tuple(
        compile_operation(
            route,
            FINISHES.get(route.rpc),
            forms[route.other_form] if route.other_form else None,
            chart_forms(drawing),
        )
        for route in routes
    )
    base = settings.problem_base
    operations = with_batches(compiled, base, encode_batch, write_batch)
    if watch.figures is not None:
        watch.figures.prepare(operation.name for operation in operations)
    headers = transport_headers(settings)
    return Edge(
        settings=settings,
        limiter=limiter,
        contracts=Contracts(CHANGES, always={**headers, **VARY}),
        operations=operations,
        watch=watch,
        load=Load(settings.max_in_flight, watch.figures),
        readers=Readers(settings.max_readers, settings.max_waits, watch.figures),
        downloads=Downloads(watch.figures),
        uploads=Uploads(),
        headers=headers,
        drawing=drawing,
    )


def _places(edge: Edge, routes: tuple[Route, ...], portal: Portal) -> tuple[Place, ...]:
    document = orjson.loads(files.read(str(edge.contracts.newest.date)))
    return all_places(scopes_of(routes), tools_of(edge.operations, document), portal)


def _add_entrances(
    app: App, edge: Edge, streams: Streams, places: tuple[Place, ...]
) -> None:
    entrances = Entrances(app, edge)
    for operation in edge.operations:
        entrances.add(_entrance(edge, streams, operation))
    add_places(entrances, edge, places)
    entrances.add_health(HEALTH_PATH, "healthz", healthz)
    entrances.add_health(READY_PATH, "readyz", partial(readyz, edge))


def _add_lifecycle(
    app: App, edge: Edge, streams: Streams, open_channel: OpenChannel
) -> None:
    reporting: list[asyncio.Task[None]] = []

    async def start(app: App) -> None:
        await connect(edge, open_channel, all_services())
        reporting.append(asyncio.create_task(_reporter(edge).run()))

    async def drain(app: App) -> None:
        edge.draining = True
        edge.readers.end()
        streams.end()

    async def end(app: App) -> None:
        # Not before the last request is answered, and counted.
        for task in reporting:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await edge.drawing.end()
        if edge.upstream is not None:
            await _reporter(edge).finish()
            await edge.upstream.channel.close()

    app.before_server_start(start)
    app.before_server_stop(drain)
    app.after_server_stop(end)


def _reporter(edge: Edge) -> UsageReporter:
    method = connected(edge).methods[RecordUsageRequest]
    return UsageReporter(method, edge.tallies, edge.watch.figures)


def _entrance(edge: Edge, streams: Streams, operation: Operation) -> Entrance[Exchange]:
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


# What answers a call that has passed the gates, where that is not a single call.
Then = Callable[[Edge, Exchange], Awaitable[HTTPResponse]]


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
