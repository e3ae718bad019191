"""A tool call: the gates of `/v1`, the call of `/v1`, and a result."""

import time
from dataclasses import dataclass
from typing import Any

import structlog
from multidict import CIMultiDict

from edge.calls.answers import as_problem
from edge.calls.audited import is_audited
from edge.calls.ending import count_call
from edge.calls.exchange import Exchange
from edge.calls.extent import affected, counts
from edge.calls.perform import perform
from edge.gates import checks as gates
from edge.http.dry_run import DRY_RUN
from edge.mcp.arguments import take_arguments
from edge.mcp.confirming import Asking, first_answer, taken
from edge.mcp.post import Post
from edge.mcp.results import bad_result, good_result
from edge.mcp.tools import Tool
from edge.mcp.transfers import read_text, send_text
from edge.state import Edge, connected

_KEY = "idempotency-key"

_log = structlog.get_logger("edge")

# Problems that the client must solve before the assistant can go on: it needs a token
# or a scope. They are the answer of the HTTP request, where the client looks for them
# (MCP, on authorization).
FOR_THE_CLIENT = frozenset({"TOKEN_MISSING", "TOKEN_INVALID", "SCOPE_DENIED"})


async def call_tool(
    edge: Edge, post: Post, tool: Tool, arguments: dict[str, Any]
) -> dict[str, Any]:
    """The result of a call. A problem is one, too, unless the client must solve it.

    Raises:
        ProblemError: One of `FOR_THE_CLIENT`.
    """
    exchange, trace_id = _exchange(edge, post, tool), post.trace.trace_id
    dry = post.header(DRY_RUN)
    status, started = tool.operation.route.status, time.monotonic()
    problem = None
    try:
        result = await _perform(edge, exchange, Asked(tool, arguments, dry))
    except Exception as error:
        problem = as_problem(error)
        status = problem.kind.status
        base = edge.settings.problem_base
        result = bad_result(problem, tool.operation, base, trace_id)
    # If the client has disconnected, the result of the call is unknown.
    count_call(edge, exchange, status, started, problem, post.address)
    if edge.settings.log_requests:
        _log.info("tool", tool=tool.name, status=status, trace_id=trace_id)
    if problem is not None and problem.reason in FOR_THE_CLIENT:
        raise problem
    return result


def _exchange(edge: Edge, post: Post, tool: Tool) -> Exchange:
    """The exchange of a call, as in `/v1`, under the newest contract."""
    exchange = Exchange(
        headers=CIMultiDict(),
        operation=tool.operation,
        path_values={},
        deadline=post.deadline,
        trace=post.trace,
        contract=edge.contracts.newest,
        entry=post.entry,
        budget=post.budget,
    )
    exchange.token, exchange.caller = post.token, post.caller
    if is_audited(tool.operation.route):
        exchange.address = post.address
    exchange.base = post.base
    return exchange


@dataclass(frozen=True, slots=True)
class Asked:
    """What a message asks for.

    `dry` are the `Dry-Run` headers of the HTTP request. They hold for all of its calls,
    but for one that is a dry run by its arguments anyway.
    """

    tool: Tool
    arguments: dict[str, Any]
    dry: list[str]


async def _perform(edge: Edge, exchange: Exchange, asked: Asked) -> dict[str, Any]:
    """Passes the remaining gates, in the contract's order; then calls upstream."""
    dry = asked.dry
    gates.check_scope(edge, exchange)
    gates.check_role(edge, exchange)
    take_arguments(exchange, taken(asked.tool, asked.arguments))
    if dry and exchange.header(DRY_RUN) != ["true"]:
        keys = [(_KEY, each) for each in exchange.header(_KEY)]
        exchange.headers = CIMultiDict([*keys, *((DRY_RUN, each) for each in dry)])
    gates.check_idempotency_key(edge, exchange)
    if exchange.operation.batch is not None:
        await gates.take_operations(edge, exchange)
    asking = Asking(edge, exchange, asked.tool, asked.arguments)
    if (first := await first_answer(asking)) is not None:
        return first
    route = exchange.operation.route
    if route.is_upload:
        result = await send_text(edge, exchange)
        return {**result, "_meta": {"dry-run": True}} if exchange.is_dry else result
    if route.is_file:
        return await read_text(edge, exchange)
    method = connected(edge).methods[route.request_class]
    reply = await perform(exchange, method)
    result = good_result(exchange.operation, reply.message, is_dry=exchange.is_dry)
    meta: dict[str, Any] = {"dry-run": True} if exchange.is_dry else {}
    if others := await affected(exchange, reply):
        meta["affected"] = counts(others)
    return {**result, "_meta": meta} if meta else result
