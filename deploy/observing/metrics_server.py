"""The port of the metrics: a separate thread answers `GET /metrics`.

So the metrics are available while the event loop is blocked. Requests are answered one
at a time within a short limit, since only Prometheus sends them. An error is logged in
one line, and does not affect the next request.
"""

import io
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from deploy.errors import PortError
from deploy.observing.metrics import Sources
from deploy.ports import address, bind

PATH = "/metrics"

_PATIENCE_SECONDS = 5.0  # the limit for a client that sends or reads slowly
_PAUSE_SECONDS = 0.2  # the pause if no file can be opened for a connection

Start = Callable[[str, list[tuple[str, str]]], Any]


_log = structlog.get_logger()


class _Server(WSGIServer):
    """A server whose thread survives a standard error that cannot be written to."""

    def get_request(self) -> Any:
        try:
            return super().get_request()
        except OSError:
            time.sleep(_PAUSE_SECONDS)  # the server retries when this returns
            raise

    def handle_error(self, *_: object) -> None:
        _log.warning("metrics_request_failed", why=type(sys.exception()).__name__)


class _Request(WSGIRequestHandler):
    """One request. It is not logged."""

    def setup(self) -> None:
        # A timeout of the socket would start again with every byte.
        self._limit = threading.Timer(_PATIENCE_SECONDS, _cut, (self.request,))
        self._limit.daemon = True
        self._limit.start()
        super().setup()

    def finish(self) -> None:
        self._limit.cancel()
        super().finish()

    def log_message(self, *_: object) -> None:
        """Logs nothing."""

    def get_stderr(self) -> Any:
        return io.StringIO()  # takes the tracebacks of clients that disconnect


def _cut(connection: socket.socket) -> None:
    """Ends a wait for a client."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving_metrics(sources: Sources, host: str, port: int) -> Iterator[str]:
    """Serves the metrics and yields the address, `host:port`. Raises PortError."""
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
    server = _Server((host, port), _Request, bind_and_activate=False)
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
        try:
            answered: Iterable[bytes] = answer(environ, start)
        except Exception:
            _log.exception("metrics_failed")
            start("500 Internal Server Error", [("Content-Type", "text/plain")])
            return [b"The figures could not be read; see the log.\n"]
        return answered

    return application
