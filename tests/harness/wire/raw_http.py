"""Plain HTTP: any bytes on a socket, for requests that no client library would send."""

import http.client
import socket
from collections.abc import Sequence
from contextlib import suppress

from tests.client import Answer

_PATIENCE_SECONDS = 180.0

Pair = tuple[str, str | bytes]


def request(line: str | bytes, headers: Sequence[Pair], body: bytes = b"") -> bytes:
    """Writes a request without checks: first line, headers in their order, body."""
    pairs = (_bytes(name) + b": " + _bytes(text) for name, text in headers)
    head = [_bytes(line), *pairs]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def exchange(address: str, data: bytes, *, ends: bool = False) -> Answer | None:
    """Sends bytes on a new connection and reads the answer; None if there is none.

    With `ends`, the client closes its side after the bytes.
    """
    with connected(address) as link:
        try:
            link.sendall(data)
            if ends:
                link.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass  # the answer may come before all bytes are sent
        return read_answer(link, data.partition(b" ")[0].decode("latin-1"))


def connected(address: str, patience: float = _PATIENCE_SECONDS) -> socket.socket:
    """A new connection to `host:port`, or to the socket at a path."""
    if address.startswith("/"):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(patience)
        link.connect(address)
        return link
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), patience)


def swallow(address: str, data: bytes, patience: float = _PATIENCE_SECONDS) -> bytes:
    """Sends bytes on a new connection and reads everything.

    It ends when the other side closes, or sends nothing for `patience` seconds.
    """
    came = b""
    with connected(address, patience) as link, suppress(ConnectionError, TimeoutError):
        link.sendall(data)
        while piece := link.recv(65_536):
            came += piece
    return came


def read_answer(link: socket.socket, method: str) -> Answer | None:
    """Reads the answer to a request with this method; None for a closed connection."""
    with http.client.HTTPResponse(link, method=method) as response:
        try:
            response.begin()
        except (http.client.RemoteDisconnected, ConnectionError):
            return None
        headers = {name.lower(): text for name, text in response.getheaders()}
        return Answer(response.status, headers, response.read())


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
