"""Calls of tools that send a text as a file, or read a piece of a file as text.

They go the way of uploads and downloads of `/v1`, with the same limits; only their
bytes come in an argument and leave in a result.
"""

import codecs
from typing import Any

from prospectconnect.type.v1.files_pb2 import FilePiece

from edge.calls.downloads import Download
from edge.calls.exchange import Exchange
from edge.calls.perform import decoded
from edge.calls.uploads import Upload
from edge.mcp.files import LENGTH, OFFSET
from edge.mcp.results import MOST_BYTES, good_result, size_of, told
from edge.problems import Fault, ProblemError, validation_failed
from edge.state import Edge

Json = dict[str, Any]

_TEXTS = ("text/csv", "application/x-ndjson")
_REPLACED = "Bytes that are no UTF-8 are shown as \ufffd: never send these back."


async def send_text(edge: Edge, exchange: Exchange) -> Json:
    """Sends the text of a call as a whole file. Raises ProblemError."""
    upload = Upload(edge, exchange)
    with edge.uploads.entered(exchange.caller.shares_of):
        reply = await upload.send(exchange.body.encode(), last=True)
    return good_result(exchange.operation, reply.message)


async def read_text(edge: Edge, exchange: Exchange) -> Json:
    """A piece of a file. Raises ProblemError, also for a file that is no text."""
    tenant = exchange.caller.shares_of
    named = {name: decoded(text) for name, text in exchange.path_values.items()}
    request = exchange.operation.decode(None, named)
    download = Download(edge, request, exchange.metadata, tenant)
    offset: int = exchange.body[OFFSET]
    edge.downloads.check(tenant)
    with edge.downloads.entered(tenant):
        await download.read(offset, exchange.body[LENGTH])
    piece: FilePiece = download.piece
    if piece.media_type not in _TEXTS:
        raise ProblemError(
            "UNSUPPORTED_MEDIA_TYPE",
            f"{piece.name} is no text. Make an export with the format csv or ndjson "
            "and the compression none.",
        )
    if offset and offset >= piece.total_bytes:
        message = f"The file has {piece.total_bytes:,} bytes."
        raise validation_failed([Fault(OFFSET, "too_large", message)])
    return fitting(piece, offset)


def fitting(piece: FilePiece, offset: int) -> Json:
    """The result with as many bytes of a piece as fit into one."""
    data = piece.data
    while True:
        shown = _shown(piece, data, offset)
        result = told(shown)
        if size_of(result) <= MOST_BYTES:
            return result
        data = data[: len(data) // 2]


def _shown(piece: FilePiece, data: bytes, offset: int) -> Json:
    is_end = offset + len(data) >= piece.total_bytes
    if not is_end:
        # Whole lines, unless one is longer than the piece; and whole characters.
        data = data[: data.rfind(b"\n") + 1] or data
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data, is_end)
    after = offset + len(data) - len(decoder.getstate()[0])
    shown: Json = {
        "name": piece.name,
        "total_bytes": piece.total_bytes,
        OFFSET: offset,
        f"next_{OFFSET}": None if is_end else after,
        "text": text,
    }
    return shown | ({"note": _REPLACED} if "\ufffd" in text else {})
