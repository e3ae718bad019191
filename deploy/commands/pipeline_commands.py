"""The command that creates pipelines; a stage is written as `NAME:PERCENT:TYPE`."""

import re

import click
from prospectconnect.crm.v1.pipelines_pb2 import (
    STAGE_TYPE_LOST,
    STAGE_TYPE_OPEN,
    STAGE_TYPE_WON,
)

from deploy.embedded.databases import administer
from deploy.options import place_of_data
from deploy.settings import Settings
from services.crm.pipelines import NewStage, create_pipeline
from services.iam.tenants import business_of
from services.postgres.database import Database

_STAGE = re.compile(r"(.{1,255}):(\d{1,2}|100):(open|won|lost)")
_TYPES = {"open": STAGE_TYPE_OPEN, "won": STAGE_TYPE_WON, "lost": STAGE_TYPE_LOST}


def parse_stage(text: str) -> NewStage:
    """Reads `New:10:open` as an open stage with a chance of 10 %. Raises ValueError."""
    found = _STAGE.fullmatch(text)
    if found is None or not found[1].strip():
        raise ValueError(f"{text!r} is not a stage such as New:10:open.")
    return NewStage(found[1].strip(), int(found[2]), _TYPES[found[3]])


@click.group()
def pipeline() -> None:
    """Pipelines: the stages through which deals go."""


@pipeline.command("create")
@click.option("--tenant", required=True, help="The tenant's name.")
@click.option("--name", required=True, help="What the pipeline is called.")
@click.option(
    "--stage",
    "stages",
    multiple=True,
    required=True,
    metavar="NAME:PERCENT:TYPE",
    help="A stage, in order; the type is open, won or lost. The first must be open.",
)
@place_of_data
def create(tenant: str, name: str, stages: tuple[str, ...], **place: object) -> None:
    """Creates a pipeline and prints its id."""
    try:
        parsed = [parse_stage(stage) for stage in stages]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--stage") from None

    async def make(database: Database) -> str:
        business_id = await business_of(database, tenant)
        return await create_pipeline(database, business_id, name, parsed)

    click.echo(administer(Settings.read(**place), make))
