"""Workers that are killed while they import: each row is written once."""

import random
import threading
from collections.abc import Callable

from tests import stacks
from tests.end_to_end.imports.sending import begun, ended, put, rows_of, table
from tests.rounds import rounds
from tests.world import new_tenant

NO_JOBS = {"PROSPECTCONNECT_RUNS_JOBS": "false"}
ROWS, BAD = 3_000, 500


def test_an_import_outlives_its_workers_and_writes_no_row_twice(
    migrated_database: Callable[[str], str],
) -> None:
    url, draws = migrated_database("import_kills"), random.Random(5)
    with stacks.running("together", url, NO_JOBS) as stack:
        owner = new_tenant(stack).client()
        emails = [f"p{n}@kill.example" if n % BAD else "bad" for n in range(ROWS)]
        import_id = begun(owner)
        assert put(owner, import_id, table("email", *emails)).status == 200
        for _ in range(rounds("IMPORT_KILLS")):
            worker = stacks.start("worker", "--database-url", url)
            threading.Event().wait(draws.uniform(0.2, 1.0))  # how far it comes
            with worker.handle:
                worker.handle.kill()
        worker = stacks.start("worker", "--database-url", url)
        found = ended(owner, import_id)
        assert worker.stop() == 0
        failed = emails.count("bad")
        assert found["state"] == "succeeded"
        assert (found["created"], found["failed"]) == (ROWS - failed, failed)
        rows = rows_of(owner, import_id, limit=100)
        assert [each["row"] for each in rows] == list(range(1, ROWS + 1))
        written = sorted(e["email"] for e in owner.pages("/contacts", limit=100))
        assert written == sorted(each for each in emails if each != "bad")
        owner.close()
