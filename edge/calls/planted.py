"""Faults that integrators plant in their sandboxes, to try what their clients do.

Live tenants' requests never come here. The services count: each fault happens exactly
as often as it was asked for, by however many processes.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from prospectconnect.iam.v1.sandboxes_pb2 import TakeSandboxFaultRequest
from sanic import HTTPResponse, Request

from edge.calls.exchange import Exchange
from edge.problems import ProblemError, deadline_exceeded, unavailable
from edge.state import Edge, connected
from edge.upstream.call import call

SLOW_SECONDS = 5.0
_DETAIL = "A fault that was planted in this sandbox."

Answer = Callable[[], Awaitable[HTTPResponse]]


async def answer_with_faults(
    edge: Edge, exchange: Exchange, request: Request, answer: Answer
) -> HTTPResponse:
    """Answers a request in a sandbox, by `answer` unless a fault was planted."""
    name = exchange.operation.name
    asked = TakeSandboxFaultRequest(operation=name[:1].lower() + name[1:])
    method = connected(edge).methods[TakeSandboxFaultRequest]
    metadata = [
        ("authorization", f"Bearer {exchange.token}"),
        ("traceparent", exchange.trace.traceparent),
    ]
    told = await call(method, asked, metadata, exchange.deadline)
    fault = told.message.answer
    if not fault:
        return await answer()
    exchange.is_planted = True
    if fault == "slow":
        return await _answer_late(edge, exchange, answer)
    if told.message.after:
        await answer()
    raise await _suffer(edge, fault, exchange, request)


async def _answer_late(edge: Edge, exchange: Exchange, answer: Answer) -> HTTPResponse:
    """Does the work, then waits: so its body is not kept for so long."""
    try:
        made = await answer()
    except ProblemError:
        await _wait(edge, exchange, SLOW_SECONDS)
        raise
    await _wait(edge, exchange, SLOW_SECONDS)
    return made


async def _suffer(
    edge: Edge, fault: str, exchange: Exchange, request: Request
) -> ProblemError:
    """What a client gets instead of its answer.

    It is always a problem: nothing follows it, as after the head of a download.
    """
    if fault == "timeout":
        await _wait(edge, exchange, exchange.deadline - time.monotonic())
        return deadline_exceeded()
    if fault == "reset":
        transport: Any = request.transport
        if transport is not None:
            transport.abort()
        return unavailable(_DETAIL)  # nobody gets it
    if fault == "429":
        return ProblemError("RATE_LIMITED", _DETAIL, {"Retry-After": "1"})
    if fault == "503":
        return unavailable(_DETAIL)
    return ProblemError("INTERNAL", _DETAIL)


async def _wait(edge: Edge, exchange: Exchange, seconds: float) -> None:
    """Waits, but no longer than the request may take.

    Meanwhile the request takes nothing of what others need: it has no body, and is no
    part of the load. Where too many wait already, it does not wait.
    """
    with edge.held.entered(exchange.caller.shares_of) as has_room:
        if not has_room:
            return
        exchange.body = None
        exchange.entry.leave()
        left = exchange.deadline - time.monotonic()
        await asyncio.sleep(max(0.0, min(seconds, left)))
