"""The commands that serve: everything, only the services, the edge, or the jobs."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import click
import uvloop

from deploy import ports
from deploy.commands.welcome import TOKEN_DAYS, welcome
from deploy.demo.tenants import TENANT, email, is_loaded
from deploy.embedded.databases import database_url, kept_database_url, opened
from deploy.errors import SettingsError
from deploy.importing import importing
from deploy.observing.logs import configure_logs
from deploy.options import operations, place_of_data, setting, tls_of
from deploy.progress import announce, note
from deploy.serving.ready import Ready
from deploy.serving.workers import held_ports, supervise
from deploy.settings import Settings
from services.iam.tokens import issue_token
from services.postgres.schema import migrate as migrate_schema
from services.roles import EVERY_SCOPE

_TOKEN_LIFE = timedelta(days=TOKEN_DAYS)

_host = setting("host", "The address to listen on.")
_http_port = setting("http_port", "The port of the HTTP API, 0 for any.")
_grpc_port = setting("grpc_port", "The port of the gRPC services, 0 for any.")


_rate_limit_url = setting(
    "rate_limit_url", "A Valkey that edges of several machines share."
)
_max_clients = setting(
    "max_clients", "How many connections of HTTP clients a process holds."
)
_plaintext = click.option(
    "--plaintext-grpc",
    is_flag=True,
    default=None,
    help="Allow gRPC without TLS beyond this machine.",
)
_files = setting("files", "Where files lie: a folder, or s3://bucket/prefix.")
_private_addresses = click.option(
    "--webhooks-private-addresses",
    is_flag=True,
    default=None,
    help="Let webhooks have http, private and loopback URLs.",
)


_smtp_url = setting(
    "smtp_url", "The mail server for senders without one, such as smtp://user:pw@host."
)


@click.command()
@_host
@_http_port
@_grpc_port
@tls_of("HTTP", "http_tls")
@tls_of("gRPC", "grpc_tls")
@_plaintext
@_private_addresses
@_smtp_url
@place_of_data
@_files
@_rate_limit_url
@_max_clients
@operations
@setting("workers", "How many processes serve.")
@click.option("--demo/--no-demo", default=None, help="Load demonstration data.")
@setting("demo_contacts", "How many demonstration contacts to load.")
def serve(**flags: object) -> None:
    """Serves everything: HTTP and gRPC over the embedded PostgreSQL or another.

    Less common settings are variables alone, such as PROSPECTCONNECT_PUBLIC_URL:
    docs/deployment.md lists all.
    """
    settings = Settings.read(**flags)
    if settings.workers > 1 and settings.metrics_port == 0:
        raise SettingsError("Workers need a --metrics-port that is not 0.")
    configure_logs(settings.log_format)
    # Before anything is created: a server that cannot start must not leave a token.
    ports.check_free(
        (settings.host, settings.http_port), (settings.host, settings.grpc_port)
    )
    with kept_database_url(settings) as url:
        token = asyncio.run(_prepare(settings, url))

        def greet(ready: Ready) -> None:
            # In one write, so that a reader may close the pipe after the first line.
            announce(f"{ready.line()}\n{welcome(ready, token)}")

        if settings.workers > 1:
            _serve_by_workers(settings, url, greet)
            return
        with importing():
            from deploy.serving.process import serve_all  # noqa: PLC0415 - slow to import

        uvloop.run(serve_all(settings, url, greet))


@click.command()
@_host
@_grpc_port
@tls_of("gRPC", "grpc_tls")
@_plaintext
@_private_addresses
@_smtp_url
@place_of_data
@_files
@operations
def services(**flags: object) -> None:
    """Serves gRPC alone, on a database whose schema is current."""
    settings = Settings.read(**flags)
    configure_logs(settings.log_format)
    with importing():
        from deploy.serving.process import serve_services  # noqa: PLC0415 - slow to import

    with kept_database_url(settings) as url:
        uvloop.run(serve_services(settings, url, _say))


@click.command()
@_private_addresses
@_smtp_url
@place_of_data
@_files
@operations
def worker(**flags: object) -> None:
    """Runs jobs and delivers to webhooks, on a database whose schema is current.

    `serve` and `services` do so too, unless PROSPECTCONNECT_RUNS_JOBS is false.
    """
    settings = Settings.read(**flags)
    configure_logs(settings.log_format)
    with importing():
        from deploy.serving.process import serve_jobs  # noqa: PLC0415 - slow to import

    with kept_database_url(settings) as url:
        uvloop.run(serve_jobs(settings, url, _say))


@click.command()
@_host
@_http_port
@tls_of("HTTP", "http_tls")
@setting("services", "Where the services are, HOST:PORT or a gRPC target.")
@setting("services_tls_ca", "The CA whose services are believed (PEM).")
@setting("services_tls_certificate", "A certificate to show them (PEM).")
@setting("services_tls_key", "The key of that certificate (PEM).")
@_plaintext
@_rate_limit_url
@_max_clients
@setting("data_dir", "Where the edges of this machine share their rate limits.")
@operations
def edge(**flags: object) -> None:
    """Serves HTTP alone, over services elsewhere."""
    settings = Settings.read(**flags)
    configure_logs(settings.log_format)
    if settings.services is None:
        raise SettingsError("The edge needs --services HOST:PORT.")
    with importing():
        from deploy.serving.process import serve_edge  # noqa: PLC0415 - slow to import

    uvloop.run(serve_edge(settings, settings.services, _say))


@click.command()
@place_of_data
def migrate(**flags: object) -> None:
    """Brings the database's schema up to date."""
    with database_url(Settings.read(**flags)) as url:
        asyncio.run(migrate_schema(url, note))


async def _prepare(settings: Settings, url: str) -> str | None:
    """Migrates, loads demonstration data, and returns a token for it."""
    await migrate_schema(url, note)
    if not settings.loads_demo:
        return None
    async with opened(url) as database:
        if not await is_loaded(database):
            from deploy.demo.loading import load_demo  # noqa: PLC0415 - slow to import

            await load_demo(database, settings.demo_contacts)
        owner = email("owner")
        return await issue_token(
            database, TENANT, owner, EVERY_SCOPE, _TOKEN_LIFE, name="demo"
        )


def _serve_by_workers(
    settings: Settings, url: str, greet: Callable[[Ready], None]
) -> None:
    with held_ports(settings) as shared:
        ready = Ready(
            ports.address(shared.host, shared.http_port),
            ports.address(shared.host, shared.grpc_port),
            settings.scheme,
        )
        settings = shared.model_copy(update={"database_url": url})
        uvloop.run(supervise(settings, lambda: greet(ready)))


def _say(ready: Ready) -> None:
    announce(ready.line())
