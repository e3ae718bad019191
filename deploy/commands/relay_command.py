"""The command that tells changes to NATS."""

import click
import uvloop

from deploy.embedded.databases import kept_database_url
from deploy.importing import importing
from deploy.observing.logs import configure_logs
from deploy.options import operations, place_of_data
from deploy.progress import announce
from deploy.settings import Settings
from services.relay.pages import EARLIEST, NOW


@click.command()
@click.option(
    "--to",
    required=True,
    envvar="PROSPECTCONNECT_RELAY_TO",
    metavar="URL",
    help="The NATS server, nats://HOST:PORT or tls://...",
)
@click.option(
    "--from",
    "start",
    type=click.Choice((EARLIEST, NOW)),
    default=NOW,
    help="Where a tenant begins that was never relayed; default now.",
)
@place_of_data
@operations
def relay(to: str, start: str, **flags: object) -> None:
    """Publishes the changes of all tenants to NATS JetStream, as CloudEvents.

    Goes on where it stopped. Several relays share the tenants.
    """
    settings = Settings.read(**flags)
    configure_logs(settings.log_format)
    with importing():
        from deploy.relaying.process import relay_changes  # noqa: PLC0415 - slow to import

    with kept_database_url(settings) as url:
        where = to, start
        uvloop.run(relay_changes(settings, url, where, lambda: announce("relaying")))
