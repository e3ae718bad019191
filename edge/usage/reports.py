"""Reports of usage: every few seconds what was counted goes to the services.

What cannot be reported is let go: while the services are away there is nothing good to
count, and a second report of the same would count it twice.
"""

import asyncio
import time
from itertools import islice

import structlog
from google.protobuf.timestamp_pb2 import Timestamp
from prospectconnect.iam.v1 import usage_pb2 as pb

from edge.calls.upstream import call
from edge.parts import Edge
from edge.problems import ProblemError
from edge.usage.counts import Noted, Tally

SECONDS = 3.0
# So many callers in one report, and so many noted requests.
MOST_CALLERS, MOST_NOTED = 250, 1_000
_PATIENCE = 5.0

_log = structlog.get_logger("edge")


async def keep_reporting(edge: Edge) -> None:
    """Reports every few seconds, for as long as the edge runs."""
    while True:
        await asyncio.sleep(SECONDS)
        try:
            await report(edge)
        except Exception:
            _log.exception("usage was not reported")


async def report_the_last(edge: Edge) -> None:
    """Reports what is left as the edge ends, which waits for it a few seconds."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await report(edge)
    except TimeoutError:
        _log.warning("usage_dropped", why="the edge ends")


async def report(edge: Edge) -> None:
    """Reports what was counted since the last time, if anything was."""
    if edge.upstream is None:
        return
    method, taken = edge.upstream.oauth.usage.RecordUsage, edge.tallies.take()
    while tallies := list(islice(taken, MOST_CALLERS)):
        request, deadline = request_of(tallies), time.monotonic() + _PATIENCE
        try:
            reply = await call(method, request, (), deadline)
        except ProblemError as problem:
            _drop(edge, sum(map(_size, tallies)), problem.reason)
        else:
            if refused := reply.message.refused:
                _log.warning("usage_refused", callers=refused)


def request_of(tallies: list[Tally]) -> pb.RecordUsageRequest:
    """The report of some callers. Of too many noted requests, the last are left out."""
    request, room = pb.RecordUsageRequest(), MOST_NOTED
    for tally in tallies:
        noted = tally.noted[:room]
        room -= len(noted)
        part = request.callers.add(receipt=tally.receipt)
        for name, times in tally.good.items():
            part.counts.add(operation=name, requests=times)
        for (name, problem), times in tally.failed.items():
            part.counts.add(operation=name, problem=problem, requests=times)
        part.requests.extend(map(_request, noted))
    return request


def _request(noted: Noted) -> pb.NotedRequest:
    micros = round(noted.at * 1_000_000)
    at = Timestamp(seconds=micros // 1_000_000, nanos=micros % 1_000_000 * 1_000)
    return pb.NotedRequest(
        at=at,
        operation=noted.operation,
        status=noted.status,
        problem=noted.problem,
        reason=noted.reason,
        detail=noted.detail,
        trace_id=noted.trace_id,
        milliseconds=noted.milliseconds,
    )


def _size(tally: Tally) -> int:
    return sum(tally.good.values()) + sum(tally.failed.values())


def _drop(edge: Edge, requests: int, reason: str) -> None:
    if edge.watch.figures is not None:
        edge.watch.figures.usage_dropped += requests
    _log.warning("usage_dropped", requests=requests, why=reason)
