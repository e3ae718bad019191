"""A client's connection, which ends when its client takes too long over anything.

Sanic starts its clock anew with every byte that comes, so that whoever sends one now
and then is waited for for ever. Here every connection is looked at now and then, and
what it was at by the last looks must be over in time. A request costs nothing for that.
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

# A client that takes less of an answer at a time takes nothing of it.
_PART_BYTES = 128 * 1024

# Beyond this share of the connections that there may be, idle ones soon go.
_CROWD = 0.75


class Sight(NamedTuple):
    """What a connection is at. While that stays the same, nothing goes on.

    `requests` are the heads that have come, `is_body_left` says whether one was
    answered before its body was read, and `parts_left` how much of the answers waits
    for the client, None where it can be written to.
    """

    stage: Stage
    requests: int
    is_body_left: bool
    parts_left: int | None


def _bytes_left(transport: Any) -> int:
    """How much a client has not taken yet, as far as can be told.

    What the kernel holds for it counts too: from a process it takes a megabyte at a
    time, which a slow client that reads all the time may need minutes for.
    """
    left: int = transport.get_write_buffer_size()
    with suppress(OSError):  # the client may be gone, or the kernel not tell
        number = transport.get_extra_info("socket").fileno()
        answer = fcntl.ioctl(number, termios.TIOCOUTQ, bytes(4))
        left += int.from_bytes(answer, sys.byteorder)
    return left


class Connection(HttpProtocol):
    """HTTP/1.1 as Sanic has it, on connections of which there is a bounded number."""

    HTTP_CLASS = StrictHttp

    __slots__ = ("_seen", "_since")

    # There while `check_timeouts` looks.
    transport: Any
    _task: Any
    _seen: Sight | None
    _since: float

    def connection_made(self, transport: Any) -> None:
        """Lets a client in, as long as there is room."""
        if len(self.connections) >= self._settings.max_clients:
            figures: Figures | None = self.app.ctx.figures
            if figures is not None:
                figures.clients_refused += 1
            transport.set_protocol(asyncio.Protocol())  # this one need not hear the end
            transport.abort()
            return
        self._seen, self._since = None, 0.0
        begin: Any = super().connection_made
        begin(transport)

    def check_timeouts(self) -> None:
        """Looks at the connection, and ends it if its time is up.

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
            parts_left = _bytes_left(self.transport) // _PART_BYTES
        return Sight(
            self._http.stage,
            self.state["requests_count"],
            # There is none before the first head is waited for.
            bool(getattr(self._http, "request_body", None)),
            parts_left,
        )

    def _patience(self, seen: Sight) -> float:
        """How long the connection may stay at what it is at, in seconds."""
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

    def _is_crowded(self) -> bool:
        return len(self.connections) > _CROWD * self._settings.max_clients

    def _end(self, seen: Sight) -> None:
        """Closes; with a problem, where the client waits for an answer yet."""
        if seen.parts_left is not None:
            self.transport.abort()  # nothing that is written would be read
            return
        if seen.stage is Stage.REQUEST:
            self._http.exception = RequestTimeout("Request Timeout")
        elif seen.stage is not Stage.IDLE:
            self._http.exception = ServiceUnavailable("Response Timeout")
        self._task.cancel()
