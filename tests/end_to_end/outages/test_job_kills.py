"""Workers of jobs that are killed at any moment: others go on where they stopped."""

import random
import threading
from collections.abc import Callable
from functools import partial

from services.postgres.database import Database
from tests import stacks
from tests.end_to_end.schema.by_jobs.many import PLENTY, ended, load
from tests.end_to_end.schema.defining import definition
from tests.rounds import rounds
from tests.world import Tenant, administer, new_tenant

NO_JOBS = {"PROSPECTCONNECT_RUNS_JOBS": "false"}


def test_a_job_outlives_its_workers_and_writes_nothing_twice(
    migrated_database: Callable[[str], str],
) -> None:
    url, draws = migrated_database("kills"), random.Random(3)
    with stacks.running("together", url, NO_JOBS) as stack:
        tenant = new_tenant(stack)
        owner = tenant.client()
        load(tenant, lambda place: f" {place} ", PLENTY)
        answer = owner.post("/fields", definition("integer", existing="convert"))
        assert (answer.status, answer.json["state"]) == (202, "waiting")
        for _ in range(rounds("JOB_KILLS")):
            worker = stacks.start("worker", "--database-url", url)
            threading.Event().wait(draws.uniform(0.3, 1.5))  # how far it comes
            with worker.handle:
                worker.handle.kill()
        worker = stacks.start("worker", "--database-url", url)
        job = ended(owner, answer.json)
        assert worker.stop() == 0
        assert job["state"] == "succeeded"
        assert job["result"]["converted"] == PLENTY
        assert job["progress"] == {"total": 2 * PLENTY, "done": 2 * PLENTY, "failed": 0}
        versions = administer(url, partial(versions_of, tenant))
        assert versions == {2: PLENTY}  # each record was written once after its load
        owner.close()


async def versions_of(tenant: Tenant, database: Database) -> dict[int, int]:
    """How many contacts have which version."""
    rows = await database.rows(
        "SELECT version, count(*) FROM contacts WHERE business_id = $1"
        " AND custom_fields ? 'it' GROUP BY version",
        tenant.business_id,
    )
    return {row[0]: row[1] for row in rows}
