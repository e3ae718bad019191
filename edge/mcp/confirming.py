"""Confirmations: a destructive call is answered first with what it would do.

The first call is a dry run; its answer has a confirmation. A second call with the same
arguments and the confirmation is done, if the records are as they were. The services
seal confirmations and see to it that each is used once.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from prospectconnect.iam.v1 import confirmations_pb2 as pb

from edge.calls.exchange import Exchange
from edge.calls.extent import affected, counts
from edge.calls.perform import perform
from edge.mcp import states
from edge.mcp.destructive import CONFIRMATION, asks
from edge.mcp.results import MOST_BYTES, brief, good_result, size_of, told
from edge.mcp.states import State
from edge.mcp.tools import Tool
from edge.problems import Fault, validation_failed
from edge.state import Edge, connected
from edge.upstream.call import Reply, call

Json = dict[str, Any]

MOST_DEPTH = 100  # of arguments, which are hashed by recursion

_AFTER = (
    "Show the user what would be done. If they agree, call {tool} again with the same"
    " arguments and this `confirmation`, before `expires_at`. It works once."
)


@dataclass(frozen=True, slots=True)
class Asking:
    """A call of a destructive tool, with all of its arguments."""

    edge: Edge
    exchange: Exchange
    tool: Tool
    arguments: Json

    @property
    def digest(self) -> bytes:
        """A hash of the tool and its arguments, but for the confirmation."""
        given = {k: v for k, v in self.arguments.items() if k != CONFIRMATION}
        text = f"{self.tool.name} {_ordered(given)!r}"
        return blake2b(text.encode(), digest_size=32).digest()


def taken(tool: Tool, arguments: Json) -> Json:
    """The arguments of a tool without the confirmation. Raises ProblemError."""
    if not tool.is_destructive:
        return arguments
    given = arguments.get(CONFIRMATION)
    if given is not None and (type(given) is not str or not given):
        fault = Fault(
            CONFIRMATION, "invalid_type", "Give the text of the first answer."
        )
        raise validation_failed([fault])
    return {k: v for k, v in arguments.items() if k != CONFIRMATION}


async def first_answer(asking: Asking) -> Json | None:
    """What a call is answered that is not done yet; None if it is to be done.

    Then the call gets the condition that the records are still as they are now.
    Raises ProblemError, also for a confirmation that is not good.
    """
    exchange, tool = asking.exchange, asking.tool
    is_free = exchange.is_dry or not asks(exchange.operation.route, exchange.body)
    if not tool.is_destructive or is_free:
        return None
    _ = asking.digest  # refuses what nests too deep, before anything is asked
    state = await states.state_of(asking.edge, exchange, tool.getter)
    given = asking.arguments.get(CONFIRMATION)
    if given is None:
        return await _preview(asking, state)
    if exchange.operation.route.affects_others:
        await _try(asking, state)
    spend = pb.SpendConfirmationRequest(
        confirmation=given, call=asking.digest, state=state.digest
    )
    await _ask(asking, spend)
    states.bind(exchange, state)
    return None


async def _preview(asking: Asking, state: State) -> Json:
    operation = asking.exchange.operation
    reply = await _try(asking, state)
    if await reply.replayed():  # an earlier call with the same key has done it
        return good_result(operation, reply.message)
    create = pb.CreateConfirmationRequest(call=asking.digest, state=state.digest)
    made = (await _ask(asking, create)).message
    shown: Json = {"done": False, "would": _sentence(asking, state)}
    if state.affected:
        shown["affected"] = counts(state.affected)
    if state.record is not None:
        shown["record"] = brief(state.record)
    ends = {
        CONFIRMATION: made.confirmation,
        "expires_at": made.expires_at.ToJsonString(),
        "next": _AFTER.format(tool=asking.tool.name),
    }
    result = told(shown | ends)
    if operation.route.status != 204 and not operation.route.shows_secret:
        answer = good_result(operation, reply.message)["structuredContent"]
        whole = told({**shown, "answer": answer, **ends})
        result = whole if size_of(whole) <= MOST_BYTES else result
    return {**result, "_meta": {"dry-run": True}}


async def _try(asking: Asking, state: State) -> Reply:
    """Runs the call as a dry run, and notes what it does to other records."""
    exchange = asking.exchange
    method = connected(asking.edge).methods[exchange.operation.route.request_class]
    exchange.is_dry = True
    try:
        reply = await perform(exchange, method)
        state.affected = await affected(exchange, reply)
    finally:
        exchange.is_dry = False
    return reply


async def _ask(asking: Asking, request: Any) -> Reply:
    """Asks the services about a confirmation."""
    exchange = asking.exchange
    method = connected(asking.edge).methods[type(request)]
    metadata = [
        ("authorization", f"Bearer {exchange.token}"),
        ("traceparent", exchange.trace.traceparent),
    ]
    return await call(method, request, metadata, exchange.deadline)


def _sentence(asking: Asking, state: State) -> str:
    said = f"Nothing has been done. It would: {asking.tool.title}."
    if asking.exchange.operation.route.is_batch:
        said += f" Of its operations, {_deletions(asking.exchange.body)} delete."
    if state.affected:
        words = (
            f"{name.replace('.', ' ')}: {number}"
            for name, number in counts(state.affected).items()
        )
        said += f" Of other records, {', '.join(words)}."
    return said


def _deletions(body: Any) -> int:
    operations = (each for each in body["operations"] if isinstance(each, dict))
    return sum(each.get("method") == "delete" for each in operations)


def _ordered(value: Any, depth: int = 0) -> Any:
    """A JSON value as one that always has the same `repr`. Raises ProblemError."""
    if depth > MOST_DEPTH:
        message = f"Arguments of a call that deletes nest at most {MOST_DEPTH} deep."
        raise validation_failed([Fault("arguments", "invalid", message)])
    if isinstance(value, dict):
        return tuple((key, _ordered(value[key], depth + 1)) for key in sorted(value))
    if isinstance(value, list):
        return [_ordered(each, depth + 1) for each in value]
    return value
