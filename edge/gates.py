"""The gates that every call passes, one function each; `app` holds their order.

A gate looks at one thing, notes what it found in the exchange, or refuses the
call by raising the problem that is the answer. The last two look at the HTTP request.
"""

from sanic import Request

from edge import access
from edge.exchange import Bearing, Exchange
from edge.http_input import json_body, read_body, refuse_query
from edge.idempotency import idempotency_key
from edge.parts import Edge, Upstream
from edge.problems import ProblemError, unavailable
from edge.rate_limit import Budget


def connected(edge: Edge) -> Upstream:
    """The way to the services, which is there once the server has started."""
    if edge.upstream is None:
        raise unavailable()
    return edge.upstream


async def check_token(edge: Edge, exchange: Bearing) -> None:
    """401: the bearer token stands for a caller."""
    exchange.token = access.bearer_token(exchange.header("authorization"))
    exchange.caller = await connected(edge).callers.behind(
        exchange.token, exchange.trace, exchange.deadline
    )


async def check_load(edge: Edge, exchange: Exchange) -> None:
    """503: not too much of the tenant's is under way."""
    tenant = exchange.caller.business_id
    edge.load.begin_of(tenant)
    exchange.counted_for = tenant


async def check_rate_limit(edge: Edge, exchange: Bearing) -> None:
    """429: the token and its tenant have a request left."""
    taken = edge.limiter.take(exchange.caller)
    budget = taken if isinstance(taken, Budget) else await taken
    exchange.budget = budget
    if not budget.allowed:
        if edge.watch.figures is not None:
            edge.watch.figures.refused[budget.refused_by] += 1
        raise ProblemError(
            "RATE_LIMITED",
            f"The {budget.refused_by}'s limit is used up; see Retry-After.",
            {"Retry-After": str(budget.retry_after)},
        )


async def check_version(edge: Edge, exchange: Exchange) -> None:
    """400: the `Version` header names a day on which there was a contract."""
    exchange.contract = edge.contracts.of(exchange.header("version"))


async def check_scope(edge: Edge, exchange: Exchange) -> None:
    """403: the token's scopes grant the operation."""
    access.check_scope(exchange.caller, exchange.operation.route.permission)


async def check_role(edge: Edge, exchange: Exchange) -> None:
    """403: the user's role grants the operation."""
    access.check_role(exchange.caller, exchange.operation.route.permission)


async def check_idempotency_key(edge: Edge, exchange: Exchange) -> None:
    """400: an idempotency key has its form, where the operation honors one."""
    if exchange.operation.route.keyed:
        given = exchange.header("idempotency-key")
        exchange.idempotency_key = idempotency_key(given)


async def check_query(edge: Edge, exchange: Exchange, request: Request) -> None:
    """400: there are no query parameters."""
    refuse_query(request.raw_url)


async def check_body(edge: Edge, exchange: Exchange, request: Request) -> None:
    """413, 415, 400: the body is small enough, and JSON."""
    most = edge.settings.max_body_bytes
    if exchange.operation.route.body_field:
        exchange.body = await json_body(request, most, exchange.deadline)
    else:
        await read_body(request, most, exchange.deadline)
