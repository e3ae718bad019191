"""The doctor's checks of the network: ports, and the services of an edge."""

import asyncio
import http.client
from collections.abc import Iterator
from contextlib import closing

import grpc

from deploy import ports
from deploy.doctor.health_check import http_link, reachable
from deploy.errors import DeployError, PortError
from deploy.serving.edge_channel import EdgeChannel
from deploy.serving.edge_secrets import known_secrets
from deploy.settings import Settings
from deploy.tls.choices import is_own, reaches_own, services_tls
from deploy.tls.contexts import channel_credentials
from edge.upstream.readiness import open_probe
from services.postgres.examination import Finding, failed, fine, warning

_PATIENCE_SECONDS = 5.0


def of_ports(settings: Settings) -> Iterator[Finding]:
    """Checks whether the ports are free, or used by this product."""
    is_running = _answers(settings)
    wanted = {"http port": (settings.host, settings.http_port)}
    if settings.services is None:
        wanted["grpc port"] = settings.host, settings.grpc_port
    if settings.metrics_port is not None:
        wanted["metrics port"] = settings.metrics_host, settings.metrics_port
    for name, (host, port) in wanted.items():
        place = ports.address(host, port)
        try:
            ports.bind(host, port, shared=False).close()
        except PortError as error:
            if is_running:
                yield fine(name, f"{place} is in use; the product runs here")
            else:
                option = f"--{name.replace(' ', '-')}"
                remedy = f"Another {option}, or end what uses it: ss -ltnp"
                yield failed(name, str(error), remedy)
        else:
            yield fine(name, f"{place} is free")


def of_edge_secret(settings: Settings) -> Finding:
    """Checks whether edge and services have the secret that they share."""
    name = "edge secret"
    if settings.edge_secret:
        return fine(name, f"set; {len(known_secrets(settings))} known")
    elsewhere = not is_own(settings.host)
    if settings.services is not None:
        elsewhere = not reaches_own(settings.services)
    if elsewhere and not known_secrets(settings):
        text = "not set; programs on other machines cannot know it"
        remedy = (
            "Give edges and services the same PROSPECTCONNECT_EDGE_SECRET, such as"
            " openssl rand -hex 24 prints. A single serve needs none."
        )
        return warning(name, text, remedy)
    return fine(name, f"not set: a file in {settings.data_dir}")


def _answers(settings: Settings) -> bool:
    """Whether this product answers at the HTTP port."""
    place = reachable(settings.host), settings.http_port
    try:
        with closing(http_link(settings, *place, _PATIENCE_SECONDS)) as link:
            link.request("GET", "/healthz")
            return link.getresponse().read(64) == b'{"status":"ok"}'
    except (OSError, http.client.HTTPException, DeployError):
        return False


async def of_services(settings: Settings) -> Finding:
    """Checks whether the services of an edge answer and are ready."""
    target = settings.services or ""
    tls = services_tls(settings, target)
    channel = (
        grpc.aio.insecure_channel(target)
        if tls is None
        else grpc.aio.secure_channel(target, channel_credentials(tls))
    )
    secrets = known_secrets(settings)
    async with channel:
        shown = EdgeChannel(channel, secrets[0]) if secrets else channel
        is_ready = False
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                is_ready = await open_probe(shown)()
        except TimeoutError:
            pass
    if is_ready:
        return fine("services", f"{target} answers, and its database does")
    remedy = (
        "Start them (prospectconnect services), or check --services, TLS on both sides,"
        " that PROSPECTCONNECT_EDGE_SECRET is the same there, and any firewall between;"
        " if they run, their own doctor says more."
    )
    return failed("services", f"{target} is not ready or not there", remedy)
