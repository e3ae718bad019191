"""An endpoint of tests that keeps what it is sent."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Receiver:
    """An endpoint that keeps what it is sent, and says when something came."""

    port: int
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)  # what the bodies say
    came: threading.Condition = field(default_factory=threading.Condition)
    status: int = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    def wait_for(self, is_so: Callable[[list[dict[str, Any]]], bool]) -> None:
        """Waits until something is so of the events."""
        with self.came:
            assert self.came.wait_for(lambda: is_so(self.events), 120)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver in threads of its own."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with receiver.came:  # before the answer, which sends the next change
                receiver.got.append((headers, body))
                receiver.events.append(json.loads(body))
            self.send_response(receiver.status)
            self.send_header("content-length", "0")
            self.end_headers()
            with receiver.came:
                receiver.came.notify_all()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield receiver
        finally:
            server.shutdown()
