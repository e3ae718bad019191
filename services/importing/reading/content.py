"""The content of an import as one stream of bytes, from any position on.

Parts are joined, and gzip is unpacked. Positions are those of what is unpacked. What
unpacks to too much is refused, and so is what is cut.
"""

import codecs
import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from services.files.stores import FileMissing, Files
from services.imports.contents import PIECE_BYTES, piece_name
from services.pauses import Pauses

# Blocks are short: to split one into lines takes half a millisecond at the most.
BLOCK_BYTES = 64 * 1024
# What may be unpacked from a content, as a multiple of its bytes. Text is rarely packed
# to less than a twentieth. Small contents may unpack to more.
MOST_RATIO = 200
_ANY_BYTES = 64 * 1024**2
MOST_UNPACKED = 16 * 1024**3

_GZIP = b"\x1f\x8b"
# How files of spreadsheets begin: as archives (.xlsx, .ods), or as older ones (.xls).
_NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARK_BYTES = 4
_SAVE_AS_CSV = (
    "The content is a file of a spreadsheet program, or an archive, and no text: save"
    " the table as CSV (UTF-8), and send that."
)


class ContentError(Exception):
    """The content cannot be read any further; the text says why, for its sender."""


class Content:
    """The content of one import. `position` is where the next block begins.

    `utf16` is the charset of a content whose characters are no single bytes: it is
    given on as UTF-8, with U+FFFD for what is no character.
    """

    def __init__(
        self,
        files: Files,
        folder: str,
        sendings: Mapping[str, Any],
        utf16: str = "",
    ) -> None:
        self._files = files
        self._pieces = [
            piece_name(sent.get("folder", folder), number, sent["name"], place)
            for number, sent in sorted((int(n), each) for n, each in sendings.items())
            for place in range(-(-sent["bytes"] // PIECE_BYTES))
        ]
        self.bytes: int = sum(each["bytes"] for each in sendings.values())
        self._utf16: str = utf16
        self.position = 0
        self._blocks: AsyncIterator[bytes] | None = None
        self._rest = b""

    async def seek(self, position: int) -> None:
        """Goes to a position. What is packed is unpacked from its beginning."""
        self.position, self._rest, self._blocks = 0, b"", None
        if await self._is_plain() and self._has_even_pieces():
            whole = position // PIECE_BYTES
            self._blocks, self.position = self._plain(whole), whole * PIECE_BYTES
            position -= whole * PIECE_BYTES
        while position > 0:
            block = await self.read()
            if not block:
                return
            if len(block) > position:
                rest = block[position:]
                self._rest, self.position = rest + self._rest, self.position - len(rest)
            position -= min(position, len(block))

    async def read(self) -> bytes:
        """The next block, empty at the end. Raises `ContentError`."""
        block = self._rest
        if block:
            self._rest = b""
        else:
            if self._blocks is None:
                self._blocks = self._stream(await self._is_plain())
            block = await anext(self._blocks, b"")
        if len(block) > BLOCK_BYTES:
            self._rest, block = block[BLOCK_BYTES:], block[:BLOCK_BYTES]
        self.position += len(block)
        return block

    async def _is_plain(self) -> bool:
        """Whether the bytes are those of the content, without any change."""
        if not self._pieces:
            return True
        try:
            first = await self._files.piece(self._pieces[0], 0, _MARK_BYTES)
        except FileMissing:
            raise ContentError("The content is not in the store any more.") from None
        if first in _NO_TEXT:
            raise ContentError(_SAVE_AS_CSV)
        is_packed: bool = first.startswith(_GZIP)
        return not (is_packed or self._utf16)

    def _has_even_pieces(self) -> bool:
        """Whether all pieces but the last are full, so that a position tells one."""
        return bool(len(self._pieces) == -(-self.bytes // PIECE_BYTES))

    def _stream(self, is_plain: bool) -> AsyncIterator[bytes]:
        if is_plain:
            return self._plain(0)
        return self._recoded() if self._utf16 else self._unpacked()

    async def _plain(self, first: int) -> AsyncIterator[bytes]:
        for name in self._pieces[first:]:
            try:
                async for block in self._files.read(name):
                    yield block
            except FileMissing:
                text = "The content is not in the store any more."
                raise ContentError(text) from None

    async def _recoded(self) -> AsyncIterator[bytes]:
        decoder = codecs.getincrementaldecoder(self._utf16)("replace")
        is_packed = bool(self._pieces) and (
            await self._files.piece(self._pieces[0], 0, len(_GZIP)) == _GZIP
        )
        blocks = self._unpacked() if is_packed else self._plain(0)
        async for block in blocks:
            try:
                text = decoder.decode(block)
            except UnicodeError:
                why = "The content does not begin with a byte order mark of UTF-16."
                raise ContentError(why) from None
            if text:
                yield text.encode()
        if text := decoder.decode(b"", True):
            yield text.encode()

    async def _unpacked(self) -> AsyncIterator[bytes]:
        """Unpacks one gzip member after the other."""
        unpacker, read, made = zlib.decompressobj(31), 0, 0
        is_new, pauses = False, Pauses()
        async for block in self._plain(0):
            read += len(block)
            while block:
                await pauses.between()
                if is_new:
                    block = block.lstrip(b"\0")  # noqa: PLW2901 - padding between members
                    if not block:
                        break
                    unpacker, is_new = zlib.decompressobj(31), False
                try:
                    found = unpacker.decompress(block, BLOCK_BYTES)
                except zlib.error:
                    text = "The content begins as gzip, and cannot be unpacked."
                    raise ContentError(text) from None
                made += len(found)
                _refuse_bomb(read, made)
                if found:
                    yield found
                if unpacker.eof:
                    block, is_new = unpacker.unused_data, True  # noqa: PLW2901 - the rest
                else:
                    block = unpacker.unconsumed_tail  # noqa: PLW2901 - the rest
        if not is_new:
            raise ContentError("The gzip content is cut off: its end is missing.")


def _refuse_bomb(read: int, made: int) -> None:
    if made > MOST_UNPACKED or (made > _ANY_BYTES and made > MOST_RATIO * read):
        text = "The content unpacks to more than is allowed: send it in several files."
        raise ContentError(text)
