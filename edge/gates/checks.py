"""The gates that every call passes, one function each; `app` holds their order.

A gate checks one thing. It writes its result into the exchange, or raises the problem
that is the answer. The last two check the HTTP request.

A gate that has to wait returns an awaitable, any other returns None: a coroutine that
never waits would cost more than most gates do.
"""

from collections.abc import Awaitable
from typing import Protocol

from sanic import Request

from edge.callers.caller import Caller
from edge.calls.exchange import Exchange
from edge.http.accept import JSON, choose
from edge.http.bearer import bearer_token
from edge.http.dry_run import DRY_RUN, is_dry
from edge.http.http_input import (
    has_body,
    json_body,
    read_body,
    read_query,
    refuse_query,
)
from edge.http.idempotency import idempotency_key
from edge.limits.load import Entry
from edge.limits.rate_limit import Budget
from edge.problems import ProblemError, permission_denied
from edge.state import Edge, connected
from edge.trace import Trace
from edge.transcoder.batch_body import MOST
from edge.transcoder.json_body import MOST_VALUES
from edge.versions.contracts import Touched

Waiting = Awaitable[None] | None

_NESTED = "A sandbox has no sandboxes of its own: use a live token."

# So many operations of a batch count as one request.
OPERATIONS_A_REQUEST = 10


class TokenRequest(Protocol):
    """A request with a token: what the first gates read and fill in."""

    token: str
    caller: Caller
    budget: Budget | None
    entry: Entry

    @property
    def trace(self) -> Trace:
        """The parent span of calls to the services."""

    @property
    def deadline(self) -> float:
        """When calls to the services time out, in `time.monotonic` seconds."""

    def header(self, name: str) -> list[str]:
        """All values of a header."""


async def passed(waiting: Waiting) -> None:
    """Waits for a gate, if it has to wait."""
    if waiting is not None:
        await waiting


def check_token(edge: Edge, request: TokenRequest) -> Waiting:
    """401: the bearer token belongs to a caller."""
    request.token = bearer_token(request.header("authorization"))
    cached = connected(edge).callers.cached(request.token)
    if cached is None:
        return _ask_services(edge, request)
    request.caller = cached
    return None


async def _ask_services(edge: Edge, request: TokenRequest) -> None:
    request.caller = await connected(edge).callers.resolve(
        request.token, request.trace, request.deadline
    )


def check_load(edge: Edge, request: TokenRequest) -> None:
    """503: the tenant does not have too many requests in progress."""
    request.entry.count_for(request.caller.shares_of)


def check_rate_limit(edge: Edge, request: TokenRequest) -> Waiting:
    """429: the token and its tenant have a request left."""
    taken = edge.limiter.take(request.caller)
    if not isinstance(taken, Budget):
        return _ask_limiter(edge, request, taken)
    _spend(edge, request, taken)
    return None


async def _ask_limiter(
    edge: Edge, request: TokenRequest, taken: Awaitable[Budget]
) -> None:
    _spend(edge, request, await taken)


def _spend(edge: Edge, request: TokenRequest, budget: Budget) -> None:
    request.budget = budget
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
    if exchange.contract.is_old:
        exchange.touched = Touched()


def check_scope(edge: Edge, exchange: Exchange) -> None:
    """403: the token's scopes grant the operation."""
    needed = exchange.operation.route.permission
    if needed is not None and needed not in exchange.caller.scope_permissions:
        raise permission_denied("SCOPE_DENIED", needed, _why(exchange, needed))


def check_role(edge: Edge, exchange: Exchange) -> None:
    """403: the user's role grants the operation."""
    needed = exchange.operation.route.permission
    if needed is not None and needed not in exchange.caller.role_permissions:
        raise permission_denied("ROLE_DENIED", needed, _why(exchange, needed))


def _why(exchange: Exchange, needed: str) -> str:
    """Why no token of a sandbox is granted a permission, "" if others may be."""
    is_nested = exchange.caller.sandbox and needed.startswith("sandbox.")
    return _NESTED if is_nested else ""


def check_idempotency_key(edge: Edge, exchange: Exchange) -> None:
    """400: an idempotency key is well-formed, where the operation takes one; and so is
    what asks for a dry run."""
    if exchange.operation.route.keyed:
        given = exchange.header("idempotency-key")
        exchange.idempotency_key = idempotency_key(given)
    if DRY_RUN in exchange.headers and not exchange.operation.route.only_reads:
        exchange.is_dry = is_dry(exchange.header(DRY_RUN))


def check_query(edge: Edge, exchange: Exchange, request: Request) -> None:
    """400: the query has no parameters but those of the operation."""
    route = exchange.operation.route
    if route.query:
        found = read_query(request.raw_url, route.query, route.query_texts)
        exchange.query = found
    else:
        refuse_query(request.raw_url)


def check_accept(edge: Edge, exchange: Exchange, request: Request) -> None:
    """406: the client takes a form of the answer, which this server can make."""
    forms = exchange.operation.forms
    if not forms:
        return
    by_type = {each.media_type: each for each in forms}
    chosen = choose(exchange.header("accept"), tuple(by_type))
    if chosen is None:
        offered = ", ".join((JSON, *by_type))
        raise ProblemError("NOT_ACCEPTABLE", f"The answer can be {offered}.")
    exchange.form = by_type.get(chosen)
    if exchange.form is not None:
        exchange.form.check()


def check_body(edge: Edge, exchange: Exchange, request: Request) -> Waiting:
    """413, 415, 400: the body is small enough, and JSON."""
    if exchange.operation.route.is_batch:
        return _read_batch(edge, exchange, request)
    if exchange.operation.route.is_upload:
        return None  # it is read piece by piece
    if exchange.operation.route.body_field:
        return _read_json(edge, exchange, request)
    return _discard(edge, exchange, request) if has_body(request) else None


# A batch has as many operations as 200 requests, and its body the room of eight.
BATCH_BODIES, BATCH_VALUES = 8, 5 * MOST_VALUES


async def _read_batch(edge: Edge, exchange: Exchange, request: Request) -> None:
    """Reads a batch, and takes the rest of its price from the budgets."""
    most = BATCH_BODIES * edge.settings.max_body_bytes
    deadline, entry = exchange.deadline, exchange.entry
    exchange.body = await json_body(request, most, deadline, entry, BATCH_VALUES)
    await take_operations(edge, exchange)


async def take_operations(edge: Edge, exchange: Exchange) -> None:
    """429: the budgets have a tenth of a request left for each operation of a batch.

    One request was taken before the body was read.
    """
    body = exchange.body
    operations = body.get("operations") if type(body) is dict else None
    number = len(operations) if type(operations) is list else 0
    further = -(-min(number, MOST) // OPERATIONS_A_REQUEST) - 1
    if further > 0:
        taken = edge.limiter.take(exchange.caller, further)
        budget = taken if isinstance(taken, Budget) else await taken
        _spend(edge, exchange, budget)


async def _read_json(edge: Edge, exchange: Exchange, request: Request) -> None:
    most = edge.settings.max_body_bytes
    exchange.body = await json_body(request, most, exchange.deadline, exchange.entry)


async def _discard(edge: Edge, exchange: Exchange, request: Request) -> None:
    most = edge.settings.max_body_bytes
    await read_body(request, most, exchange.deadline, exchange.entry)
