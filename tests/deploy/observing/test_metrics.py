"""Metrics: what a process tells Prometheus, on a port that nobody else needs."""

import asyncio
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.observing.loop_lag import LoopLag
from edge.figures import Figures
from tests import stacks
from tests.deploy import program
from tests.harness.programs.worker_program import listens, workers_of
from tests.harness.wire.scrape import Scrape, get, scrape
from tests.stacks import Process, Stack
from tests.world import Tenant, new_tenant

HOUR = 3_600


@contextmanager
def serving(database_url: str, *more: str) -> Iterator[Process]:
    """The product in one process, with a port for its metrics."""
    ports = ("--http-port", "0", "--grpc-port", "0", "--metrics-port", "0")
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false"}
    process = stacks.start(
        "serve", "--no-demo", *ports, "--database-url", database_url, *more, env=env
    )
    try:
        yield process
    finally:
        assert process.stop() == 0


@pytest.fixture(scope="module")
def process(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    folder = str(tmp_path_factory.mktemp("metrics"))
    with serving(database_url, "--data-dir", folder) as running:
        yield running


@pytest.fixture
def tenant(process: Process, database_url: str) -> Tenant:
    return new_tenant(Stack("together", process.http, process.grpc, database_url))


def risen(before: Scrape, after: Scrape, name: str, **labels: str) -> float:
    """How much a counter has risen."""
    name = f"prospectconnect_{name}"
    return after.value(name, **labels) - before.value(name, **labels)


def test_requests_are_counted_by_operation_and_kind_of_answer(
    process: Process, tenant: Tenant
) -> None:
    before = scrape(process.metrics)
    with closing(tenant.client()) as client:
        made = client.create("/contacts", {"email": "ada@engine.example"})
        for _ in range(3):
            assert client.get(f"/contacts/{made['id']}").status == 200
        assert client.get("/contacts/con_000000000000000000000000").status == 404
    after = scrape(process.metrics)
    for operation, status, times in (
        *(("CreateContact", "2xx", 1), ("GetContact", "2xx", 3)),
        *(("GetContact", "4xx", 1), ("GetContact", "5xx", 0), ("GetDeal", "2xx", 0)),
    ):
        labels = {"operation": operation, "status": status}
        assert risen(before, after, "requests_total", **labels) == times
    seconds = "request_seconds_count"
    assert risen(before, after, seconds, operation="GetContact") == 4
    within = {"operation": "GetContact", "le": "+Inf"}
    assert risen(before, after, "request_seconds_bucket", **within) == 4
    assert risen(before, after, "grpc_calls_total", method="GetContact", code="OK") == 3
    gone = {"method": "GetContact", "code": "NOT_FOUND"}
    assert risen(before, after, "grpc_calls_total", **gone) == 1


def test_replays_and_refusals_are_counted(process: Process, tenant: Tenant) -> None:
    before = scrape(process.metrics)
    with closing(tenant.client()) as client:
        for _ in range(3):
            client.create("/contacts", {"email": "a@b.example"}, idempotency_key="one")
    with closing(tenant.client(token=tenant.token(rate_limit=(2, HOUR)))) as client:
        statuses = [client.get("/me").status for _ in range(5)]
    assert statuses == [200, 200, 429, 429, 429]
    after = scrape(process.metrics)
    assert risen(before, after, "idempotent_replays_total") == 2
    assert risen(before, after, "rate_limit_refusals_total", budget="token") == 3
    assert risen(before, after, "rate_limit_refusals_total", budget="tenant") == 0


def test_clients_cannot_make_new_series(process: Process, tenant: Tenant) -> None:
    with closing(tenant.client()) as client:
        client.get("/nothing")
        before = scrape(process.metrics)
        for number in range(50):
            assert client.get(f"/nothing/{number}").status == 404
            client.get(f"/contacts/con_{number:024x}")
            client.post(f"/deals/{number}", {str(number): number})
    after = scrape(process.metrics)
    labels = {"operation": "other", "status": "4xx"}
    assert risen(before, after, "requests_total", **labels) >= 50
    # The first 404 of GetContact may be new; a thousand others may not be.
    assert after.series() - before.series() <= 2


def test_a_process_tells_of_itself(process: Process) -> None:
    found = scrape(process.metrics)
    assert found.value("prospectconnect_build_info", version="1.0.0") == 1
    assert found.value("prospectconnect_database_up") == 1
    assert 1 <= found.value("prospectconnect_pool_open") <= 10
    assert found.value("prospectconnect_disk_free_bytes") > 0
    assert found.value("process_resident_memory_bytes") > 1e6
    assert found.value("prospectconnect_event_loop_lag_seconds") < 60


def test_there_is_nothing_but_metrics(process: Process) -> None:
    address = urlsplit(process.metrics).netloc
    assert address.startswith("127.0.0.1:")
    assert get(address, "/")[0] == 404
    assert get(process.http, "/metrics")[0] == 404


def test_a_slow_client_holds_nobody_up_for_long(process: Process) -> None:
    port = urlsplit(process.metrics).port
    assert port is not None
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET /metrics HT")
        assert scrape(process.metrics).series() > 0


def test_the_calls_of_split_processes_are_counted(
    database_url: str, tmp_path: Path
) -> None:
    env = {"PROSPECTCONNECT_METRICS_PORT": "0", "PROSPECTCONNECT_LOG_REQUESTS": "false"}
    services = stacks.start(
        "services", "--grpc-port", "0", "--database-url", database_url, env=env
    )
    arguments = ("--http-port", "0", "--services", services.grpc)
    edge = stacks.start("edge", *arguments, "--data-dir", str(tmp_path), env=env)
    try:
        tenant = new_tenant(Stack("split", edge.http, services.grpc, database_url))
        with closing(tenant.client()) as client:
            assert client.get("/me").status == 200
        behind, before = scrape(services.metrics), scrape(edge.metrics)
    finally:
        assert edge.stop() == 0
        assert services.stop() == 0
    calls = "prospectconnect_grpc_calls_total"
    assert behind.value(calls, method="GetMe", code="OK") == 1
    assert before.value("prospectconnect_requests_total", operation="GetMe") == 1
    assert "prospectconnect_requests" not in behind.text
    assert calls not in before.text


def pairs_of_ports() -> Iterator[int]:
    """Ports that are free now, and so are those after them.

    They are below those that a system gives to connections, which come and go.
    """
    while True:
        base = random.randrange(12_000, 32_000)
        with socket.socket() as first, socket.socket() as second, suppress(OSError):
            first.bind(("127.0.0.1", base))
            second.bind(("127.0.0.1", base + 1))
            yield base


def test_each_worker_has_a_port(database_url: str, tmp_path: Path) -> None:
    base = next(pairs_of_ports())
    place = ("--database-url", database_url, "--no-demo")
    more = ("--workers", "2", "--metrics-port", str(base))
    with program.started(*program.serve(tmp_path, *place, *more)) as running:
        workers = workers_of(running)
        assert len(workers) == 2
        for port in (base, base + 1):
            found = scrape(f"http://127.0.0.1:{port}/metrics")
            assert found.value("process_start_time_seconds") > 0
            (who,) = (each for each in workers if listens(each, port))
            workers.remove(who)


def test_workers_cannot_have_any_port(tmp_path: Path) -> None:
    more = ("--no-demo", "--workers", "2", "--metrics-port", "0")
    result = program.run(*program.serve(tmp_path, *more), "--database-url", "x")
    assert result.returncode == 1
    assert "--metrics-port" in result.stderr


def test_what_nobody_watches_is_not_even_imported() -> None:
    code = """
import sys, deploy.commands.command_line, deploy.serving.process
found = [n for n in sys.modules if n.startswith(("prometheus", "opentelemetry.sdk"))]
sys.exit(", ".join(found) or None)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_blocked_loop_is_seen_while_it_is_blocked() -> None:
    async def block() -> tuple[float, float, float]:
        lag = LoopLag()
        async with lag.watched():
            await asyncio.sleep(0)
            calm = lag.seconds()
            time.sleep(0.8)  # noqa: ASYNC251 - what must not be done
            lasting = lag.seconds()
            await asyncio.sleep(0)  # and now it is written down
            return calm, lasting, lag.seconds()

    began = time.monotonic()
    calm, lasting, after = asyncio.run(block())
    # Without what was done, the loop may have waited for a busy machine.
    assert calm < max(0.3, time.monotonic() - began - 0.8)
    assert lasting > calm + 0.5
    assert after > 0.3


def test_times_are_counted_up_to_their_bound() -> None:
    figures = Figures()
    figures.prepare(["GetMe"])
    for seconds in (0.001, 0.005, 0.0051, 4.0, 60.0):
        figures.note("GetMe", 200, seconds)
    assert figures.operations["GetMe"].buckets == [2, 1, 0, 0, 0, 0, 0, 1, 1]
