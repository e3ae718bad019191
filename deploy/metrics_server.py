"""The port of the metrics: `GET /metrics`, answered by a thread of its own.

So the figures are there while the event loop is blocked, which is when they matter. One
request is answered at a time, and none may take long: nobody but Prometheus comes here.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from deploy.errors import PortError
from deploy.metrics import Sources
from deploy.ports import address, bind

PATH = "/metrics"

_PATIENCE_SECONDS = 5.0  # with a client that sends or reads slowly

Start = Callable[[str, list[tuple[str, str]]], Any]


class _Request(WSGIRequestHandler):
    """One request; what it was is no matter for the log."""

    timeout = _PATIENCE_SECONDS

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def serving_metrics(sources: Sources, host: str, port: int) -> Iterator[str]:
    """Serves the figures and yields where, `host:port`. Raises PortError."""
    registry = CollectorRegistry()
    registry.register(sources)
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    server = _server(host, port)
    server.set_app(_only_metrics(make_wsgi_app(registry)))
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield address(host, server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_PATIENCE_SECONDS)


def _server(host: str, port: int) -> WSGIServer:
    try:
        listener = bind(host, port, shared=False)
    except PortError as error:
        raise PortError(f"Metrics: {error}") from None
    server = WSGIServer((host, port), _Request, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = host, listener.getsockname()[1]
    server.setup_environ()
    server.server_activate()
    return server


def _only_metrics(answer: Callable[..., Any]) -> Callable[..., Iterable[bytes]]:
    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"There is /metrics alone.\n"]
        answered: Iterable[bytes] = answer(environ, start)
        return answered

    return application
