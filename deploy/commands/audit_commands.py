"""The commands for operators: the audit log, and the apps.

They only read, except `app delete`. They print one line for each item, so that a script
can read them.
"""

import json
from datetime import timedelta

import click

from deploy.embedded.databases import administer
from deploy.options import parsed, place_of_data
from deploy.settings import Settings, parse_duration
from services.clock import SECOND, now, to_timestamp
from services.iam import audit
from services.iam.oauth import apps
from services.iam.tenants import business_of
from services.postgres.database import Database, Row

_EVENT = ("event", "user_id", "client_id", "address", "detail")


@click.command("audit")
@click.option("--tenant", help="The tenant's name; without one, all and of none.")
@click.option(
    "--since",
    metavar="DURATION",
    default="24h",
    callback=parsed(parse_duration),
    help="How far back, such as 12h or 90d; default 24h.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=1_000,
    help="How many of each tenant at most.",
)
@place_of_data
def audit_log(
    tenant: str | None, since: timedelta, limit: int, **place: object
) -> None:
    """Prints who let which app in, refused, revoked and logged in, latest first.

    Each line is JSON: at, business_id, event, user_id, client_id, address, detail.
    """
    begin = now() - int(since.total_seconds()) * SECOND

    async def read(database: Database) -> list[str]:
        lines = []
        for business_id in await _places(database, tenant):
            rows = await audit.read(database, business_id, begin, limit)
            lines += [(row[1], _line(business_id, row)) for row in rows]
        return [line for _, line in sorted(lines, reverse=True)]

    for line in administer(Settings.read(**place), read):
        click.echo(line)


async def _places(database: Database, tenant: str | None) -> list[str]:
    """The tenants to read. All include `NOBODY`, for events without a tenant."""
    if tenant is not None:
        return [await business_of(database, tenant)]
    rows = await database.rows("SELECT business_id FROM tenants")
    return [audit.NOBODY, *(row[0] for row in rows)]


def _line(business_id: str, row: Row) -> str:
    at = to_timestamp(row[1]).ToJsonString()
    return json.dumps(
        {"at": at, "business_id": business_id} | dict(zip(_EVENT, row[2:], strict=True))
    )


@click.group()
def app() -> None:
    """Apps: OAuth clients that registered."""


@app.command("list")
@place_of_data
def list_apps(**place: object) -> None:
    """Prints a line of JSON for each app, the latest registered first."""
    for each in administer(Settings.read(**place), apps.list_apps):
        click.echo(json.dumps(each))


@app.command("delete")
@click.option("--client-id", required=True, help="The app's id, app_...")
@place_of_data
def delete_app(client_id: str, **place: object) -> None:
    """Deletes an app; all its tokens are refused within a second."""
    administer(Settings.read(**place), lambda db: apps.delete_app(db, client_id))
