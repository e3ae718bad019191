"""Draws charts in a process beside the edge: one at a time, each for a few seconds.

The process starts with the first chart, and ends when there was none for a minute, when
it has drawn many, or when a chart takes too long. Few charts wait; more are refused.
"""

import asyncio
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import orjson
import structlog

from edge.charts.drawer import BAD, LENGTH
from edge.figures import Figures
from edge.problems import ProblemError, our_fault, unavailable

MOST_WAITING = 64
MOST_DRAWN = 1_000
MOST_BYTES = 8 * 1024 * 1024
DRAW_SECONDS, START_SECONDS, IDLE_SECONDS = 10.0, 20.0, 60.0
_LIBRARY = "vl_convert"

_log = structlog.get_logger("edge")


def can_draw() -> bool:
    """Whether the extra `charts` is installed."""
    return find_spec(_LIBRARY) is not None


def refuse_to_draw() -> ProblemError:
    """The problem of a chart that nothing here can draw."""
    detail = "This server draws no charts; figures as JSON and CSV it has."
    return ProblemError("NOT_ACCEPTABLE", detail)


class DrawingFailed(Exception):
    """The process could not draw a chart."""


@dataclass(slots=True)
class Drawing:
    """What draws the charts of one edge. `figures` counts them."""

    figures: Figures | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: int = 0
    _process: Any = None
    _drawn: int = 0
    _idle: asyncio.TimerHandle | None = None

    async def svg(self, spec: dict[str, Any]) -> str:
        """Draws a specification. Raises `ProblemError`."""
        return (await self._asked("svg", {"spec": spec})).decode()

    async def png(self, svg: str) -> bytes:
        """Draws an SVG. Raises `ProblemError`."""
        return await self._asked("png", {"svg": svg})

    async def end(self) -> None:
        """Ends the process, if there is one."""
        async with self._lock:
            await self._stop()

    async def _asked(self, form: str, asked: dict[str, Any]) -> bytes:
        if not can_draw():
            raise refuse_to_draw()
        if self._waiting >= MOST_WAITING:
            raise unavailable()
        self._waiting += 1
        try:
            async with self._lock:
                began = time.monotonic()
                drawn = await self._draw(orjson.dumps(asked))
                if self.figures is not None:
                    self.figures.drew(form, time.monotonic() - began)
                return drawn
        except (TimeoutError, DrawingFailed) as error:
            _log.error("a chart was not drawn", why=str(error))
            raise our_fault() from None
        finally:
            self._waiting -= 1

    async def _draw(self, asked: bytes) -> bytes:
        try:
            if self._process is None:
                async with asyncio.timeout(START_SECONDS):
                    await self._start()
            async with asyncio.timeout(DRAW_SECONDS):
                answer = await self._exchange(asked)
        except BaseException:
            # What is half written or half read belongs to no other chart.
            await self._stop()
            raise
        self._drawn += 1
        if self._drawn >= MOST_DRAWN:
            await self._stop()
        else:
            self._rest()
        if answer[:1] == BAD:
            raise DrawingFailed(answer[1:].decode(errors="replace"))
        return answer[1:]

    async def _start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "edge.charts.drawer"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl+C is for the edge, which then ends it
        )
        self._drawn = 0
        await self._read()

    async def _exchange(self, asked: bytes) -> bytes:
        try:
            self._process.stdin.write(LENGTH.pack(len(asked)) + asked)
            await self._process.stdin.drain()
            return await self._read()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise DrawingFailed("the process has ended") from error

    async def _read(self) -> bytes:
        try:
            head = await self._process.stdout.readexactly(LENGTH.size)
            (length,) = LENGTH.unpack(head)
            if length > MOST_BYTES:
                raise DrawingFailed("the chart is too large")
            found: bytes = await self._process.stdout.readexactly(length)
        except asyncio.IncompleteReadError as error:
            raise DrawingFailed("the process has ended") from error
        return found

    def _rest(self) -> None:
        """Ends the process a minute from now, unless another chart comes."""
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(IDLE_SECONDS, self._leave)

    def _leave(self) -> None:
        if not self._lock.locked() and self._process is not None:
            self._process.stdin.close()  # it ends with its input
            self._process, self._idle = None, None

    async def _stop(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
