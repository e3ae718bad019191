"""The edge as a Sanic application: the order of the gates, and all that is built."""

import asyncio
from contextlib import suppress
from functools import partial
from itertools import count
from math import ceil
from typing import Any

import orjson
from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config
from sanic.exceptions import NotFound

from edge.calls.answers import good_answer, head, problem_answer
from edge.calls.ending import ended, tell
from edge.calls.exchange import Exchange
from edge.calls.me import GET_ME, fill_budget
from edge.calls.operation import Operation, compile_operation
from edge.calls.outside_gates import (
    HEALTH_PATH,
    READY_PATH,
    answer_outside,
    contract_of,
    healthz,
    readyz,
)
from edge.calls.perform import perform
from edge.entrances import Entrance, Entrances
from edge.gates import checks as gates
from edge.http.any_target import AnyTargetRequest
from edge.http.compression import VARY
from edge.http.cors import open_to_all
from edge.http.strict_transport import transport_headers
from edge.http.touch_up import touch_up
from edge.limits.load import Entry, Load
from edge.limits.rate_limit import RateLimiter
from edge.lost import answer_lost
from edge.mcp.tools import tools_of
from edge.oauth.metadata import scopes_of
from edge.openapi import files
from edge.parts import Edge, OpenChannel, connect
from edge.places import PLACES
from edge.portal.opened import Portal
from edge.portal.site import make_site
from edge.problems import ProblemError
from edge.settings import EdgeSettings
from edge.surface import public_services
from edge.trace import start_trace
from edge.transcoder.routes import routes_of
from edge.usage.reports import keep_reporting, report_the_last
from edge.versions import CHANGES
from edge.versions.contracts import Contracts
from edge.watch import Watch
from edge.web.serving import add_places
from edge.web.templating import open_pages

# The order of the checks (contract, section 2): the first gate that fails answers.
# Before them stands the route, unknown ones being answered 404 or 405, and each
# request has its trace id by then. Behind them come the services' own checks.
GATES = (
    gates.check_token,
    gates.check_load,
    gates.check_rate_limit,
    gates.check_version,
    gates.check_scope,
    gates.check_role,
    gates.check_idempotency_key,
)
# Then those that look at the HTTP request and not at the call that it is.
REQUEST_GATES = (gates.check_query, gates.check_body)

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
        watch: Who counts and keeps spans; nobody unless told otherwise.

    Raises:
        ValueError: The protos say something that the edge cannot serve.
    """
    edge = _edge(settings, limiter, watch)
    app: App = Sanic(
        f"edge-{next(_numbers)}",
        config=_config(settings),
        request_class=AnyTargetRequest,
        configure_logging=False,
    )
    app.ctx.edge = edge  # for the connections, see `edge.http.connection`
    touch_up(app)
    _add_entrances(app, edge)
    _add_lifecycle(app, edge, open_channel)
    app.error_handler.add(Exception, partial(answer_outside, edge))
    app.error_handler.add(NotFound, partial(answer_lost, edge))
    return app


def _edge(settings: EdgeSettings, limiter: RateLimiter, watch: Watch) -> Edge:
    """The parts, of which those of the services' side come when the server starts."""
    finishes, routes = {GET_ME: fill_budget}, tuple(routes_of(public_services()))
    operations = tuple(
        compile_operation(route, finishes.get(route.rpc)) for route in routes
    )
    if watch.figures is not None:
        watch.figures.prepare(operation.name for operation in operations)
    headers, pages = transport_headers(settings), open_pages()
    contracts = Contracts(CHANGES, always={**headers, **VARY})
    document = orjson.loads(files.read(str(contracts.newest.date)))
    return Edge(
        settings=settings,
        limiter=limiter,
        contracts=contracts,
        operations=operations,
        scopes=scopes_of(routes),
        pages=pages,
        portal=Portal(partial(make_site, pages.environment, routes)),
        tools=tools_of(operations, document),
        watch=watch,
        load=Load(settings.max_in_flight, watch.figures),
        headers=headers,
    )


def _config(settings: EdgeSettings) -> Config:
    config = Config(env_prefix=None)  # settings come in, not from the environment
    config.AUTO_EXTEND = False
    config.MOTD = False
    # The handlers keep the limit. So much Sanic reads after an early answer, for
    # the client to come to reading it.
    config.REQUEST_MAX_SIZE = 64 * settings.max_body_bytes
    # The most that Sanic takes: an authorization request is one long line.
    config.REQUEST_MAX_HEADER_SIZE = 16_384
    # The edge keeps its own deadlines; this one is the last resort.
    config.RESPONSE_TIMEOUT = ceil(settings.request_deadline_seconds) + 5
    return config


def _add_entrances(app: App, edge: Edge) -> None:
    entrances = Entrances(app, edge)
    for operation in edge.operations:
        entrances.add(_entrance(edge, operation))
    add_places(entrances, edge, PLACES)
    entrances.add_health(HEALTH_PATH, "healthz", healthz)
    entrances.add_health(READY_PATH, "readyz", partial(readyz, edge))


def _add_lifecycle(app: App, edge: Edge, open_channel: OpenChannel) -> None:
    reporting: list[asyncio.Task[None]] = []

    async def start(app: App) -> None:
        await connect(edge, open_channel)
        reporting.append(asyncio.create_task(keep_reporting(edge)))

    async def drain(app: App) -> None:
        edge.draining = True

    async def end(app: App) -> None:
        # Not before the last request is answered, and counted.
        for task in reporting:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await report_the_last(edge)
        if edge.upstream is not None:
            await edge.upstream.channel.close()

    app.before_server_start(start)
    app.before_server_stop(drain)
    app.after_server_stop(end)


def _entrance(edge: Edge, operation: Operation) -> Entrance[Exchange]:
    is_told, route = edge.is_told, operation.route

    def begin(
        request: Request, path_values: dict[str, str], started: float, entry: Entry
    ) -> Exchange:
        return Exchange(
            headers=request.headers,
            operation=operation,
            path_values=path_values,
            deadline=started + edge.settings.request_deadline_seconds,
            trace=start_trace(
                request.headers.getall("traceparent", []), edge.watch.share
            ),
            contract=edge.contracts.newest,
            entry=entry,
        )

    def refuse(
        request: Request, exchange: Exchange, problem: ProblemError
    ) -> HTTPResponse:
        exchange.contract = contract_of(edge, request)
        return problem_answer(problem, request, edge.settings, head(exchange))

    def finish(
        request: Request,
        exchange: Exchange,
        answer: HTTPResponse,
        started: float,
        problem: ProblemError | None,
    ) -> None:
        if "origin" in request.headers:
            open_to_all(answer)
        ended(edge, exchange, answer.status, started, problem)
        if is_told:
            method = request.method
            tell(edge, method, route.path, answer.status, started, exchange.trace)

    return Entrance(
        path=route.path.replace("{", "<").replace("}", ">"),
        methods=(route.http_method,),
        name=operation.name,
        begin=begin,
        answer=partial(_answer, edge),
        refuse=refuse,
        finish=finish,
        compresses=not route.shows_secret,
    )


async def _answer(edge: Edge, request: Request, exchange: Exchange) -> HTTPResponse:
    """Passes the gates, then calls the services."""
    for gate in GATES:
        if (waiting := gate(edge, exchange)) is not None:
            await waiting
    for look in REQUEST_GATES:
        if (waiting := look(edge, exchange, request)) is not None:
            await waiting
    method = gates.connected(edge).methods[exchange.operation.route.rpc]
    reply = await perform(exchange, method)
    replayed = exchange.idempotency_key is not None and await reply.replayed()
    return good_answer(exchange, reply.message, replayed)
