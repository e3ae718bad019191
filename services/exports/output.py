"""The files of an export while they are written: piece by piece into the store.

A file is compressed, counted and hashed on its way. The store takes it while the next
records are read; a few pieces wait for it at most.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from services.exports.formats import Begin, Format
from services.files.stores import Files, StoreUnavailable

# What a file gets at once, and how many such pieces wait for the store.
# It is small, because the event loop waits while a piece is hashed.
PIECE_BYTES, MOST_PIECES = 256 * 1024, 12
# What a packer has not given back yet needs some room in a file.
ROOM_BYTES = 2 * 1024**2
# A record takes so many times its JSON at most: in a table each quotation mark is two.
MOST_TIMES = 2
# So long a store may take for the next piece, or for what is left of a file. A bucket's
# requests give up before that; a folder on a server that hangs never does.
STORE_SECONDS = 90.0
# So long a store may take to take back a file that nobody wants any more.
ABANDON_SECONDS = 5.0
_LEVEL = 1
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of one type of records go, and what they are called."""

    files: Files
    prefix: str
    resource: str
    ending: str
    is_packed: bool
    most_bytes: int


class _AbandonedError(Exception):
    """Nobody wants the file any more."""


class _File:
    """One file on its way into the store."""

    def __init__(self, place: Place, number: int, name: str, its: Format) -> None:
        self._format = its
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue(MOST_PIECES)
        self._packer = None
        if place.is_packed:
            self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        self._held: list[bytes] = []
        self._held_bytes = self._bytes = self.rows = 0
        self._is_abandoned = False
        self.number, self.name = number, name
        kept = f"{place.prefix}{number}"
        self._writing = asyncio.create_task(place.files.write(kept, self._pieces()))

    async def add(self, lines: list[bytes]) -> None:
        self.rows += len(lines)
        await self._put(await self._format.add(lines))

    def after(self, size: int) -> int:
        """The most bytes that it has after further records with so much JSON."""
        inside = MOST_TIMES * (self._format.held + size)
        return self._bytes + self._held_bytes + inside + ROOM_BYTES

    async def finish(self) -> dict[str, Any]:
        """Ends the file, and tells what it is."""
        await self._put(await self._format.end(), is_last=True)
        await self._give(None)
        await asyncio.wait((self._writing,), timeout=STORE_SECONDS)
        if not self._writing.done():
            raise StoreUnavailable
        written = await self._writing
        return {
            "number": self.number,
            "name": self.name,
            "rows": self.rows,
            "bytes": written.bytes,
            "sha256": written.sha256,
        }

    async def abandon(self) -> None:
        """Ends it without a trace: the store takes back what it has got of it."""
        self._is_abandoned = True
        if self._waiting.empty():
            self._waiting.put_nowait(None)
        try:
            await asyncio.wait((self._writing,), timeout=ABANDON_SECONDS)
        finally:
            self._writing.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self._writing
        await self._format.abandon()

    async def _put(self, data: bytes, *, is_last: bool = False) -> None:
        if data:
            self._held.append(data)
            self._held_bytes += len(data)
        if self._held_bytes < PIECE_BYTES and not is_last:
            return
        piece, self._held, self._held_bytes = b"".join(self._held), [], 0
        packer = self._packer
        if packer is not None:
            piece = await asyncio.to_thread(packer.compress, piece)
            if is_last:
                piece += packer.flush()
        self._bytes += len(piece)
        for start in range(0, len(piece), PIECE_BYTES):
            await self._give(piece[start : start + PIECE_BYTES])

    async def _give(self, piece: bytes | None) -> None:
        """Lets the store have a piece. Raises what the store raises.

        Raises `StoreUnavailable` if it hangs: an export keeps a snapshot meanwhile.
        """
        put = asyncio.ensure_future(self._waiting.put(piece))
        await asyncio.wait(
            (put, self._writing),
            timeout=STORE_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if put.done():
            return
        put.cancel()
        if not self._writing.done():
            raise StoreUnavailable
        await self._writing

    async def _pieces(self) -> AsyncIterator[bytes]:
        while (piece := await self._waiting.get()) is not None:
            if self._is_abandoned:
                break
            yield piece
        if self._is_abandoned:
            raise _AbandonedError


class Output:
    """The files of one type of records, from the first number on."""

    def __init__(self, place: Place, begin: Begin, first: int) -> None:
        self._place, self._begin, self._next = place, begin, first
        self._count = 0
        self._file: _File | None = None
        self.written: list[dict[str, Any]] = []

    async def add(self, lines: list[bytes]) -> None:
        """Writes records; begins another file if this one has no room for them."""
        size = sum(map(len, lines))
        if self._open().rows and self._open().after(size) > self._place.most_bytes:
            await self._close()
        await self._open().add(lines)

    async def finish(self) -> list[dict[str, Any]]:
        """Ends the last file, and tells what all of them are. There is at least one."""
        if self._file is not None or not self.written:
            self._open()
            await self._close()
        return self.written

    async def abandon(self) -> None:
        """Ends what has begun."""
        if self._file is not None:
            await self._file.abandon()
            self._file = None

    def _open(self) -> _File:
        if self._file is None:
            self._count += 1
            name = f"{self._place.resource}-{self._count}{self._place.ending}"
            self._file = _File(self._place, self._next, name, self._begin())
            self._next += 1
        return self._file

    async def _close(self) -> None:
        file = self._open()
        made = await file.finish()
        self._file = None
        self.written.append(made | {"resource": self._place.resource})
