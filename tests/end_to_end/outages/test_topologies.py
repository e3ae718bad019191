"""Parts that go and come: who is left tells the truth, and no request is lost."""

import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from tests.client import Client
from tests.harness.database.row_lock import held, until
from tests.harness.hostile.problems import MEMBERS
from tests.harness.programs.worker_program import serve_by_workers
from tests.harness.wire.ports import kept_port
from tests.stacks import Process, Stack, start
from tests.world import Tenant, new_tenant

QUIET = {"PROSPECTCONNECT_LOG_REQUESTS": "false"}
HOLD = "UPDATE contacts SET city = 'held' WHERE business_id = $1 AND id = $2"


def health(address: str, path: str) -> int:
    """The status of `/healthz` or `/readyz`."""
    with closing(Client(address)) as client:
        return client.raw("GET", path, None, {}).status


@dataclass(slots=True)
class Apart:
    """An edge and services that can be stopped and started again on their port."""

    database_url: str
    services: Process
    edge: Process

    @property
    def tenant(self) -> Tenant:
        return new_tenant(
            Stack("split", self.edge.http, self.services.grpc, self.database_url)
        )

    def restart_services(self) -> None:
        port = self.services.grpc.rpartition(":")[2]
        self.services = start_services(self.database_url, port)


def start_services(database_url: str, port: str) -> Process:
    database = ("--database-url", database_url)
    return start("services", "--grpc-port", port, *database, env=QUIET)


@pytest.fixture
def apart(database_url: str, tmp_path: Path) -> Iterator[Apart]:
    services = start_services(database_url, str(kept_port()))  # it starts again there
    where = ("--services", services.grpc, "--data-dir", str(tmp_path))
    edge = start("edge", "--http-port", "0", *where, env=QUIET)
    parts = Apart(database_url, services, edge)
    try:
        yield parts
    finally:
        for process in (parts.edge, parts.services):
            if process.handle.poll() is None:
                process.stop()


@pytest.mark.parametrize(
    "end", [pytest.param(signal.SIGTERM, marks=pytest.mark.nightly), signal.SIGKILL]
)
def test_an_edge_outlives_its_services_and_finds_them_again(
    apart: Apart, end: signal.Signals
) -> None:
    with closing(apart.tenant.client()) as client:
        assert client.get("/me").status == 200
        assert health(apart.edge.http, "/readyz") == 200
        apart.services.handle.send_signal(end)
        with apart.services.handle:
            apart.services.handle.wait(60)
        for path in ("/me", "/contacts/con_" + "0" * 24):
            answer = client.get(path)
            assert answer.status == 503
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json.keys() >= MEMBERS
            assert answer.json["type"].endswith("/problems/server-error")
        assert health(apart.edge.http, "/readyz") == 503
        assert health(apart.edge.http, "/healthz") == 200
        apart.restart_services()
        until(lambda: health(apart.edge.http, "/readyz") == 200)
        assert client.get("/me").status == 200


@pytest.mark.parametrize("ended", ["edge", "services"])
def test_a_part_that_ends_answers_what_is_in_flight(apart: Apart, ended: str) -> None:
    check_drain(apart.tenant, apart.edge if ended == "edge" else apart.services)


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.nightly)])
def test_a_program_that_ends_answers_what_is_in_flight(
    database_url: str, tmp_path: Path, workers: str
) -> None:
    process = serve_by_workers(database_url, tmp_path, workers)
    stack = Stack("together", process.http, process.grpc, database_url)
    check_drain(new_tenant(stack), process)


def check_drain(tenant: Tenant, process: Process) -> None:
    """Ends a process while an answer waits for a row: the answer comes all the same."""
    url = tenant.stack.database_url
    with closing(tenant.client()) as client, ThreadPoolExecutor(1) as thread:
        contact = client.create("/contacts", {"email": "ada@example.com"})["id"]
        with held(url, HOLD, tenant.business_id, contact) as lock:
            path = f"/contacts/{contact}"
            answer = thread.submit(client.patch, path, {"city": "Rome"})
            until(lambda: lock.waiting() == 1)
            process.handle.send_signal(signal.SIGTERM)
            until(lambda: is_draining(process))
            assert process.handle.poll() is None
        assert answer.result(60).status == 200
        assert answer.result().json["city"] == "Rome"
    with process.handle:
        assert process.handle.wait(60) == 0


def is_draining(process: Process) -> bool:
    """Whether the process takes no new connections any more."""
    host, _, port = (process.http or process.grpc).rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return True
    return False


@contextmanager
def with_folders(
    database_url: str, of_services: Path, of_edge: Path, log: IO[str]
) -> Iterator[Process]:
    """An edge and its services without a secret in their settings."""
    env = {**QUIET, "PROSPECTCONNECT_EDGE_SECRET": ""}
    place = ("--database-url", database_url, "--data-dir", str(of_services))
    services = start("services", "--grpc-port", "0", *place, env=env)
    try:
        where = ("--services", services.grpc, "--data-dir", str(of_edge))
        edge = start("edge", "--http-port", "0", *where, env=env, log=log)
        try:
            yield edge
        finally:
            edge.stop()
    finally:
        services.stop()


def test_programs_that_share_a_folder_need_no_step_to_know_each_other(
    database_url: str, tmp_path: Path
) -> None:
    with (
        (tmp_path / "log").open("w+") as log,
        with_folders(database_url, tmp_path, tmp_path, log) as edge,
    ):
        assert health(edge.http, "/readyz") == 200


def test_an_edge_that_services_do_not_know_is_not_ready_and_says_why(
    database_url: str, tmp_path: Path
) -> None:
    with (
        (tmp_path / "log").open("w+") as log,
        with_folders(database_url, tmp_path / "a", tmp_path / "b", log) as edge,
    ):
        assert health(edge.http, "/readyz") == 503
        log.seek(0)
        said = log.read()
        assert "edge_secret_refused" in said
        assert "PROSPECTCONNECT_EDGE_SECRET" in said
