"""Slow clients on plain sockets, each together with a normal client."""

import resource
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import chain, repeat
from pathlib import Path

from tests.client import Client
from tests.harness.wire.raw_http import connected, request

# The actions of a slow client at an address, while another client is served.
Attack = Callable[[str, Client], object]

LARGE = request("GET /openapi.json HTTP/1.1", [("Host", "api.example")])
LARGE_TIMES = 100  # more than the capacity of all buffers between

# The time that a slow client waits between its bytes.
PAUSE_SECONDS = 0.1
# Longer than all time limits of `hasty_program`, and than Sanic's there.
PATIENCE_SECONDS = 12.0


class LivesForEverError(AssertionError):
    """A connection did not end within the time limit of the test."""


def patience() -> Callable[[], None]:
    """A function that fails if it is called after the time limit, which starts now."""
    ends = time.monotonic() + PATIENCE_SECONDS

    def check() -> None:
        if time.monotonic() > ends:
            raise LivesForEverError

    return check


def endure(link: socket.socket, pieces: Iterable[bytes], beside: Client) -> bytes:
    """Sends a piece from time to time until the other side closes; returns the answer.

    Between the pieces, another client sends a request, and must get an answer.
    """
    came, check = b"", patience()
    link.settimeout(PAUSE_SECONDS)
    for piece in pieces:
        check()
        assert beside.get("/me").status == 200
        try:
            with suppress(TimeoutError):
                link.sendall(piece)
                part = link.recv(65_536)
                came += part
                if not part:
                    return came
        except ConnectionError:
            with suppress(OSError):  # an answer may come before
                came += link.recv(65_536)
            return came
    raise AssertionError("there was nothing more to send")


def post(token: str | None, length: tuple[str, str]) -> bytes:
    """The head of a request without its body."""
    headers = [("Host", "api.example"), ("Version", "2026-11-01"), length]
    if token is not None:
        headers.append(("Authorization", f"Bearer {token}"))
    return request("POST /v1/contacts HTTP/1.1", headers)


def head_that_grows() -> Iterator[bytes]:
    return chain([b"GET /v1/me HTTP/1.1\r\nHost: a\r\nX: "], repeat(b"a"))


def trickle_head(address: str, beside: Client) -> bytes:
    with connected(address) as link:
        return endure(link, head_that_grows(), beside)


def trickle_body(
    address: str,
    beside: Client,
    token: str | None = None,
    length: tuple[str, str] = ("Content-Length", "1000000"),
    piece: bytes = b"a",
) -> bytes:
    with connected(address) as link:
        return endure(link, chain([post(token, length)], repeat(piece)), beside)


def read_slowly(address: str, beside: Client, taken: int) -> None:
    """Requests much data and reads `taken` bytes at a time, until the link closes."""
    with closing(narrow(address)) as link:
        link.sendall(LARGE * LARGE_TIMES)
        link.settimeout(PAUSE_SECONDS)
        check = patience()
        while is_held(link):
            check()
            assert beside.get("/me").status == 200
            with suppress(TimeoutError):
                link.recv(taken)


def status_of(came: bytes) -> int:
    """The status of the first answer; 0 for none."""
    return int(came.split(b" ", 2)[1]) if came else 0


def narrow(address: str, window: int = 4_096) -> socket.socket:
    """A new connection with a very small buffer for answers."""
    link = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    host, _, port = address.rpartition(":")
    link.connect((host, int(port)))
    return link


def is_held(link: socket.socket) -> bool:
    """Whether the other side still has this connection open."""
    (_, here), (_, there) = link.getsockname(), link.getpeername()
    ports = (f":{there:04X}", f":{here:04X}")
    rows = map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
    return any((r[1][-5:], r[2][-5:]) == ports and r[3] == "01" for r in rows)


@contextmanager
def many(address: str, count: int, first: bytes) -> Iterator[list[socket.socket]]:
    """`count` connections; each has sent a request and read its answer."""
    links: list[socket.socket] = []
    try:
        for _ in range(count):
            link = connected(address)
            links.append(link)
            link.sendall(first)
        for link in links:
            assert status_of(link.recv(65_536)) == 200
        yield links
    finally:
        for link in links:
            link.close()


def allow_open_files(count: int) -> bool:
    """Raises this process's limit of open files, if that is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    return count <= max(soft, hard)


def resident_bytes(pid: int) -> int:
    """The private resident memory of a process."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    (line,) = [each for each in text.splitlines() if each.startswith("Pss:")]
    return int(line.split()[1]) * 1024
