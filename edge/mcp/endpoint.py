"""The endpoint: one HTTP request with a message, or a batch of them, and its answer.

It takes one request from the token's budget, and one for each further message that it
answers. A problem of the whole HTTP request is answered as a JSON-RPC error, with the
problem in its data.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from sanic import HTTPResponse

from edge.gates import checks as gates
from edge.http.bearer import challenge
from edge.http.compression import VARY, compress, is_wanted
from edge.http.http_input import is_json, media_type, read_body
from edge.mcp import messages
from edge.mcp.calls import FOR_THE_CLIENT
from edge.mcp.gates import chosen
from edge.mcp.messages import Id, Message, RpcError
from edge.mcp.methods import answer, finished
from edge.mcp.post import Post
from edge.mcp.results import bad_result
from edge.mcp.revisions import (
    HEADER_MISMATCH,
    STATELESS,
    UNSUPPORTED_VERSION,
    has_batches,
    revision_of,
)
from edge.mcp.tools import Tools, choose
from edge.oauth.metadata import ASSISTANTS_PATH
from edge.problems import ProblemError, document
from edge.state import Edge
from edge.transcoder.json_body import parse_body
from edge.web.visit import MOST_BYTES, Visit

MOST_MESSAGES = 20

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    **VARY,
}

# The HTTP statuses of errors: for input that is no message, and for the errors that the
# protocol's stateless revision reports by status.
_STATUS: Mapping[int, int] = {
    messages.PARSE_ERROR: 400,
    messages.INVALID_REQUEST: 400,
    HEADER_MISMATCH: 400,
    UNSUPPORTED_VERSION: 400,
}
_STATELESS_STATUS: Mapping[int, int] = {
    **_STATUS,
    messages.INVALID_PARAMS: 400,
    messages.METHOD_NOT_FOUND: 404,
}


async def take(tools: Tools, edge: Edge, visit: Visit) -> HTTPResponse:
    """Answers a request; its token is checked before anything else is read."""
    headers = visit.request.headers
    post = Post(headers, tools, visit.trace, visit.deadline, visit.entry, revision="")
    post.address, post.base = visit.address[:64], visit.base
    try:
        await gates.passed(gates.check_token(edge, post))
        gates.check_load(edge, post)
        if (collections := chosen(visit.request.raw_url)) is not None:
            post.tools = choose(tools, collections)
        post.revision = revision_of(headers)
        taken = await _taken(edge, visit, post)
    except RpcError as error:
        taken = _error(None, error, post)
    except ProblemError as problem:
        taken = refuse(edge, visit, problem)
    if post.budget is not None:
        taken.headers.update(post.budget.headers())
    if is_wanted(visit.header("accept-encoding"), taken):
        await compress(taken)
    return taken


async def _taken(edge: Edge, visit: Visit, post: Post) -> HTTPResponse:
    try:
        await gates.passed(gates.check_rate_limit(edge, post))
    except ProblemError as problem:
        return await _limited(edge, visit, post, problem)
    value = await _read(visit, edge.settings.max_body_bytes)
    if type(value) is list:
        return await _batch(edge, post, value)
    try:
        message = messages.read_message(value)
    except RpcError as error:
        return _error(messages.id_of(value), error, post)
    return await _single(edge, visit, post, message)


async def _read(visit: Visit, most: int) -> Any:
    """The body as a JSON value."""
    body = await read_body(visit.request, most, visit.deadline, visit.entry)
    if not is_json(media_type(visit.request.headers)):
        detail = "The body must be sent as application/json."
        raise ProblemError("UNSUPPORTED_MEDIA_TYPE", detail)
    try:
        return parse_body(body)
    except ProblemError as problem:
        raise RpcError(messages.PARSE_ERROR, problem.detail) from None


async def _single(
    edge: Edge, visit: Visit, post: Post, message: Message
) -> HTTPResponse:
    if message.id is None:
        return HTTPResponse(b"", 202, dict(_HEADERS))
    try:
        result = await answer(edge, post, message)
    except RpcError as error:
        return _error(message.id, error, post)
    except ProblemError as problem:
        return refuse(edge, visit, problem, message.id)
    return _json(messages.good(message.id, result))


async def _batch(edge: Edge, post: Post, values: list[Any]) -> HTTPResponse:
    """The answers to several messages, one after another; notifications get none."""
    if not has_batches(post.revision):
        raise RpcError(messages.INVALID_REQUEST, "This revision has no batches.")
    if not 0 < len(values) <= MOST_MESSAGES:
        allowed = f"1 to {MOST_MESSAGES} messages"
        raise RpcError(messages.INVALID_REQUEST, f"A batch must hold {allowed}.")
    found: list[dict[str, Any]] = []
    for value in values:
        told = await _of_batch(edge, post, value, is_paid=not found)
        if told is not None:
            found.append(told)
    return _json(found) if found else HTTPResponse(b"", 202, dict(_HEADERS))


async def _of_batch(
    edge: Edge, post: Post, value: Any, *, is_paid: bool
) -> dict[str, Any] | None:
    """The answer to one message, None for a notification.

    Refusals take from the budget too. The HTTP request has paid for the first answer.
    """
    if messages.is_notification(value):
        return None
    id = messages.id_of(value)
    try:
        if not is_paid:
            await gates.passed(gates.check_rate_limit(edge, post))
        message = messages.read_message(value)
        assert message.id is not None  # noqa: S101 - it is no notification
        if message.method == "initialize":
            raise RpcError(messages.INVALID_REQUEST, "initialize must come alone.")
        return messages.good(message.id, await answer(edge, post, message))
    except RpcError as error:
        return messages.bad(id, error)
    except ProblemError as problem:
        return messages.bad(id, _as_error(edge, problem, post.trace.trace_id))


async def _limited(
    edge: Edge, visit: Visit, post: Post, problem: ProblemError
) -> HTTPResponse:
    """The answer if the budget is used up: a result for a tool call, which the
    assistant reads, else a status. It reads only as much of a body as that needs."""
    try:
        message = messages.read_message(await _read(visit, MOST_BYTES))
    except (ProblemError, RpcError):
        raise problem from None
    if message.method != "tools/call" or message.id is None:
        return refuse(edge, visit, problem, message.id)
    base, trace_id = edge.settings.problem_base, visit.trace.trace_id
    result = bad_result(problem, None, base, trace_id)
    told = _json(messages.good(message.id, finished(edge, post, message, result)))
    told.headers.update(problem.headers)
    return told


def refuse(
    edge: Edge, visit: Visit, problem: ProblemError, id: Id | None = None
) -> HTTPResponse:
    """The answer to an HTTP request that failed with a problem."""
    error = _as_error(edge, problem, visit.trace.trace_id)
    told = _json(messages.bad(id, error), problem.kind.status)
    told.headers.update(problem.headers)
    if problem.reason in FOR_THE_CLIENT:
        told.headers.update(challenge(problem, f"{visit.base}{ASSISTANTS_PATH}"))
    return told


def _as_error(edge: Edge, problem: ProblemError, trace_id: str) -> RpcError:
    status, code = problem.kind.status, messages.INVALID_REQUEST
    if status in (401, 403, 429):
        code = messages.REFUSED
    elif status >= 500:
        code = messages.INTERNAL_ERROR
    data = document(problem, edge.settings.problem_base, "/mcp", trace_id)
    return RpcError(code, problem.detail, data)


def _error(id: Id | None, error: RpcError, post: Post) -> HTTPResponse:
    statuses = _STATELESS_STATUS if post.revision == STATELESS else _STATUS
    return _json(messages.bad(id, error), statuses.get(error.code, 200))


def _json(body: Any, status: int = 200) -> HTTPResponse:
    return HTTPResponse(orjson.dumps(body), status, dict(_HEADERS), "application/json")
