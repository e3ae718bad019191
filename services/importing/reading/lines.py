"""The lines of a content, one after the other, each with where it ends.

A line that is too long is cut: its beginning is kept, to say which one it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.importing.reading.content import Content

MOST_BYTES = 1024 * 1024
_KEPT_OF_LONG = 1_000


@dataclass(slots=True)
class Line:
    """A line without its end; `end` is where the next one begins.

    `mark` is what ends it: LF, CR and LF, CR, or nothing at the end of the content.
    """

    data: bytes
    end: int
    is_cut: bool = False
    mark: bytes = b""


def joined(lines: Sequence[Line]) -> bytes:
    """Lines with what is between them, without the end of the last one."""
    *before, last = lines
    return b"".join([*(each.data + each.mark for each in before), last.data])


class Lines:
    """Reads lines from where a content is. A single CR ends one where no LF does."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._buffer = b""
        self._begins = content.position
        self._ready: list[Line] = []
        self._mark = b"\n"
        self._is_first = True
        self._has_ended = False

    async def take(self) -> Line | None:
        """The next line, None at the end. Raises `ContentError`."""
        while not self._ready:
            if self._has_ended:
                return None
            await self._read()
        return self._ready.pop()

    def give_back(self, lines: list[Line]) -> None:
        """Lets lines be taken once more, the first one next."""
        self._ready += reversed(lines)

    async def _read(self) -> None:
        block = await self._content.read()
        if not block:
            self._has_ended = True
            if self._buffer:
                self._keep([self._buffer], ends=False)
            return
        if self._is_first:
            self._is_first = False
            if b"\n" not in block and b"\r" in block:
                self._mark = b"\r"
        *whole, self._buffer = (self._buffer + block).split(self._mark)
        self._keep(whole, ends=True)
        if len(self._buffer) > MOST_BYTES:
            await self._skip()

    async def _skip(self) -> None:
        """Reads to the end of a line that is too long."""
        kept, length, mark = self._buffer[:_KEPT_OF_LONG], len(self._buffer), self._mark
        self._buffer = b""
        while block := await self._content.read():
            at = block.find(mark)
            if at < 0:
                length += len(block)
                continue
            length += at + 1
            self._buffer = block[at + 1 :]
            break
        self._begins += length
        self._ready.insert(0, Line(kept, self._begins, is_cut=True))
        if mark in self._buffer:
            *whole, self._buffer = self._buffer.split(mark)
            self._keep(whole, ends=True)

    def _keep(self, whole: list[bytes], *, ends: bool) -> None:
        """Adds lines to those that are ready; the first one is taken first."""
        found, at = [], self._begins
        plain = self._mark if ends else b""
        for data in whole:
            at += len(data) + ends
            mark = plain
            if data[-1:] == b"\r":
                data, mark = data[:-1], b"\r" + plain  # noqa: PLW2901 - its end
            if len(data) > MOST_BYTES:
                found.append(Line(data[:_KEPT_OF_LONG], at, is_cut=True))
            else:
                found.append(Line(data, at, mark=mark))
        self._begins = at
        self._ready = [*reversed(found), *self._ready]
