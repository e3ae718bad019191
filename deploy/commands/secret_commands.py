"""The command that replaces the keys that seal cursors and forms.

It works while servers run. Keys are generated in the database and never printed.
"""

from datetime import timedelta

import click

from deploy.embedded.databases import administer
from deploy.options import parsed, place_of_data
from deploy.setting_texts import parse_duration
from deploy.settings import Settings
from services.sealed.secret_keys import NAMES, rotate


@click.group()
def secret() -> None:
    """Secret keys, which all processes share."""


@secret.command("rotate")
@click.option(
    "--name", required=True, type=click.Choice(NAMES), help="What the key is for."
)
@click.option(
    "--keep",
    metavar="DURATION",
    default="30d",
    callback=parsed(parse_duration),
    help="How long the key before still opens, such as 12h or 90d; default 30d.",
)
@click.option(
    "--leaked",
    is_flag=True,
    help="Refuse all that older keys sealed, within seconds.",
)
@place_of_data
def rotate_secret(name: str, keep: timedelta, leaked: bool, **place: object) -> None:
    """Makes a new key. It seals after a minute, when every process knows it."""
    seconds = int(keep.total_seconds())
    administer(
        Settings.read(**place),
        lambda database: rotate(database, name, seconds, at_once=leaked),
    )
