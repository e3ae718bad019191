"""The lines of a content, one after the other, each with where it ends.

A line that is too long is cut: its beginning is kept, to say which one it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.importing.reading.content import Content
from services.pauses import Pauses

MOST_BYTES = 1024 * 1024
_KEPT_OF_LONG = 1_000
# What a line costs besides its bytes, in bytes: an empty one takes time, too.
_LINE_COST = 64


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
    """Reads lines from where a content is. A single CR ends one where no LF does.

    `position` is where the line that was taken last ends. `cost` grows with the bytes
    and the number of lines that were read. `is_at_end`: there was no line any more.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        # What was read behind the last mark, and before it the whole lines that were
        # not taken yet, the next one last.
        self._buffer = b""
        self._whole: list[bytes] = []
        self._given_back: list[Line] = []
        self._begins = self._furthest = self.position = content.position
        self.cost, self.is_at_end = 0, False
        self._pauses = Pauses()
        self._mark = b"\n"
        self._is_first = True
        self._has_ended = False

    async def take(self) -> Line | None:
        """The next line, None at the end. Raises `ContentError`."""
        await self._pauses.between()
        line = self._given_back.pop() if self._given_back else await self._next()
        self.is_at_end = line is None
        if line is not None:
            self.position = line.end
            self.cost += _LINE_COST + max(0, line.end - self._furthest)
            self._furthest = max(line.end, self._furthest)
        return line

    async def _next(self) -> Line | None:
        while not self._whole:
            if self._has_ended:
                return None
            line = await self._read()
            if line is not None:
                return line
        return self._line(self._whole.pop(), self._mark)

    def give_back(self, lines: list[Line]) -> None:
        """Lets lines be taken once more, the first one next."""
        self._given_back += reversed(lines)
        self.is_at_end = self.is_at_end and not lines

    async def _read(self) -> Line | None:
        """Reads more lines. Returns one that is too long, or that no mark ends."""
        if len(self._buffer) > MOST_BYTES:
            return await self._skip()
        block = await self._content.read()
        if not block:
            self._has_ended = True
            return self._line(self._buffer, b"") if self._buffer else None
        if self._is_first:
            self._is_first = False
            if b"\n" not in block and b"\r" in block:
                self._mark = b"\r"
        self._split(self._buffer + block)
        return None

    def _split(self, data: bytes) -> None:
        *whole, self._buffer = data.split(self._mark)
        self._whole = whole[::-1]

    async def _skip(self) -> Line:
        """Reads to the end of a line that is too long, and returns its beginning."""
        kept, length, mark = self._buffer[:_KEPT_OF_LONG], len(self._buffer), self._mark
        self._buffer = b""
        while block := await self._content.read():
            at = block.find(mark)
            if at < 0:
                length += len(block)
                continue
            length += at + 1
            self._split(block[at + 1 :])
            break
        self._begins += length
        return Line(kept, self._begins, is_cut=True)

    def _line(self, data: bytes, mark: bytes) -> Line:
        """The line that begins where the last one ended."""
        end = self._begins = self._begins + len(data) + len(mark)
        if data[-1:] == b"\r":
            data, mark = data[:-1], b"\r" + mark
        if len(data) > MOST_BYTES:
            return Line(data[:_KEPT_OF_LONG], end, is_cut=True)
        return Line(data, end, mark=mark)
