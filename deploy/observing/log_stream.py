"""Standard error for logs: a line that finds no room is lost, and nobody waits for it.

A full disk below the log, a reader that has gone or one that stands still are no
reason to fail a request, or to hold all of them up.
"""

import io
import os
import select
import threading
import time

import orjson

# A pipe that says it takes anything takes as much as this at once (PIPE_BUF).
_AT_ONCE_BYTES = 4_096


class LogStream(io.TextIOBase):
    """A text stream over a file descriptor, for whole lines from any thread.

    It may stand in for `sys.stderr`.
    """

    encoding = "utf-8"

    def __init__(self, file: int) -> None:
        self._file = file
        self._ready = select.poll()
        self._ready.register(file, select.POLLOUT)
        self._lock = threading.Lock()
        self._lost = 0
        self._is_torn = False

    def write(self, lines: str) -> int:
        """Writes one or more lines, or counts a loss that the next ones tell of."""
        with self._lock:
            if self._lost and self._put(_tell(self._lost)):
                self._lost = 0
            if self._lost or not self._put(lines.encode(errors="backslashreplace")):
                self._lost += 1
        return len(lines)

    def flush(self) -> None:
        """Does nothing: there is no buffer."""

    def fileno(self) -> int:
        """The file descriptor."""
        return self._file

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._file)

    def writable(self) -> bool:
        """It is."""
        return True

    def _put(self, data: bytes) -> bool:
        """Whether all of it was written; what tore begins anew on the next line."""
        data = b"\n" + data if self._is_torn else data
        while data:
            try:
                if not self._ready.poll(0):
                    return False
                written = os.write(self._file, data[:_AT_ONCE_BYTES])
            except OSError:  # no room, or no reader any more
                return False
            self._is_torn = not data[:written].endswith(b"\n")
            data = data[written:]
        # What somebody ends without a new line is as it should be.
        self._is_torn = False
        return True


def _tell(lost: int) -> bytes:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    event = {"event": "log_lines_lost", "lines": lost, "level": "error"}
    return orjson.dumps(event | {"timestamp": now}, option=orjson.OPT_APPEND_NEWLINE)
