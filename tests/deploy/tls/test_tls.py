"""TLS that the program serves by itself, to everybody or to those that it knows."""

import http.client
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.tls import contexts as tls
from tests.deploy import program
from tests.harness.wire.certificates import Authority, Signed, new_authority
from tests.stacks import Process

pytestmark = pytest.mark.needs_program("openssl")

PATIENCE_SECONDS = 180.0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    """A certificate of another authority."""
    return new_authority(tmp_path_factory.mktemp("stranger")).sign("client")


def flags(prefix: str, signed: Signed, client_ca: Path | None = None) -> list[str]:
    """The options that give a server its TLS."""
    given = [f"--{prefix}-tls-certificate", str(signed.certificate)]
    given += [f"--{prefix}-tls-key", str(signed.key)]
    return given + ([f"--{prefix}-tls-client-ca", str(client_ca)] if client_ca else [])


@pytest.fixture(scope="module")
def server(data_dir: Path, authority: Authority) -> Iterator[Process]:
    """Everything over TLS; gRPC for those alone that the authority has signed."""
    http = flags("http", authority.sign("http"))
    inside = flags("grpc", authority.sign("grpc"), authority.own.certificate)
    arguments = program.serve(data_dir, "--no-demo", *http, *inside)
    with program.started(*arguments) as running:
        yield running


def client_context(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.own.certificate))


@contextmanager
def connected(
    address: str, authority: Authority
) -> Iterator[http.client.HTTPSConnection]:
    link = http.client.HTTPSConnection(
        address, timeout=60, context=client_context(authority)
    )
    try:
        link.connect()
        yield link
    finally:
        link.close()


def status(link: http.client.HTTPConnection, path: str = "/readyz") -> int:
    link.request("GET", path)
    response = link.getresponse()
    response.read()
    return response.status


def shown(address: str, authority: Authority) -> object:
    """What a new connection is shown: the certificate's serial number."""
    with connected(address, authority) as link:
        assert status(link) == 200
        found = link.sock.getpeercert()
        assert found is not None
        return found["serialNumber"]


def is_serving(address: str, authority: Authority, client: Signed | None) -> bool:
    key = client.key.read_bytes() if client else None
    certificate = client.certificate.read_bytes() if client else None
    ca = authority.own.certificate.read_bytes()
    credentials = grpc.ssl_channel_credentials(ca, key, certificate)
    with grpc.secure_channel(address, credentials) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        try:
            answer = check(health_pb2.HealthCheckRequest(), timeout=60)
        except grpc.RpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def until(holds: Callable[[], bool]) -> None:
    """Asks again and again, each time over a connection of its own."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end


def test_http_is_served_over_tls_alone(server: Process, authority: Authority) -> None:
    with connected(server.http, authority) as link:
        assert status(link) == 200
        version = link.sock.version()
        assert version in ("TLSv1.2", "TLSv1.3")
    plain = http.client.HTTPConnection(server.http, timeout=60)
    with pytest.raises((http.client.HTTPException, OSError)):
        status(plain)
    plain.close()
    with pytest.raises(ssl.SSLCertVerificationError):
        http.client.HTTPSConnection(
            server.http, timeout=60, context=ssl.create_default_context()
        ).connect()


def test_grpc_takes_those_that_it_knows_alone(
    server: Process, authority: Authority, stranger: Signed
) -> None:
    assert is_serving(server.grpc, authority, authority.sign("inside"))
    assert not is_serving(server.grpc, authority, None)
    assert not is_serving(server.grpc, authority, stranger)


def test_new_certificates_are_taken_without_a_restart(
    server: Process, authority: Authority
) -> None:
    before = shown(server.http, authority)
    with connected(server.http, authority) as kept:
        assert status(kept) == 200
        authority.sign("http")
        until(lambda: shown(server.http, authority) != before)
        assert status(kept) == 200, "who is connected stays connected"
    inside = authority.sign("inside")
    authority.sign("grpc")
    assert is_serving(server.grpc, authority, inside)


def test_a_certificate_that_cannot_be_read_is_left_for_later(
    authority: Authority,
) -> None:
    signed = authority.sign("renewed")
    identity = tls.Identity(signed.certificate, signed.key)
    context, first = tls.http_context(tls.ServerTls(identity)), identity.stamp()
    signed.certificate.write_bytes(b"half of a certif")
    assert tls.look_again(context, identity, first) == first
    signed.certificate.unlink()
    assert tls.look_again(context, identity, first) == first
    authority.sign("renewed")
    taken = tls.look_again(context, identity, first)
    assert taken == identity.stamp() != first


def test_an_edge_and_its_services_know_each_other(
    data_dir: Path, server: Process, authority: Authority, stranger: Signed
) -> None:
    """`server` has brought the schema up to date; its database serves these as well."""
    ca = str(authority.own.certificate)

    def edge(shows: Signed) -> tuple[str, ...]:
        return (
            *("edge", "--http-port", "0", "--services", server.grpc),
            *("--data-dir", str(data_dir), "--services-tls-ca", ca),
            *("--services-tls-certificate", str(shows.certificate)),
            *("--services-tls-key", str(shows.key)),
        )

    for shows, expected in ((authority.sign("edge"), 200), (stranger, 503)):
        with program.started(*edge(shows)) as running:
            link = http.client.HTTPConnection(running.http, timeout=60)
            assert status(link) == expected
            link.close()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ("services", "--host", "0.0.0.0", "--grpc-port", "0"),  # noqa: S104 - on purpose
            "gRPC on 0.0.0.0 without TLS",
        ),
        (("edge", "--services", "10.0.0.1:1"), "gRPC to 10.0.0.1:1 without TLS"),
        (("edge", "--services", "dns:///crm:1"), "gRPC to dns:///crm:1 without TLS"),
        (
            ("edge", "--services", "ipv4:127.0.0.1:1,10.0.0.1:1"),
            "without TLS would show tokens",
        ),
        (
            ("edge", "--services", "127.0.0.1:1", "--http-tls-key", "x"),
            "HTTP_TLS_CERTIFICATE is missing",
        ),
        (
            ("edge", "--services", "127.0.0.1:1", "--http-tls-client-ca", "x"),
            "HTTP_TLS_CERTIFICATE is missing",
        ),
        (
            ("edge", "--services", "127.0.0.1:1", "--services-tls-key", "x"),
            "SERVICES_TLS_CERTIFICATE is missing",
        ),
        (
            (
                *("edge", "--services", "127.0.0.1:1", "--http-port", "0"),
                *("--http-tls-certificate", "none.pem", "--http-tls-key", "none.key"),
            ),
            "The certificate or its key cannot be used",
        ),
    ],
)
def test_what_would_show_tokens_or_cannot_work_is_refused(
    data_dir: Path, server: Process, arguments: tuple[str, ...], text: str
) -> None:
    found = program.run(*arguments, "--data-dir", str(data_dir))
    assert found.returncode == 1
    assert text in found.stderr
    assert "Traceback" not in found.stderr


def test_plain_grpc_is_served_to_others_where_somebody_says_so(
    data_dir: Path, server: Process
) -> None:
    arguments = ("services", "--host", "0.0.0.0", "--grpc-port", "0")  # noqa: S104 - on purpose
    place = ("--data-dir", str(data_dir), "--plaintext-grpc")
    with program.started(*arguments, *place) as running:
        assert running.grpc.startswith("0.0.0.0:")
