"""Looks for all streams of an edge together, reads for those that have something.

One task asks the services, some times a second, which tenants have new changes
since their streams have read, and whether the tokens of some streams still hold. Who is
idle costs nothing but its line. Each stream gets a sign of life in its turn of the
round; in that turn its token is looked at too.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog
from prospectconnect.crm.v1.readers_pb2 import CheckReadersRequest

from edge.calls.answers import as_problem
from edge.http.connection import PART_BYTES
from edge.limits.readers import Readers
from edge.problems import ProblemError
from edge.state import Edge, connected
from edge.streams.line import Line
from edge.streams.reading import Pages
from edge.upstream.call import call

LOOK_SECONDS = 0.1
# A stream gets a sign of life in each round, so that it comes within 15 seconds. A turn
# of the round is that of the streams with the same slot.
SIGN_SECONDS = 13.0
TURNS = 130
# So many tenants, or tokens, are asked about by one call.
AT_ONCE = 1_000
# So many streams of a tenant read at a time.
LANES = 4
# A stream gets a new cursor after so long, and up to half as long again.
STAY_SECONDS = 240.0
# A page that the services could not give is asked for again after so long. As long,
# the services may remember a token that is no longer valid.
PAUSE_SECONDS = 1.0
# How long a look may take.
PATIENCE_SECONDS = 5.0
SIGN = b": still here\n"
_TRY_AGAIN = (503, 504)

_log = structlog.get_logger("edge")


@dataclass(slots=True)
class _Tenant:
    """The streams of a tenant; those in `due` have something to read.

    All have read up to its place. Something has happened before the place `seen`.
    """

    place: int
    seen: int = 0
    lines: set[Line] = field(default_factory=set)
    due: deque[Line] = field(default_factory=deque)
    lanes: int = 0


class Hub:
    """The streams of one event loop."""

    def __init__(self, edge: Edge, pages: Pages) -> None:
        self._edge, self._pages = edge, pages
        self._tenants: dict[str, _Tenant] = {}
        self._turns: list[set[Line]] = [set() for _ in range(TURNS)]
        self._turn = _turn_of(time.monotonic())
        self._looking: asyncio.Task[None] | None = None
        self._lanes: set[asyncio.Task[None]] = set()
        # How much slow clients had not taken at their last turn, and since when.
        self._slow: dict[Line, tuple[int, float]] = {}

    @property
    def _readers(self) -> Readers:
        return self._edge.readers

    def add(self, line: Line, place: int, *, has_more: bool) -> None:
        """Keeps a stream, which has read up to a place, from here on."""
        name, now = line.reader.tenant, time.monotonic()
        self._readers.enter(line.reader.shares_of, streams=True)
        tenant = self._tenants.setdefault(name, _Tenant(place))
        tenant.lines.add(line)
        line.slot = _turn_of(now) % TURNS
        self._turns[line.slot].add(line)
        line.again_at = _later(now)
        if has_more:
            self._wake(line)
        else:
            tenant.place = min(tenant.place, place)
        if self._readers.has_ended:
            line.end()
        elif self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_while_any())

    def lost(self, line: Line) -> None:
        """Forgets a stream whose connection has closed."""
        self._turns[line.slot].discard(line)
        self._slow.pop(line, None)
        tenant = self._tenants.get(line.reader.tenant)
        if tenant is None or line not in tenant.lines:
            return
        tenant.lines.remove(line)
        self._readers.leave(line.reader.shares_of, streams=True)
        if not tenant.lines:
            del self._tenants[line.reader.tenant]

    def resumed(self, line: Line) -> None:
        """Goes on with a stream whose client has taken what it was sent."""
        self._slow.pop(line, None)
        if line.is_woken:
            self._wake(line)

    def end(self) -> None:
        """Ends all streams."""
        for tenant in tuple(self._tenants.values()):
            for line in tuple(tenant.lines):
                line.end()

    def _wake(self, line: Line) -> None:
        """Lets a stream read, after those of its tenant that were woken before."""
        line.is_woken = True
        tenant = self._tenants.get(line.reader.tenant)
        if line.is_busy or line.is_paused or tenant is None:
            return
        line.is_busy = True
        tenant.due.append(line)
        if tenant.lanes < LANES:
            tenant.lanes += 1
            task = asyncio.create_task(self._serve(tenant))
            self._lanes.add(task)
            task.add_done_callback(self._lanes.discard)

    async def _serve(self, tenant: _Tenant) -> None:
        """One lane: reads for one stream after the other."""
        try:
            while tenant.due:
                line = tenant.due.popleft()
                line.is_woken = False
                await self._tell(tenant, line)
                line.is_busy = False
                if line.is_woken and line.is_open:
                    self._wake(line)
                await asyncio.sleep(0)  # the requests of others come between
        finally:
            tenant.lanes -= 1

    async def _tell(self, tenant: _Tenant, line: Line) -> None:
        """Reads a page for a stream, and sends it."""
        if not line.is_open:
            return
        try:
            told = await self._pages.read(line.reader, line.cursor, tenant.seen)
        except ProblemError as problem:
            if problem.kind.status in _TRY_AGAIN:
                self._wake_later(line)
            else:
                line.end(self._pages.problem(line.reader, problem))
            return
        except Exception as error:
            line.end(self._pages.problem(line.reader, as_problem(error)))
            return
        line.cursor = told.cursor
        line.again_at = _later(time.monotonic())
        line.write(told.events or SIGN + b"id: %b\n\n" % told.cursor.encode())
        if told.has_more:
            line.is_woken = True
        else:
            tenant.place = min(tenant.place, told.place)

    def _wake_later(self, line: Line) -> None:
        asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._wake, line)

    async def _look_while_any(self) -> None:
        self._turn = _turn_of(time.monotonic())
        while self._tenants and not self._readers.has_ended:
            await asyncio.sleep(LOOK_SECONDS)
            lines, refused = self._next_turns(), set[str]()
            try:
                refused = await self._look({each.reader.token for each in lines})
            except ProblemError:
                pass  # the services are away: streams go on when they are back
            except Exception:
                _log.exception("changes were not looked for")
            for line in lines:
                self._sign(line, line.reader.token in refused)

    def _next_turns(self) -> list[Line]:
        """The streams whose turns have come since the last look."""
        last, self._turn = self._turn, _turn_of(time.monotonic())
        turns = range(max(last, self._turn - TURNS) + 1, self._turn + 1)
        return [line for turn in turns for line in self._turns[turn % TURNS]]

    async def _look(self, tokens: set[str]) -> set[str]:
        """Wakes those who have something to read. Returns which tokens are refused."""
        refused, names, given = set[str](), tuple(self._tenants), tuple(tokens)
        for begin in range(0, max(len(names), len(given)), AT_ONCE):
            part = slice(begin, begin + AT_ONCE)
            refused |= await self._look_at(names[part], given[part])
        return refused

    async def _look_at(self, names: Sequence[str], tokens: Sequence[str]) -> set[str]:
        asked = {n: t for n in names if (t := self._tenants.get(n)) is not None}
        places = [tenant.place for tenant in asked.values()]
        request = CheckReadersRequest(
            business_ids=asked,
            places=places,
            authorizations=[f"Bearer {token}" for token in tokens],
        )
        method = connected(self._edge).methods[CheckReadersRequest]
        deadline = time.monotonic() + PATIENCE_SECONDS
        found = (await call(method, request, (), deadline)).message
        happened = frozenset(found.happened)
        for index, (tenant, place) in enumerate(
            zip(asked.values(), places, strict=True)
        ):
            # Who came meanwhile may have read less.
            if tenant.place == place:
                tenant.place = max(place, found.place)
            if index in happened:
                tenant.seen = found.place
                self._wake_all(tenant.lines)
        return {tokens[index] for index in found.refused}

    def _wake_all(self, lines: Iterable[Line]) -> None:
        for line in tuple(lines):
            self._wake(line)

    def _sign(self, line: Line, is_refused: bool) -> None:
        """The turn of a stream: it is told that it lives, or why not."""
        if line.is_paused:
            self._end_if_slow(line)
        elif is_refused:
            self._wake_later(line)
        elif time.monotonic() >= line.again_at:
            self._wake(line)
        else:
            line.write(SIGN + b"\n")

    def _end_if_slow(self, line: Line) -> None:
        """Ends a stream whose client takes nothing of what it was sent."""
        now = time.monotonic()
        left = line.bytes_left() // PART_BYTES
        before, since = self._slow.get(line, (left, now))
        if left != before:
            since = now
        self._slow[line] = left, since
        if now - since >= self._edge.settings.client_times.answer_part:
            line.abort()


def _turn_of(now: float) -> int:
    return int(now * TURNS / SIGN_SECONDS)


def _later(now: float) -> float:
    return now + STAY_SECONDS + secrets.randbelow(int(STAY_SECONDS) // 2)
