"""Clients that take their time, by hand, each beside one that does not."""

import resource
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import chain, repeat
from pathlib import Path

from tests.client import Client
from tests.harness.wire.raw_http import connected, request

# What a slow client does to an address while another one is served beside it.
Attack = Callable[[str, Client], object]

LARGE = request("GET /openapi.json HTTP/1.1", [("Host", "api.example")])
LARGE_TIMES = 100  # more than all buffers on the way hold

# So long a slow client waits between its bytes.
PAUSE_SECONDS = 0.1
# Longer than all times of `hasty_program`, and than those that Sanic keeps there.
PATIENCE_SECONDS = 12.0


class LivesForEverError(AssertionError):
    """A connection did not end while somebody had the patience to wait for that."""


def patience() -> Callable[[], None]:
    """What fails from now on when it is called too late."""
    ends = time.monotonic() + PATIENCE_SECONDS

    def check() -> None:
        if time.monotonic() > ends:
            raise LivesForEverError

    return check


def endure(link: socket.socket, pieces: Iterable[bytes], beside: Client) -> bytes:
    """Sends a piece now and then until the other side closes; returns what came.

    Between the pieces somebody else asks, and is answered.
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
            with suppress(OSError):  # an answer may have come before
                came += link.recv(65_536)
            return came
    raise AssertionError("there was nothing more to send")


def post(token: str | None, length: tuple[str, str]) -> bytes:
    """The head of a request whose body has yet to come."""
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
    """Asks for much and takes so many bytes at a time, until the connection ends."""
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
    """The status of the answer that came first, 0 for none."""
    return int(came.split(b" ", 2)[1]) if came else 0


def narrow(address: str, window: int = 4_096) -> socket.socket:
    """A new connection that has hardly any room for an answer."""
    link = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    host, _, port = address.rpartition(":")
    link.connect((host, int(port)))
    return link


def is_held(link: socket.socket) -> bool:
    """Whether the other side has this connection yet, neither closed nor aborted."""
    (_, here), (_, there) = link.getsockname(), link.getpeername()
    ports = (f":{there:04X}", f":{here:04X}")
    rows = map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
    return any((r[1][-5:], r[2][-5:]) == ports and r[3] == "01" for r in rows)


@contextmanager
def many(address: str, count: int, first: bytes) -> Iterator[list[socket.socket]]:
    """So many connections that have each sent a request, and read its answer."""
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
    """Lets this process have so many open, if it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    return count <= max(soft, hard)


def resident_bytes(pid: int) -> int:
    """The memory that a process has of its own, and in use."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    (line,) = [each for each in text.splitlines() if each.startswith("Pss:")]
    return int(line.split()[1]) * 1024
