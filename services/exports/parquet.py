"""Parquet files, written by a process of their own, which the extra `parquet` needs.

`columnar.py` is that process: one for each file, which ends with it.
"""

import asyncio
import os
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from importlib.util import find_spec
from struct import Struct
from typing import Any

import orjson

from services.exports.cells import Column
from services.exports.errors import ParquetFailed

# As `columnar.py` has them: what is before each part, and the first byte of a failure.
_LENGTH, _BAD = Struct("<I"), b"!"
# So many records are sent at once, or those with so many bytes: Arrow makes a few large
# arrays faster than many small ones. So many parts are on their way there or back.
PART_ROWS, PART_BYTES = 1_000, 512 * 1024
MOST_AHEAD = 2
# The priority of the process: requests of clients come first where processors are few.
_NICE = 15
# An answer takes milliseconds; far longer where others always need the processor.
ANSWER_SECONDS = 300.0


def has_parquet() -> bool:
    """Whether this installation has the extra `parquet`."""
    return find_spec("pyarrow") is not None


def _yield_to_others(pid: int) -> None:
    """Lets a process have the processor where no request of a client wants it.

    It does not do so itself, because its start takes time, too. It may have ended.
    """
    with suppress(OSError):
        its = max(_NICE, os.getpriority(os.PRIO_PROCESS, 0))
        os.setpriority(os.PRIO_PROCESS, pid, its)


class Parquet:
    """One Parquet file. Raises `ParquetFailed`."""

    def __init__(self, columns: Sequence[Column], *, is_compressed: bool) -> None:
        self._asked = {
            "columns": [asdict(each) for each in columns],
            "compression": "gzip" if is_compressed else "none",
        }
        self._process: Any = None
        self._reading: asyncio.Task[None] | None = None
        self._answers: asyncio.Queue[bytes | None] = asyncio.Queue()
        # What is sent next; the bytes of what was sent, and of what was answered
        # without a row group.
        self._lines: list[bytes] = []
        self._bytes = self._inside = 0
        self._ahead: deque[int] = deque()

    @property
    def held(self) -> int:
        """The bytes of JSON of those records that it has not given back yet."""
        return self._bytes + sum(self._ahead) + self._inside

    async def add(self, lines: list[bytes]) -> bytes:
        """What follows in the file: row groups of these records or earlier ones."""
        self._lines += lines
        self._bytes += sum(map(len, lines))
        if len(self._lines) >= PART_ROWS or self._bytes >= PART_BYTES:
            await self._send_lines()
        found = []
        while len(self._ahead) > MOST_AHEAD or not self._answers.empty():
            found.append(await self._answer())
        return b"".join(found)

    async def end(self) -> bytes:
        """The last row group, and the footer."""
        if self._lines:
            await self._send_lines()
        await self._send(b"")
        found = [await self._answer() for _ in range(len(self._ahead))]
        await self.abandon()
        return b"".join(found)

    async def abandon(self) -> None:
        """Ends the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        if self._reading is not None:
            self._reading.cancel()
        await process.wait()

    async def _send_lines(self) -> None:
        part, self._lines, self._bytes = b"\n".join(self._lines), [], 0
        await self._send(part)

    async def _send(self, part: bytes) -> None:
        if self._process is None:
            await self._start()
        self._ahead.append(len(part))
        await self._write(part)

    async def _start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.exports.columnar"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        _yield_to_others(self._process.pid)
        # It is read all the time: while it writes, it reads nothing.
        self._reading = asyncio.create_task(self._read_all(self._process.stdout))
        asked = orjson.dumps(self._asked, default=sorted)
        await self._write(asked)

    async def _write(self, part: bytes) -> None:
        source = self._process.stdin
        try:
            source.writelines((_LENGTH.pack(len(part)), part))
            async with asyncio.timeout(ANSWER_SECONDS):
                await source.drain()
        except (OSError, TimeoutError) as error:
            raise ParquetFailed from error

    async def _read_all(self, answers: asyncio.StreamReader) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                (length,) = _LENGTH.unpack(await answers.readexactly(_LENGTH.size))
                self._answers.put_nowait(await answers.readexactly(length))
        self._answers.put_nowait(None)

    async def _answer(self) -> bytes:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._answers.get()
        except TimeoutError as error:
            raise ParquetFailed from error
        if answer is None:
            raise ParquetFailed
        if answer[:1] == _BAD:
            raise RuntimeError(answer[1:].decode())
        size = self._ahead.popleft()
        self._inside = 0 if len(answer) > 1 else self._inside + size
        return answer[1:]
