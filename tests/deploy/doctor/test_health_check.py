"""`prospectconnect health`, as a container's engine runs it beside the server."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.ports import address
from tests.deploy import program
from tests.harness.wire.certificates import Authority, Signed, new_authority
from tests.stacks import Process

NOBODYS = "1"  # a port that only root could listen on, and nobody does


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(data_dir: Path) -> Iterator[Process]:
    """Everything served, plain and to this machine alone."""
    with program.started(*program.serve(data_dir, "--no-demo")) as running:
        yield running


def ports(server: Process) -> tuple[str, ...]:
    """The options that name a server's ports."""
    places = (server.http, server.grpc)
    http, grpc = (each.rpartition(":")[2] or NOBODYS for each in places)
    return ("--http-port", http, "--grpc-port", grpc)


def variables(prefix: str, signed: Signed, client_ca: Path) -> dict[str, str]:
    """The settings that give a server its TLS, for clients that it knows alone."""
    return {
        f"PROSPECTCONNECT_{prefix}_TLS_CERTIFICATE": str(signed.certificate),
        f"PROSPECTCONNECT_{prefix}_TLS_KEY": str(signed.key),
        f"PROSPECTCONNECT_{prefix}_TLS_CLIENT_CA": str(client_ca),
    }


def test_a_server_is_ready(server: Process) -> None:
    found = program.run("health", *ports(server))
    assert (found.returncode, found.stdout) == (0, "ready\n"), found.stderr


def test_a_server_on_all_addresses_is_asked_on_its_own_machine(server: Process) -> None:
    assert server.http.startswith("127.0.0.1:")
    flags = (*ports(server), "--host", "0.0.0.0")  # noqa: S104 - on purpose
    found = program.run("health", *flags, PROSPECTCONNECT_PLAINTEXT_GRPC="true")
    assert found.returncode == 0, found.stderr


@pytest.mark.needs_program("openssl")
def test_a_server_that_takes_its_own_clients_alone_is_asked_as_one(
    data_dir: Path, server: Process, authority: Authority
) -> None:
    """`server` has brought the schema up to date; its database serves these as well."""
    ca = authority.own.certificate
    tls = variables("GRPC", authority.sign("grpc"), ca)
    flags = ("--data-dir", str(data_dir), "--grpc-port", "0")
    with program.started("services", *flags, env=tls) as services:
        found = program.run("health", *ports(services), **tls)
        assert found.returncode == 0, found.stderr
        without = program.run("health", *ports(services))
        assert without.returncode == 1
        assert "gRPC on port" in without.stderr

        inside = variables("HTTP", authority.sign("http"), ca) | {
            "PROSPECTCONNECT_SERVICES_TLS_CA": str(ca),
            "PROSPECTCONNECT_SERVICES_TLS_CERTIFICATE": tls[
                "PROSPECTCONNECT_GRPC_TLS_CERTIFICATE"
            ],
            "PROSPECTCONNECT_SERVICES_TLS_KEY": tls["PROSPECTCONNECT_GRPC_TLS_KEY"],
        }
        where = ("--http-port", "0", "--services", services.grpc)
        with program.started(
            "edge", *where, "--data-dir", str(data_dir), env=inside
        ) as edge:
            found = program.run("health", *ports(edge), **inside)
            assert found.returncode == 0, found.stderr


def test_an_edge_without_its_services_is_not_ready(data_dir: Path) -> None:
    nowhere = ("--services", address("127.0.0.1", int(NOBODYS)))
    flags = ("--http-port", "0", "--data-dir", str(data_dir))
    with program.started("edge", *flags, *nowhere) as edge:
        found = program.run("health", *ports(edge))
    assert found.returncode == 1
    assert "/readyz answers 503" in found.stderr


def test_nobody_is_not_ready() -> None:
    found = program.run("health", "--http-port", NOBODYS, "--grpc-port", NOBODYS)
    assert found.returncode == 1
    assert "Nobody listens on 127.0.0.1" in found.stderr


def test_a_worker_is_asked_for_its_metrics(data_dir: Path, server: Process) -> None:
    """`server` has brought the schema up to date; its database serves this as well."""
    nobody = ("--http-port", NOBODYS, "--grpc-port", NOBODYS)
    where = ("--data-dir", str(data_dir), "--metrics-port", "0")
    with program.started("worker", *where) as worker:
        port = str(urlsplit(worker.metrics).port)
        found = program.run("health", *nobody, PROSPECTCONNECT_METRICS_PORT=port)
        assert (found.returncode, found.stdout) == (0, "ready\n"), found.stderr
    gone = program.run("health", *nobody, PROSPECTCONNECT_METRICS_PORT=port)
    assert gone.returncode == 1
    assert "Metrics on port" in gone.stderr
