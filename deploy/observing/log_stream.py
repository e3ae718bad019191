"""Standard error for logs: a line that cannot be written at once is lost.

A full disk, or a reader of the log that is gone or stuck, must not fail or delay
requests.
"""

import io
import os
import select
import threading
import time

import orjson

# A writable pipe takes at least so many bytes at once (PIPE_BUF).
_AT_ONCE_BYTES = 4_096


class LogStream(io.TextIOBase):
    """A text stream on a file descriptor, for whole lines from any thread.

    It can replace `sys.stderr`.
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
        """Writes one or more lines. Counts lost lines; a later write reports them."""
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
        """Whether the stream is a terminal."""
        return os.isatty(self._file)

    def writable(self) -> bool:
        """Returns True."""
        return True

    def _put(self, data: bytes) -> bool:
        """Writes data and returns whether all of it was written.

        After an incomplete line, the next one begins on a new line.
        """
        data = b"\n" + data if self._is_torn else data
        while data:
            try:
                if not self._ready.poll(0):
                    return False
                written = os.write(self._file, data[:_AT_ONCE_BYTES])
            except OSError:  # the disk is full, or the reader is gone
                return False
            self._is_torn = not data[:written].endswith(b"\n")
            data = data[written:]
        # Data without a final line break were written completely.
        self._is_torn = False
        return True


def _tell(lost: int) -> bytes:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    event = {"event": "log_lines_lost", "lines": lost, "level": "error"}
    return orjson.dumps(event | {"timestamp": now}, option=orjson.OPT_APPEND_NEWLINE)
