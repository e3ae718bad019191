"""Undoing drawn imports, against a plain model; and workers that are killed amid."""

import random
import threading
from collections.abc import Callable
from typing import Any

from tests import stacks
from tests.client import Client
from tests.end_to_end.imports.sending import (
    NDJSON,
    begun,
    ended,
    imported,
    lines,
    put,
    rows_of,
    table,
)
from tests.end_to_end.imports.test_import_kills import NO_JOBS, rows_done
from tests.harness.promptly import within
from tests.rounds import rounds
from tests.world import new_tenant

FIELDS = ("first_name", "job_title", "source", "city")
RECORDS, ROWS, KILLED_ROWS = 12, 30, 1_000


def test_drawn_imports_are_undone_as_a_model_says(owner: Client) -> None:
    draws = random.Random(11)
    for number in range(rounds("UNDOS")):
        undo_one(owner, draws, f"s{number}")


def undo_one(owner: Client, draws: random.Random, system: str) -> None:
    """Imports drawn rows, lets somebody change records, and undoes the import."""
    match, before = f"external_ids.{system}", dict[str, dict[str, Any]]()
    for key in map(str, range(RECORDS // 2)):
        body = {"email": f"{key}@{system}.example", "external_ids": {system: key}}
        before[key] = owner.create("/contacts", body | drawn(draws))
    rows = [row(draws, system) for _ in range(ROWS)]
    given = {"mode": "upsert", "match_on": match, "format": NDJSON}
    made = imported(owner, lines(rows), **given)
    assert made["failed"] == 0, rows_of(owner, made["id"])
    touched = {e["external_ids"][system] for e in rows}
    after = {each: found(owner, match, each) for each in touched}
    for key in sorted(touched):
        if draws.random() < 0.5:
            owner.patch(f"/contacts/{after[key]['id']}", drawn(draws))
    now = {each: found(owner, match, each) for each in touched}
    answer = owner.post(f"/imports/{made['id']}/undo", {})
    undo = ended(owner, answer.json["id"])
    told = {each["id"]: each for each in rows_of(owner, undo["id"], limit=100)}
    for key in touched:
        expected = model(before.get(key), after[key], now[key])
        left = found(owner, match, key)
        assert shown(left) == expected, (key, told[now[key]["id"]])
    assert undo["rows"] == sum(made[name] for name in ("created", "updated"))


def model(before: Any, after: Any, now: Any) -> dict[str, Any] | None:
    """What is left of a record: as it was before, after the import, and is by now."""
    if before is None:
        return None if shown(now) == shown(after) else shown(now)
    imported_fields = [n for n in FIELDS if after[n] != before[n]]
    if any(now[name] != after[name] for name in imported_fields):
        put_back = all(now[name] == before[name] for name in imported_fields)
        return shown(before | pick(now)) if put_back else shown(now)
    return shown(now | {name: before[name] for name in imported_fields})


def pick(record: Any) -> dict[str, Any]:
    return {name: record[name] for name in FIELDS}


def shown(record: Any) -> dict[str, Any] | None:
    return None if record is None else pick(record)


def drawn(draws: random.Random) -> dict[str, Any]:
    """Some fields with few different values, so that they often stay the same."""
    names = draws.sample(FIELDS, draws.randint(0, 2))
    return {name: draws.choice(("a", "b", None)) for name in names}


def row(draws: random.Random, system: str) -> dict[str, Any]:
    key = str(draws.randrange(RECORDS))
    body = {"email": f"{key}@{system}.example", "external_ids": {system: key}}
    return body | drawn(draws)


def found(owner: Client, match: str, key: str) -> Any:
    """The living record with an external id, None if there is none."""
    filters = [{"field": match, "operator": "eq", "value": key}]
    data = owner.post("/contacts/search", {"filters": filters}).json["data"]
    return data[0] if data else None


def test_an_undo_outlives_its_workers(
    migrated_database: Callable[[str], str],
) -> None:
    url, draws = migrated_database("undo_kills"), random.Random(7)
    with stacks.running("together", url, NO_JOBS) as stack:
        owner = new_tenant(stack).client()
        emails = [f"p{n}@undo-kill.example" for n in range(KILLED_ROWS)]
        import_id = begun(owner)
        assert put(owner, import_id, table("email", *emails)).status == 200
        worker = stacks.start("worker", "--database-url", url)
        assert ended(owner, import_id)["created"] == KILLED_ROWS
        assert worker.stop() == 0
        undo_id = owner.post(f"/imports/{import_id}/undo", {}).json["id"]
        assert owner.post(f"/imports/{import_id}/undo", {}).json["id"] == undo_id
        for _ in range(rounds("UNDO_KILLS")):
            if kill_amid(owner, url, undo_id, draws) == KILLED_ROWS:
                break
        worker = stacks.start("worker", "--database-url", url)
        undo = ended(owner, undo_id)
        assert worker.stop() == 0
        assert (undo["deleted"], undo["failed"]) == (KILLED_ROWS, 0)
        numbers = [each["row"] for each in rows_of(owner, undo_id, limit=100)]
        assert numbers == list(range(1, KILLED_ROWS + 1))
        assert owner.search("/contacts")["data"] == []
        owner.close()


def kill_amid(owner: Client, url: str, undo_id: str, draws: random.Random) -> int:
    """Kills a worker once it has undone rows. Returns how many are undone."""
    path = f"/imports/{undo_id}"
    done = rows_done(owner, path)
    worker = stacks.start("worker", "--database-url", url)
    try:
        assert within(60, lambda: rows_done(owner, path) > done)
        threading.Event().wait(draws.uniform(0.0, 0.2))  # how far it comes
    finally:
        with worker.handle:
            worker.handle.kill()
    return rows_done(owner, path)
