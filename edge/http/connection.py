"""A client's connection, with time limits for each of its stages.

Sanic restarts its timer with every received byte, so a client that sends a byte from
time to time could keep a connection forever. Here every connection is checked
periodically, and is closed if it stays in one stage for too long. This costs a request
nothing.
"""

import asyncio
import fcntl
import sys
import termios
from contextlib import suppress
from typing import Any, NamedTuple

from sanic.exceptions import RequestTimeout, ServiceUnavailable
from sanic.http import Stage
from sanic.server.protocols.http_protocol import HttpProtocol

from edge.figures import Figures
from edge.http.chunks import StrictHttp
from edge.settings import EdgeSettings

# A client that reads fewer bytes of an answer between two checks has made no progress.
PART_BYTES = 128 * 1024

# Above this share of the most connections, idle ones are closed sooner.
_CROWD = 0.75


class Sight(NamedTuple):
    """The state of a connection at a check. While it is equal, there is no progress.

    `requests` is the number of received heads. `is_body_left`: a request was answered
    before its body was read. `parts_left` is the number of parts of answers that the
    client has not read yet; None if the connection can be written to. `parts_taken` is
    that of an upload's parts that have arrived.
    """

    stage: Stage
    requests: int
    is_body_left: bool
    parts_left: int | None
    parts_taken: int


def bytes_left(transport: Any) -> int:
    """The number of bytes that a client has not read yet, as far as known.

    The bytes in the kernel's buffer count, too: the kernel takes a megabyte at a time
    from a process, and a slow client may need minutes to read that.
    """
    left: int = transport.get_write_buffer_size()
    with suppress(OSError):  # the client may be gone, or the kernel may not know
        number = transport.get_extra_info("socket").fileno()
        answer = fcntl.ioctl(number, termios.TIOCOUTQ, bytes(4))
        left += int.from_bytes(answer, sys.byteorder)
    return left


class Connection(HttpProtocol):
    """Sanic's HTTP/1.1, with a bounded number of connections."""

    HTTP_CLASS = StrictHttp

    __slots__ = ("_seen", "_since")

    # Set while `check_timeouts` runs.
    transport: Any
    _task: Any
    _seen: Sight | None
    _since: float

    def connection_made(self, transport: Any) -> None:
        """Accepts a client, unless there are too many connections."""
        if len(self.connections) >= self._settings.max_clients:
            figures: Figures | None = self.app.ctx.figures
            if figures is not None:
                figures.clients_refused += 1
            transport.set_protocol(asyncio.Protocol())  # no further events
            transport.abort()
            return
        self._seen, self._since = None, 0.0
        begin: Any = super().connection_made
        begin(transport)

    def check_timeouts(self) -> None:
        """Checks the connection, and ends it if its time is up.

        Sanic calls this when the connection begins; from then on it calls itself,
        until Sanic closes.
        """
        if self._http is None or self.transport is None:
            return
        self._callback_check_timeouts = self.loop.call_later(
            self._settings.client_times.look, self.check_timeouts
        )
        seen, now = self._look(), self.loop.time()
        if seen != self._seen:
            self._seen, self._since = seen, now
        elif now - self._since >= self._patience(seen):
            self._end(seen)

    @property
    def _settings(self) -> EdgeSettings:
        settings: EdgeSettings = self.app.ctx.settings
        return settings

    def _look(self) -> Sight:
        parts_left = None
        if not self._can_write.is_set():
            parts_left = bytes_left(self.transport) // PART_BYTES
        return Sight(
            self._http.stage,
            self.state["requests_count"],
            # The attribute does not exist before Sanic waits for the first head.
            bool(getattr(self._http, "request_body", None)),
            parts_left,
            getattr(self._http, "uploaded", 0) // PART_BYTES,
        )

    def _patience(self, seen: Sight) -> float:
        """How long the connection may stay in its state, in seconds."""
        times = self._settings.client_times
        if seen.parts_left is not None:
            return times.answer_part
        if seen.stage is Stage.REQUEST:
            return times.head
        if seen.stage is not Stage.IDLE:
            return float(self.response_timeout)
        if seen.is_body_left:
            return times.unread_body
        idle = float(self.keep_alive_timeout) if seen.requests else times.head
        return min(idle, times.idle_in_crowd) if self._is_crowded() else idle

    @property
    def takes_more(self) -> bool:
        """Whether the client has taken what was sent, or nearly so."""
        return self._can_write.is_set()

    def _is_crowded(self) -> bool:
        return len(self.connections) > _CROWD * self._settings.max_clients

    def _end(self, seen: Sight) -> None:
        """Closes the connection; with a problem if the client waits for an answer."""
        if seen.parts_left is not None:
            self.transport.abort()  # the client would read no answer
            return
        if seen.stage is Stage.REQUEST:
            self._http.exception = RequestTimeout("Request Timeout")
        elif seen.stage is not Stage.IDLE:
            self._http.exception = ServiceUnavailable("Response Timeout")
        self._task.cancel()
