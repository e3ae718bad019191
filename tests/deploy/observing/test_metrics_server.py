"""The metrics' port holds: against clients that break off, dawdle, or are too many."""

import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import structlog
from prometheus_client import Metric

from deploy.observing import metrics_server
from deploy.observing.loop_lag import LoopLag
from deploy.observing.metrics import Sources
from tests import stacks
from tests.deploy import program
from tests.harness.wire.scrape import get, scrape

AT_ONCE = struct.pack("ii", 1, 0)  # closes a socket with a reset


def connected(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=60)


def break_off(address: str) -> None:
    """Resets a connection in the middle of a request."""
    with connected(address) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        client.sendall(b"GET /metrics HT")


def test_a_client_that_breaks_off_ends_nothing_though_nothing_can_be_logged(
    database_url: str, tmp_path: Path
) -> None:
    place = ("--no-demo", "--database-url", database_url, "--metrics-port", "0")
    with open("/dev/full", "w") as full:
        process = stacks.start(*program.serve(tmp_path, *place), log=full)
    try:
        for _ in range(3):
            break_off(urlsplit(process.metrics).netloc)
            assert scrape(process.metrics).series() > 0
    finally:
        assert process.stop() == 0


def test_what_goes_wrong_is_a_line_of_the_log(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with (
        structlog.testing.capture_logs() as lines,
        metrics_server.serving_metrics(Sources(LoopLag()), "127.0.0.1", 0) as address,
    ):
        break_off(address)
        assert get(address, "/metrics")[0] == 200

        def fail(_: Sources) -> list[Metric]:
            raise LookupError

        monkeypatch.setattr(Sources, "collect", fail)
        assert get(address, "/metrics")[0] == 500
    assert [each["event"] for each in lines] == [
        *("metrics_request_failed", "metrics_failed")
    ]
    assert lines[0]["why"] == "ConnectionResetError"
    assert capfd.readouterr().err == ""


def test_a_client_that_sends_byte_by_byte_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics_server, "_PATIENCE_SECONDS", 0.5)
    over = threading.Event()

    def dawdle(client: socket.socket) -> None:
        with closing(client):
            while not over.wait(0.1):
                try:
                    client.sendall(b"x")
                except OSError:
                    return

    with metrics_server.serving_metrics(Sources(LoopLag()), "127.0.0.1", 0) as address:
        thread = threading.Thread(target=dawdle, args=(connected(address),))
        thread.start()
        began = time.monotonic()
        try:
            assert get(address, "/metrics")[0] == 200
        finally:
            over.set()
            thread.join()
    assert time.monotonic() - began < 30


def test_figures_are_there_though_no_file_can_be_opened() -> None:
    code = """
import os
from deploy.observing.loop_lag import LoopLag
from deploy.observing.metrics import Sources
from deploy.observing.metrics_server import serving_metrics

with serving_metrics(Sources(LoopLag()), "127.0.0.1", 0) as address:
    taken = []
    try:
        while True:
            taken.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        os.close(taken.pop())  # one is left, for the connection
    print(address, flush=True)
    input()
"""
    with subprocess.Popen(
        ["/bin/sh", "-c", 'ulimit -n 64; exec "$0" -c "$1"', sys.executable, code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        for _ in range(2):
            found = scrape(f"http://{address}/metrics")
            assert found.value("prospectconnect_build_info") == 1
        process.communicate("\n")
    assert process.returncode == 0
