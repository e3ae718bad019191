"""The end of a server: nobody who was let in loses a request."""

import asyncio
import http.client
import signal
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from deploy.embedded import postgres
from deploy.serving.drain import drain
from tests.deploy import program
from tests.harness.database.ready_made import ready_made
from tests.stacks import Process, Stack
from tests.world import new_tenant

PATIENCE_SECONDS = 180.0
SEARCH = "/v1/contacts/search"
BODY = b'{"limit": 1}'


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A data folder with a migrated database."""
    with tempfile.TemporaryDirectory(prefix="pc-") as folder:
        ready_made(Path(folder))
        yield Path(folder)


@pytest.fixture(scope="module")
def token(data_dir: Path) -> str:
    """The token of a tenant in that database."""
    with postgres.running(data_dir, lambda _: None) as url:
        return new_tenant(Stack("together", "", "", url)).tokens["owner"]


@pytest.fixture(params=["1", "2"], ids=["one process", "two workers"])
def server(data_dir: Path, request: pytest.FixtureRequest) -> Iterator[Process]:
    workers = ("--no-demo", "--workers", request.param)
    with program.started(*program.serve(data_dir, *workers)) as running:
        yield running


def begin(connection: http.client.HTTPConnection, token: str) -> None:
    """Sends a request up to, but without, its body."""
    connection.putrequest("POST", SEARCH)
    connection.putheader("Authorization", f"Bearer {token}")
    connection.putheader("Version", "2026-11-01")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(BODY)))
    connection.endheaders()


def finish(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    """Sends the body and reads the answer."""
    connection.send(BODY)
    response = connection.getresponse()
    response.read()
    return response


def wait_until_refused(address: str) -> None:
    """Returns once no new connection is accepted."""
    host, _, port = address.rpartition(":")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return
    raise AssertionError("connections are still accepted")


@pytest.mark.parametrize(
    "signals",
    [
        (signal.SIGTERM,),
        pytest.param((signal.SIGHUP, signal.SIGHUP), marks=pytest.mark.nightly),
        pytest.param((signal.SIGQUIT,), marks=pytest.mark.nightly),
    ],
    ids=["SIGTERM", "a terminal that closes", "SIGQUIT"],
)
def test_request_in_flight_is_answered(
    signals: Sequence[signal.Signals], server: Process, token: str, data_dir: Path
) -> None:
    with closing(http.client.HTTPConnection(server.http, timeout=60)) as connection:
        begin(connection, token)
        for number in signals:
            server.handle.send_signal(number)
            wait_until_refused(server.http)
        response = finish(connection)
    assert response.status == 200
    assert response.headers["connection"] == "close"
    assert server.handle.wait(PATIENCE_SECONDS) == 0
    assert postgres.has_ended(data_dir)


def test_a_rotation_of_logs_ends_nothing(server: Process) -> None:
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        server.handle.send_signal(number)
        assert program.get(server.http, "/readyz")[0] == 200
    assert server.stop() == 0


def test_busy_connection_is_told_to_close(server: Process, token: str) -> None:
    """Every request of a client that keeps asking is answered, the last one too."""
    with closing(http.client.HTTPConnection(server.http, timeout=60)) as connection:
        begin(connection, token)
        response = finish(connection)
        assert response.headers["connection"] == "keep-alive"
        server.handle.send_signal(signal.SIGTERM)
        while response.headers["connection"] == "keep-alive":
            begin(connection, token)
            response = finish(connection)
            assert response.status in (200, 429)
    assert server.handle.wait(PATIENCE_SECONDS) == 0


def test_idle_connection_does_not_hold_up_the_end(server: Process) -> None:
    with closing(http.client.HTTPConnection(server.http, timeout=60)) as connection:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        started = time.monotonic()
        server.handle.send_signal(signal.SIGTERM)
        assert server.handle.wait(PATIENCE_SECONDS) == 0
    # Else it would have taken the 30 s that requests in flight have.
    assert time.monotonic() - started < 30


def test_a_crowd_that_nobody_lets_in_does_not_double_the_time() -> None:
    """Of a stuck process: nothing is accepted, and a request is never answered."""
    ended: list[float] = []

    async def end() -> None:
        now = asyncio.get_running_loop().time
        began = now()
        stuck = SimpleNamespace(
            http=None, close_if_idle=bool, abort=lambda: ended.append(now() - began)
        )
        server = SimpleNamespace(
            app=SimpleNamespace(config=SimpleNamespace()),
            server=SimpleNamespace(close=bool),
            connections={1: stuck}.values(),
        )
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname()),
        ):
            await drain(server, listener, 1.0)

    asyncio.run(end())
    assert 1.0 <= ended[0] < 1.5
