"""Pipelines: the stages that deals move through.

A tenant has few pipelines, so all of them are read at once. The command line creates
them; the API only shows them. A pipeline is never changed or deleted, so what was read
once stays true, and only an id that is not known yet needs another look.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from prospectconnect.crm.v1 import pipelines_pb2 as pb

from services.clock import now
from services.errors import ServiceError
from services.ids import new_id
from services.postgres.database import Database, Transaction
from services.records.statements import insert_one_sql

MOST_STAGES = 100
# So many tenants' pipelines a process knows: some kilobytes for each.
MOST_KNOWN = 1_000

_READ = """
SELECT id, is_default, stages FROM pipelines
WHERE business_id = $1 AND deleted_at IS NULL ORDER BY position, id
"""
_CREATE = insert_one_sql(
    "pipelines",
    {
        "id": "$2",
        "name": "$3",
        "is_default": "count(*) = 0",
        "position": "count(*) + 1",
        "stages": "$4",
        "created_at": "$5",
        "updated_at": "$5",
    },
    source="pipelines WHERE business_id = $1",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage and the pipeline that it belongs to; `type` is a `StageType`."""

    id: str
    pipeline_id: str
    type: int


@dataclass(frozen=True, slots=True)
class NewStage:
    """A stage to create. `type` is a `StageType`, `probability` is in percent."""

    name: str
    probability: int
    type: pb.StageType.ValueType


# The pipeline of a new tenant.
DEFAULT_STAGES = (
    NewStage("New", 10, pb.STAGE_TYPE_OPEN),
    NewStage("Qualified", 30, pb.STAGE_TYPE_OPEN),
    NewStage("Proposal", 60, pb.STAGE_TYPE_OPEN),
    NewStage("Negotiation", 80, pb.STAGE_TYPE_OPEN),
    NewStage("Won", 100, pb.STAGE_TYPE_WON),
    NewStage("Lost", 0, pb.STAGE_TYPE_LOST),
)
DEFAULT_NAME = "Sales"


@dataclass(frozen=True, slots=True)
class Pipelines:
    """The stages of a tenant's pipelines."""

    default_id: str | None
    stages: Sequence[Stage]

    def stage(self, stage_id: str) -> Stage | None:
        """Returns the stage with an id."""
        return next((each for each in self.stages if each.id == stage_id), None)

    def has(self, pipeline_id: str, stage_id: str) -> bool:
        """Whether a pipeline and a stage are among them, as far as they are named."""
        if not (pipeline_id or self.default_id):
            return False
        is_there = not pipeline_id or self.first_stage(pipeline_id) is not None
        return is_there and (not stage_id or self.stage(stage_id) is not None)

    def first_stage(self, pipeline_id: str | None) -> Stage | None:
        """Returns the first stage of a pipeline."""
        of_pipeline = (s for s in self.stages if s.pipeline_id == pipeline_id)
        return next(of_pipeline, None)


async def read_pipelines(database: Database, business_id: str) -> Pipelines:
    """Reads all pipelines of a tenant."""
    default_id, stages = None, []
    for pipeline_id, is_default, listed in await database.rows(_READ, business_id):
        default_id = pipeline_id if is_default else default_id
        stages += [Stage(each["id"], pipeline_id, each["type"]) for each in listed]
    return Pipelines(default_id, stages)


class KnownPipelines:
    """The pipelines of those tenants that asked for them last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[str, Pipelines] = OrderedDict()

    def known(
        self, business_id: str, pipeline_id: str, stage_id: str
    ) -> Pipelines | None:
        """Returns a tenant's pipelines. None if what is named is not known yet."""
        found = self._known.get(business_id)
        if found is None or not found.has(pipeline_id, stage_id):
            return None
        self._known.move_to_end(business_id)
        return found

    async def read(self, business_id: str) -> Pipelines:
        """Reads a tenant's pipelines anew."""
        found = await read_pipelines(self._database, business_id)
        self._known[business_id] = found
        self._known.move_to_end(business_id)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return found


async def create_pipeline(
    database: Database | Transaction,
    business_id: str,
    name: str,
    stages: Sequence[NewStage],
) -> str:
    """Creates a pipeline and returns its id. A tenant's first is its default."""
    if not 1 <= len(name.strip()) <= 255:
        raise ServiceError("A pipeline's name has 1 to 255 characters.")
    if not 1 <= len(stages) <= MOST_STAGES:
        raise ServiceError(f"A pipeline has 1 to {MOST_STAGES} stages.")
    if stages[0].type != pb.STAGE_TYPE_OPEN:
        raise ServiceError("The first stage of a pipeline must be an open one.")
    pipeline_id = new_id("pip_")
    listed = [
        {
            "id": new_id("stg_"),
            "name": stage.name,
            "position": position,
            "probability": stage.probability,
            "type": stage.type,
        }
        for position, stage in enumerate(stages, start=1)
    ]
    values = business_id, pipeline_id, name.strip(), listed, now()
    await database.run(_CREATE, *values)
    return pipeline_id
