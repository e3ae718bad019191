"""The edge as a Sanic application: builds everything in sight, and holds the order
of the gates. The first gate that fails answers (contract, section 2)."""

import time
from collections.abc import Callable
from functools import partial
from itertools import count
from math import ceil
from typing import Any

import structlog
from prospectconnect.crm.v1 import contacts_pb2
from prospectconnect.iam.v1 import access_pb2, users_pb2
from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config

from edge.access import bearer_token, check_permission
from edge.answers import as_problem, good_answer, head, problem_answer
from edge.exchange import Exchange
from edge.http_input import json_body, read_body, refuse_query
from edge.idempotency import idempotency_key
from edge.me import GET_ME, fill_budget
from edge.operation import Operation, compile_operation
from edge.outside_gates import (
    HEALTH_PATH,
    READY_PATH,
    answer_outside,
    contract_of,
    healthz,
    readyz,
)
from edge.parts import Edge, OpenChannel, connect
from edge.perform import perform
from edge.problems import ProblemError, unavailable
from edge.rate_limit import Budget, RateLimiter
from edge.settings import EdgeSettings
from edge.touch_up import touch_up
from edge.trace import start_trace
from edge.transcoder.routes import routes_of
from edge.versions import CHANGES
from edge.versions.contracts import Contracts

_log = structlog.get_logger("edge")

# The services whose HTTP rules are public.
PUBLIC_SERVICES = (
    contacts_pb2.DESCRIPTOR.services_by_name["ContactService"],
    users_pb2.DESCRIPTOR.services_by_name["UserService"],
    access_pb2.DESCRIPTOR.services_by_name["AccessService"],
)

App = Sanic[Any, Any]

# Sanic wants each application of a process to have a name of its own.
_numbers = count(1)


def build_app(
    settings: EdgeSettings, open_channel: OpenChannel, limiter: RateLimiter
) -> App:
    """Builds the edge.

    Args:
        settings: The settings.
        open_channel: Makes the channel to the services, within the server's loop.
        limiter: The rate limiter, shared by all workers of the machine.

    Raises:
        ValueError: The protos say something that the edge cannot serve.
    """
    finishes = {GET_ME: fill_budget}
    operations = tuple(
        compile_operation(route, finishes.get(route.rpc))
        for route in routes_of(PUBLIC_SERVICES)
    )
    edge = Edge(settings, limiter, Contracts(CHANGES), operations)
    app: App = Sanic(
        f"edge-{next(_numbers)}", config=_config(settings), configure_logging=False
    )
    touch_up(app)
    _add_routes(app, edge)
    _add_lifecycle(app, edge, open_channel)
    app.error_handler.add(Exception, partial(answer_outside, edge))
    return app


def _config(settings: EdgeSettings) -> Config:
    config = Config(env_prefix=None)  # settings come in, not from the environment
    config.AUTO_EXTEND = False
    config.MOTD = False
    # The handlers keep the limit. So much Sanic reads after an early answer, for
    # the client to come to reading it.
    config.REQUEST_MAX_SIZE = 64 * settings.max_body_bytes
    # The edge keeps its own deadlines; Sanic's are the last resort.
    seconds = ceil(settings.request_deadline_seconds)
    config.REQUEST_TIMEOUT = seconds
    config.RESPONSE_TIMEOUT = seconds + 5
    return config


def _add_routes(app: App, edge: Edge) -> None:
    for operation in edge.operations:
        route = operation.route
        app.add_route(
            _handler(edge, operation),
            route.path.replace("{", "<").replace("}", ">"),
            methods=[route.http_method],
            name=route.rpc.rpartition("/")[2],
            strict_slashes=True,
            stream=True,  # so that the gates come before the body
        )
    ready = partial(readyz, edge)
    app.add_route(healthz, HEALTH_PATH, name="healthz", ignore_body=True)
    app.add_route(ready, READY_PATH, name="readyz", ignore_body=True)


def _add_lifecycle(app: App, edge: Edge, open_channel: OpenChannel) -> None:
    async def start(app: App) -> None:
        await connect(edge, open_channel)

    async def drain(app: App) -> None:
        edge.draining = True

    async def end(app: App) -> None:
        # Not before the last request is answered.
        if edge.upstream is not None:
            await edge.upstream.channel.close()

    app.before_server_start(start)
    app.before_server_stop(drain)
    app.after_server_stop(end)


def _handler(edge: Edge, operation: Operation) -> Callable[..., Any]:
    async def handle(request: Request, **path_values: str) -> HTTPResponse:
        started = time.monotonic()
        exchange = Exchange(
            request=request,
            operation=operation,
            path_values=path_values,
            started=started,
            deadline=started + edge.settings.request_deadline_seconds,
            trace=start_trace(request.headers.getall("traceparent", [])),
            contract=edge.contracts.newest,
        )
        try:
            answer = await _pass_gates(edge, exchange)
        except Exception as error:
            problem = as_problem(error)
            exchange.contract = contract_of(edge, request)
            answer = problem_answer(problem, request, edge.settings, head(exchange))
        if edge.settings.log_requests:
            _log.info(
                "request",
                method=request.method,
                route=operation.route.path,
                status=answer.status,
                ms=round((time.monotonic() - started) * 1000, 2),
                trace_id=exchange.trace.trace_id,
            )
        return answer

    return handle


async def _pass_gates(edge: Edge, exchange: Exchange) -> HTTPResponse:
    """The gates in their order, then the call. The route is known, or Sanic has
    answered 404 or 405 already."""
    upstream, settings = edge.upstream, edge.settings
    if upstream is None:
        raise unavailable()
    request, route = exchange.request, exchange.operation.route

    # Token
    exchange.token = bearer_token(exchange.header("authorization"))
    exchange.caller = await upstream.callers.behind(
        exchange.token, exchange.trace, exchange.deadline
    )
    # Rate limit
    exchange.budget = edge.limiter.take(exchange.caller)
    _check_budget(exchange.budget)
    # Version
    exchange.contract = edge.contracts.of(exchange.header("version"))
    # Scope, role
    if route.permission is not None:
        check_permission(exchange.caller, route.permission)
    # Idempotency key
    if route.keyed:
        exchange.idempotency_key = idempotency_key(exchange.header("idempotency-key"))
    # Query
    refuse_query(request.raw_url)
    # Body
    if route.body_field:
        exchange.body = await json_body(
            request, settings.max_body_bytes, exchange.deadline
        )
    else:
        await read_body(request, settings.max_body_bytes, exchange.deadline)

    reply = await perform(exchange, upstream.methods[route.rpc])
    replayed = exchange.idempotency_key is not None and await reply.replayed()
    return good_answer(exchange, reply.message, replayed)


def _check_budget(budget: Budget) -> None:
    if not budget.allowed:
        raise ProblemError(
            "RATE_LIMITED",
            f"The limit is {budget.limit} requests in {budget.window_seconds} seconds.",
            {"Retry-After": str(budget.retry_after)},
        )
