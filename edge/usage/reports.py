"""Reports of usage: every few seconds the counts are sent to the services.

A report that fails is dropped: sending it again could count its requests twice. While
the services cannot be reached, there are no successes to count.
"""

import asyncio
import time
from dataclasses import dataclass
from itertools import islice

import structlog
from google.protobuf.timestamp_pb2 import Timestamp
from prospectconnect.iam.v1 import usage_pb2 as pb

from edge.figures import Figures
from edge.problems import ProblemError
from edge.upstream.call import call
from edge.upstream.channel import UpstreamMethod
from edge.usage.tallies import Noted, Tallies, Tally

SECONDS = 3.0
# The callers in one report, and the requests that are reported by themselves.
MOST_CALLERS, MOST_NOTED = 250, 1_000
_TIMEOUT = 5.0

_log = structlog.get_logger("edge")


@dataclass(frozen=True, slots=True)
class UsageReporter:
    """Sends reports with the method `RecordUsage`."""

    method: UpstreamMethod
    tallies: Tallies
    figures: Figures | None

    async def run(self) -> None:
        """Reports every few seconds, until it is cancelled."""
        while True:
            await asyncio.sleep(SECONDS)
            try:
                await self.report()
            except Exception:
                _log.exception("usage was not reported")

    async def finish(self) -> None:
        """Sends the last report. It may delay the end of the edge by a few seconds."""
        try:
            async with asyncio.timeout(_TIMEOUT):
                await self.report()
        except TimeoutError:
            _log.warning("usage_dropped", why="the edge ends")

    async def report(self) -> None:
        """Reports what was counted since the last report, if anything was."""
        taken = self.tallies.take()
        while tallies := list(islice(taken, MOST_CALLERS)):
            request, deadline = request_of(tallies), time.monotonic() + _TIMEOUT
            try:
                reply = await call(self.method, request, (), deadline)
            except ProblemError as problem:
                self._drop(sum(map(_size, tallies)), problem.reason)
            else:
                if refused := reply.message.refused:
                    _log.warning("usage_refused", callers=refused)

    def _drop(self, requests: int, reason: str) -> None:
        if self.figures is not None:
            self.figures.usage_dropped += requests
        _log.warning("usage_dropped", requests=requests, why=reason)


def request_of(tallies: list[Tally]) -> pb.RecordUsageRequest:
    """The report of some callers, with the first `MOST_NOTED` noted requests."""
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
        for (name, version, day), touched in tally.touched.items():
            part.touched.add(
                operation=name,
                version=version,
                changed_by=day,
                requests=touched.requests,
                at=_timestamp(touched.at),
                trace_id=touched.trace_id,
                members=touched.members,
            )
    return request


def _timestamp(seconds: float) -> Timestamp:
    micros = round(seconds * 1_000_000)
    return Timestamp(seconds=micros // 1_000_000, nanos=micros % 1_000_000 * 1_000)


def _request(noted: Noted) -> pb.NotedRequest:
    return pb.NotedRequest(
        at=_timestamp(noted.at),
        operation=noted.operation,
        status=noted.status,
        problem=noted.problem,
        reason=noted.reason,
        detail=noted.detail,
        trace_id=noted.trace_id,
        milliseconds=noted.milliseconds,
        address=noted.address,
    )


def _size(tally: Tally) -> int:
    return sum(tally.good.values()) + sum(tally.failed.values())
