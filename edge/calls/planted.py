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
from sanic.response import empty

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
    if fault == "slow":
        await _pause(exchange, SLOW_SECONDS)
        return await answer()
    if not fault:
        return await answer()
    if told.message.after:
        await answer()
    return await _suffer(fault, exchange, request)


async def _suffer(fault: str, exchange: Exchange, request: Request) -> HTTPResponse:
    """What a client gets instead of its answer."""
    if fault == "timeout":
        await _pause(exchange, exchange.deadline - time.monotonic())
        raise deadline_exceeded()
    if fault == "reset":
        transport: Any = request.transport
        if transport is not None:
            transport.abort()
        return empty(status=503)  # nobody gets it
    if fault == "429":
        raise ProblemError("RATE_LIMITED", _DETAIL, {"Retry-After": "1"})
    if fault == "503":
        raise unavailable(_DETAIL)
    raise ProblemError("INTERNAL", _DETAIL)


async def _pause(exchange: Exchange, seconds: float) -> None:
    """Waits, but no longer than the request may take."""
    left = exchange.deadline - time.monotonic()
    await asyncio.sleep(max(0.0, min(seconds, left)))
