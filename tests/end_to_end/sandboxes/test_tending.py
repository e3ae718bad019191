"""What is left to do for sandboxes: it is counted, also where it fails, and done."""

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from services.every_kind import compile_kinds
from services.postgres.database import Database
from services.sandboxes.figures import SandboxFigures
from services.sandboxes.tending import Tending
from tests import stacks
from tests.end_to_end.sandboxes.boxes import make
from tests.harness.promptly import within
from tests.world import administer, new_tenant

RESET = "UPDATE sandboxes SET state = 3, is_open = true WHERE business_id = $1"


def test_a_step_that_fails_is_counted_and_done_later(
    migrated_database: Callable[[str], str],
) -> None:
    url, figures = migrated_database("tended"), SandboxFigures()
    with stacks.running("together", url) as stack:
        tenant = new_tenant(stack)
        with closing(tenant.client()) as client:
            make(client)
            make(client)

    async def look(database: Database, kinds: Mapping[str, Any]) -> None:
        await Tending(database, kinds, None, figures).look()

    administer(url, lambda database: database.run(RESET, tenant.business_id))

    # Without its types of records a process cannot copy what is defined.
    # First it waits until nobody takes the sandboxes for what they were before.
    def fail() -> bool:
        administer(url, lambda database: look(database, {}))
        return figures.failed_steps >= 2

    assert within(60, fail)
    failed = figures.failed_steps
    assert (figures.states["resetting"], figures.states["ready"]) == (2, 0)
    kinds = compile_kinds()["user"].kinds
    for _ in range(2):  # the second one counts what the first one did
        administer(url, lambda database: look(database, kinds))
    assert figures.failed_steps == failed
    assert (figures.states["resetting"], figures.states["ready"]) == (0, 2)
