"""Workers that are killed while they import: each row is written once."""

import random
import threading
from collections.abc import Callable
from typing import Any

from tests import stacks
from tests.client import Client
from tests.end_to_end.imports.sending import begun, ended, put, rows_of, table
from tests.harness.promptly import within
from tests.rounds import rounds
from tests.world import new_tenant

NO_JOBS = {"PROSPECTCONNECT_RUNS_JOBS": "false"}
ROWS, BAD = 3_000, 500


def test_an_import_outlives_its_workers_and_writes_no_row_twice(
    migrated_database: Callable[[str], str],
) -> None:
    """An import that ends before all kills is followed by another one."""
    url, draws = migrated_database("import_kills"), random.Random(5)
    kills, written = rounds("IMPORT_KILLS"), list[str]()
    with stacks.running("together", url, NO_JOBS) as stack:
        owner = new_tenant(stack).client()
        while kills > 0:
            first = len(written)
            emails = [
                f"p{first + n}@kill.example" if n % BAD else "bad" for n in range(ROWS)
            ]
            import_id = begun(owner)
            assert put(owner, import_id, table("email", *emails)).status == 200
            kills -= killed_amid(owner, url, import_id, draws, kills)
            check(owner, url, import_id, emails)
            written += (each for each in emails if each != "bad")
        found = sorted(e["email"] for e in owner.pages("/contacts", limit=100))
        assert found == sorted(written)
        owner.close()


def killed_amid(
    owner: Client, url: str, import_id: str, draws: random.Random, most: int
) -> int:
    """Kills one worker after the other, each once it has written rows.

    Returns how many, before the import has ended or there were so many.
    """
    done, path = 0, f"/imports/{import_id}"
    for kill in range(most):
        worker = stacks.start("worker", "--database-url", url)
        try:
            assert within(60, lambda done=done: rows_done(owner, path) > done)  # type: ignore[misc]  # a lambda with a default
            threading.Event().wait(draws.uniform(0.0, 0.2))  # how far it comes
        finally:
            with worker.handle:
                worker.handle.kill()
        done = rows_done(owner, path)
        if done == ROWS:
            return kill
    return most


def rows_done(owner: Client, path: str) -> int:
    return int(owner.get(path).json["rows"])


def check(owner: Client, url: str, import_id: str, emails: list[Any]) -> None:
    """The import ends, and tells once what became of each row."""
    worker = stacks.start("worker", "--database-url", url)
    found = ended(owner, import_id)
    assert worker.stop() == 0
    failed = emails.count("bad")
    assert found["state"] == "succeeded"
    assert (found["created"], found["failed"]) == (ROWS - failed, failed)
    rows = rows_of(owner, import_id, limit=100)
    assert [each["row"] for each in rows] == list(range(1, ROWS + 1))
