"""The gates that every call passes, one function each; `app` holds their order.

A gate looks at one thing, notes what it found in the exchange, or refuses the
call by raising the problem that is the answer. The last two look at the HTTP request.

One that must wait for somebody returns what it waits for. The others return nothing: a
coroutine without anything to wait for costs more than most gates do.
"""

from collections.abc import Awaitable

from sanic import Request

from edge.calls.exchange import Bearing, Exchange
from edge.gates import access
from edge.http.http_input import has_body, json_body, read_body, refuse_query
from edge.http.idempotency import idempotency_key
from edge.limits.rate_limit import Budget
from edge.parts import Edge, Upstream
from edge.problems import ProblemError, unavailable

Waiting = Awaitable[None] | None


async def passed(waiting: Waiting) -> None:
    """Waits for a gate that must wait."""
    if waiting is not None:
        await waiting


def connected(edge: Edge) -> Upstream:
    """The way to the services, which is there once the server has started."""
    if edge.upstream is None:
        raise unavailable()
    return edge.upstream


def check_token(edge: Edge, exchange: Bearing) -> Waiting:
    """401: the bearer token stands for a caller."""
    exchange.token = access.bearer_token(exchange.header("authorization"))
    callers = connected(edge).callers
    known = callers.known(exchange.token)
    if known is None:
        return _ask(callers, exchange)
    exchange.caller = known
    return None


async def _ask(callers: access.Callers, exchange: Bearing) -> None:
    exchange.caller = await callers.behind(
        exchange.token, exchange.trace, exchange.deadline
    )


def check_load(edge: Edge, exchange: Bearing) -> None:
    """503: not too much of the tenant's is under way."""
    exchange.entry.count_for(exchange.caller.business_id)


def check_rate_limit(edge: Edge, exchange: Bearing) -> Waiting:
    """429: the token and its tenant have a request left."""
    taken = edge.limiter.take(exchange.caller)
    if not isinstance(taken, Budget):
        return _ask_limiter(edge, exchange, taken)
    _spend(edge, exchange, taken)
    return None


async def _ask_limiter(edge: Edge, exchange: Bearing, taken: Awaitable[Budget]) -> None:
    _spend(edge, exchange, await taken)


def _spend(edge: Edge, exchange: Bearing, budget: Budget) -> None:
    exchange.budget = budget
    if not budget.allowed:
        if edge.watch.figures is not None:
            edge.watch.figures.refused[budget.refused_by] += 1
        raise ProblemError(
            "RATE_LIMITED",
            f"The {budget.refused_by}'s limit is used up; see Retry-After.",
            {"Retry-After": str(budget.retry_after)},
        )


def check_version(edge: Edge, exchange: Exchange) -> None:
    """400: the `Version` header names a day on which there was a contract."""
    exchange.contract = edge.contracts.of(exchange.header("version"))


def check_scope(edge: Edge, exchange: Exchange) -> None:
    """403: the token's scopes grant the operation."""
    access.check_scope(exchange.caller, exchange.operation.route.permission)


def check_role(edge: Edge, exchange: Exchange) -> None:
    """403: the user's role grants the operation."""
    access.check_role(exchange.caller, exchange.operation.route.permission)


def check_idempotency_key(edge: Edge, exchange: Exchange) -> None:
    """400: an idempotency key has its form, where the operation honors one."""
    if exchange.operation.route.keyed:
        given = exchange.header("idempotency-key")
        exchange.idempotency_key = idempotency_key(given)


def check_query(edge: Edge, exchange: Exchange, request: Request) -> None:
    """400: there are no query parameters."""
    refuse_query(request.raw_url)


def check_body(edge: Edge, exchange: Exchange, request: Request) -> Waiting:
    """413, 415, 400: the body is small enough, and JSON."""
    if exchange.operation.route.body_field:
        return _read_json(edge, exchange, request)
    return _let_go(edge, exchange, request) if has_body(request) else None


async def _read_json(edge: Edge, exchange: Exchange, request: Request) -> None:
    most = edge.settings.max_body_bytes
    exchange.body = await json_body(request, most, exchange.deadline, exchange.entry)


async def _let_go(edge: Edge, exchange: Exchange, request: Request) -> None:
    most = edge.settings.max_body_bytes
    await read_body(request, most, exchange.deadline, exchange.entry)
