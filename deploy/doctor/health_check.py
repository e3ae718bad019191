"""The command `health`: whether the server of this machine is ready for requests.

Container engines run it beside the server, with the same settings. It trusts the
server's certificate, and also uses it as its own client certificate: a server that
accepts only clients of its authority accepts that one.
"""

import http.client
import socket
import ssl
from contextlib import closing
from ipaddress import ip_address

import click

from deploy.errors import DeployError
from deploy.options import setting
from deploy.ports import address
from deploy.settings import Settings
from deploy.tls.choices import grpc_tls, http_tls
from deploy.tls.contexts import ClientTls, ServerTls, channel_credentials

_SECONDS = 3.0
# The host name in the check of a certificate; the server's certificate contains it.
_NAME = "localhost"


class NotReady(DeployError):
    """The server is not ready; the text names the side (HTTP or gRPC) and a reason."""


@click.command()
@setting("host", "The address that the server listens on.")
@setting("http_port", "The port of the HTTP API.")
@setting("grpc_port", "The port of the gRPC services.")
def health(**flags: object) -> None:
    """Tells whether the server here is ready; fails where it is not.

    Asks HTTP and gRPC, each where somebody listens on its port. A worker of jobs
    listens on neither: it is asked for its metrics, if PROSPECTCONNECT_METRICS_PORT is
    set.
    """
    settings = Settings.read(**flags)
    host = reachable(settings.host)
    sides = {settings.http_port: _ask_http, settings.grpc_port: _ask_grpc}
    listening = {port: ask for port, ask in sides.items() if _listens(host, port)}
    if not listening and settings.metrics_port:
        _ask_metrics(reachable(settings.metrics_host), settings.metrics_port)
    elif not listening:
        ports = " and ".join(map(str, sides))
        raise NotReady(f"Nobody listens on {host}, ports {ports}.")
    for port, ask in listening.items():
        ask(settings, host, port)
    click.echo("ready")


def reachable(host: str) -> str:
    """The address to connect to; loopback for a server that listens on all."""
    try:
        place = ip_address(host)
    except ValueError:
        return host
    if not place.is_unspecified:
        return host
    return "127.0.0.1" if place.version == 4 else "::1"


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), _SECONDS).close()
    except OSError:
        return False
    return True


def _ask_http(settings: Settings, host: str, port: int) -> None:
    try:
        with closing(http_link(settings, host, port, _SECONDS)) as link:
            link.request("GET", "/readyz")
            status = link.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise NotReady(f"HTTP on port {port}: {error}.") from None
    if status != http.HTTPStatus.OK:
        raise NotReady(f"HTTP on port {port}: /readyz answers {status}.")


def _ask_metrics(host: str, port: int) -> None:
    try:
        with closing(http.client.HTTPConnection(host, port, timeout=_SECONDS)) as link:
            link.request("GET", "/metrics")
            status = link.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise NotReady(f"Metrics on port {port}: {error}.") from None
    if status != http.HTTPStatus.OK:
        raise NotReady(f"Metrics on port {port}: /metrics answers {status}.")


def http_link(
    settings: Settings, host: str, port: int, seconds: float
) -> http.client.HTTPConnection:
    """An unopened connection to HTTP on this machine. Raises DeployError."""
    tls = http_tls(settings)
    if tls is None:
        return http.client.HTTPConnection(host, port, timeout=seconds)
    context = _context(tls)
    return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)


def _context(tls: ServerTls) -> ssl.SSLContext:
    """Trusts any certificate of this machine: no secret is sent."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        context.load_cert_chain(tls.identity.certificate, tls.identity.key)
    except (OSError, ssl.SSLError) as error:
        raise NotReady(f"The certificate cannot be used: {error}.") from None
    return context


def _ask_grpc(settings: Settings, host: str, port: int) -> None:
    import grpc  # noqa: PLC0415 - slow to import, and an edge has no need of it
    from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: PLC0415 - slow

    tls = grpc_tls(settings)
    place = address(host, port)
    if tls is None:
        channel = grpc.insecure_channel(place)
    else:
        own = ClientTls(tls.identity.certificate, tls.identity)
        name = (("grpc.ssl_target_name_override", _NAME),)
        channel = grpc.secure_channel(place, channel_credentials(own), options=name)
    with channel:
        try:
            asked = health_pb2.HealthCheckRequest()
            answer = health_pb2_grpc.HealthStub(channel).Check(asked, timeout=_SECONDS)
        except grpc.RpcError as error:
            raise NotReady(f"gRPC on port {port}: {error.details()}.") from None
    if answer.status != health_pb2.HealthCheckResponse.SERVING:
        raise NotReady(f"gRPC on port {port} serves nothing now.")
