"""Files that come by a form, sent on piece by piece while they arrive.

As for uploads by the API, the first call has no bytes: it asks whether the file is
wanted. The file is there once its last piece is. No more than a piece is held.
"""

import asyncio
import secrets
import time
from hashlib import sha256
from typing import Any

from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.jobs.v1.own_jobs_pb2 import WriteOwnImportContentRequest

from edge.calls.uploads import MOST_BYTES, MOST_SECONDS, PIECE_BYTES, PIECE_SECONDS
from edge.http.http_input import has_body, listen_again, media_type, refuse_query
from edge.pages.cookies import session_of
from edge.problems import ProblemError
from edge.state import Edge, connected
from edge.upstream.call import call
from edge.web.multipart import Multipart
from edge.web.visit import Visit

# The fields of a form, and the lines between its parts, beside the file.
_BESIDE_BYTES = 64 * 1024


async def receive(edge: Edge, visit: Visit, who: Session, import_id: str) -> None:
    """Receives the file of a form, and returns when all of it is there.

    Raises ProblemError. What had arrived is then never seen.
    """
    stream: Any = visit.request.stream
    refuse_query(visit.request.raw_url)
    upload = _Upload(edge, visit, import_id)
    try:
        with edge.uploads.entered(who.business.id):
            async with asyncio.timeout(MOST_SECONDS):
                await _receive(upload, visit)
    except TimeoutError:
        stream.keep_alive = False
        detail = "The body did not arrive in time."
        raise ProblemError("REQUEST_TIMEOUT", detail) from None
    except ProblemError:
        stream.keep_alive = False
        raise


class _Upload:
    """One form on its way."""

    def __init__(self, edge: Edge, visit: Visit, import_id: str) -> None:
        self.form = Multipart(media_type(visit.request.headers))
        self._method = connected(edge).methods[WriteOwnImportContentRequest]
        self._metadata = visit.metadata(session_of(visit))
        self._import_id, self._sending = import_id, secrets.token_hex(12)
        self._sent = 0
        self._hash = sha256()
        self._buffer = bytearray()
        self._is_wanted = False

    async def take(self, part: bytes) -> None:
        """Takes the next bytes of the form, and sends on what is whole."""
        self._buffer += self.form.feed(part)
        if self.form.file_name is None:
            return
        if not self._is_wanted:
            if not self.form.file_name:
                raise ProblemError("WRONG_STATE", "Choose a file.")
            await self._send(b"", last=False)
            self._is_wanted = True
        while len(self._buffer) > PIECE_BYTES:
            await self._send(bytes(self._buffer[:PIECE_BYTES]), last=False)
            del self._buffer[:PIECE_BYTES]

    async def finish(self) -> None:
        """Sends the last piece."""
        self.form.check_end()
        await self._send(bytes(self._buffer), last=True)

    async def _send(self, data: bytes, *, last: bool) -> None:
        self._hash.update(data)
        # Each piece has a message of its own, so that none keeps the memory of others.
        request = WriteOwnImportContentRequest(
            form_token=self.form.fields.get("form_token", ""),
            id=self._import_id,
            sending=self._sending,
            piece=self._sent,
            data=data,
            last=last,
            sha256=self._hash.hexdigest() if last else "",
        )
        deadline = time.monotonic() + PIECE_SECONDS
        await call(self._method, request, self._metadata, deadline)
        if data:
            self._sent += 1


async def _receive(upload: _Upload, visit: Visit) -> None:
    request, most = visit.request, MOST_BYTES + _BESIDE_BYTES
    stream: Any = request.stream
    stream.uploaded = 0
    while stream.request_bytes <= most and has_body(request):
        if (part := await stream.read()) is None:
            break
        stream.uploaded += len(part)
        if stream.uploaded > most:
            break
        await upload.take(part)
    if max(stream.request_bytes, stream.uploaded) > most:
        detail = f"The file must not have more than {MOST_BYTES:,} bytes."
        raise ProblemError("PAYLOAD_TOO_LARGE", detail)
    listen_again(request.transport)
    await upload.finish()
