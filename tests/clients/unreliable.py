"""A network between a client and the API that fails when it is told to."""

import http.client
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_OF_THE_HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}

# What an answer to HEAD says that the body would have.
SIZE = "X-Size-Of-Head"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that some server on the way gives instead of the API."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


LOST_ANSWER = "the API answers, and the answer is lost"
LOST_REQUEST = "the request never arrives"

# None lets a request pass.
Fault = Said | str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that a client made. Header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(slots=True)
class Network:
    """The network: where it is, what it saw, and what fails next."""

    upstream: str
    address: str = ""
    seen: list[Seen] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)

    def pass_on(self, request: Seen, body: bytes) -> Said:
        """Has the API answer."""
        with closing(http.client.HTTPConnection(self.upstream, timeout=60)) as api:
            api.request(request.method, request.path, body or None, request.headers)
            answer = api.getresponse()
            headers = {
                name: text
                for name, text in answer.getheaders()
                if name.lower() not in _OF_THE_HOP
            }
            if request.method == "HEAD":
                headers[SIZE] = answer.getheader("Content-Length", "0")
            return Said(answer.status, headers, answer.read())


@contextmanager
def unreliable(upstream: str) -> Iterator[Network]:
    """Stands before the API at an address (`host:port`) until the block ends."""
    network = Network(upstream)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(network))
    network.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield network
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(network: Network) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_any(self) -> None:
            headers = {name.lower(): text for name, text in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            request = Seen(self.command, self.path, headers, body)
            network.seen.append(request)
            fault = network.faults.popleft() if network.faults else None
            if fault == LOST_REQUEST:
                return self.hang_up()
            answer = (
                fault if isinstance(fault, Said) else network.pass_on(request, body)
            )
            return self.hang_up() if fault == LOST_ANSWER else self.give(answer)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_any

        def hang_up(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def give(self, answer: Said) -> None:
            self.send_response_only(answer.status)
            for name, text in answer.headers.items():
                self.send_header(name, text)
            size = answer.headers.get(SIZE, str(len(answer.body)))
            self.send_header("Content-Length", size)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler
