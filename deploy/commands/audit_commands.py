"""The commands for operators: the audit log and its chain, and the apps.

They only read, except `app delete`. They print one line for each item, so that a script
can read them.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from deploy.embedded.databases import administer
from deploy.errors import DeployError
from deploy.options import parsed, place_of_data
from deploy.setting_texts import parse_duration
from deploy.settings import Settings
from services.clock import SECOND, now, to_timestamp
from services.iam import audit, audit_chain
from services.iam.audit_chain import Verified
from services.iam.oauth import apps
from services.iam.tenants import business_of
from services.postgres.database import Database, Row

_EVENT = ("event", "user_id", "client_id", "ip", "target", "details", "trace_id")
_TENANT = "The tenant's name; without one, all and of none."

Known = Mapping[str, Mapping[int, bytes]]


@click.group("audit", invoke_without_command=True)
@click.option("--tenant", help=_TENANT)
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
@click.pass_context
def audit_log(
    context: click.Context,
    /,
    tenant: str | None,
    since: timedelta,
    limit: int,
    **place: object,
) -> None:
    """Prints who let which app in, refused, revoked and logged in, latest first.

    Each line is JSON: at, business_id, event, user_id, client_id, ip, target, details,
    trace_id.
    """
    if context.invoked_subcommand is not None:
        return
    begin = now() - int(since.total_seconds()) * SECOND

    async def read(database: Database) -> list[str]:
        lines = []
        for business_id in await _places(database, tenant):
            rows = await audit.read(database, business_id, begin, limit)
            lines += [(row[1], _line(business_id, row)) for row in rows]
        return [line for _, line in sorted(lines, key=lambda e: e[0], reverse=True)]

    for line in administer(Settings.read(**place), read):
        click.echo(line)


@audit_log.command("verify")
@click.option("--tenant", help=_TENANT)
@click.option(
    "--known",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with lines that this command printed before.",
)
@place_of_data
def verify(tenant: str | None, known: Path | None, **place: object) -> None:
    """Looks for changed, missing, inserted and reordered entries of the audit.

    Prints a line of JSON for each tenant: business_id, entries, emptied, place and hash
    of the newest entry, and what was found. Exits with 1 if anything was found. Keep
    the lines elsewhere: with them, --known also finds a whole chain that was replaced.
    """
    heads = {} if known is None else _known(known)

    async def read(database: Database) -> list[Verified]:
        if tenant is not None:
            named = [await business_of(database, tenant)]
        else:
            named = await audit_chain.tenants(database)
        return [
            await audit_chain.verify(database, each, heads.get(each, {}))
            for each in named
        ]

    told = administer(Settings.read(**place), read)
    for each in told:
        click.echo(_verified(each))
    if any(each.found for each in told):
        sys.exit(1)


def _verified(told: Verified) -> str:
    line: dict[str, Any] = {
        "business_id": told.business_id,
        "entries": told.entries,
        "emptied": told.emptied,
        "place": told.head.place,
        "hash": told.head.hash.hex(),
        "found": told.found,
    }
    return json.dumps(line)


def _known(file: Path) -> Known:
    """The heads in the lines of a file, by tenant and place."""
    heads = defaultdict[str, dict[int, bytes]](dict)
    try:
        for line in file.read_text().splitlines():
            each = json.loads(line)
            if each["place"]:
                known = bytes.fromhex(each["hash"])
                heads[each["business_id"]][each["place"]] = known
    except (ValueError, KeyError, TypeError) as error:
        message = f"{file} has other lines than `audit verify` prints"
        raise DeployError(message) from error
    return heads


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
