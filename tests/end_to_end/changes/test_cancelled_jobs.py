"""A job of any kind ends within five seconds of its cancelling, at any moment."""

import random
import time
from collections.abc import Callable, Mapping
from itertools import count

import pytest

from tests.client import Client
from tests.end_to_end.changes.following import Reader, let_all_be_told, types
from tests.end_to_end.exports import exporting
from tests.end_to_end.imports.sending import begun, put, table
from tests.end_to_end.schema.by_jobs.many import MORE, PLENTY, load
from tests.end_to_end.schema.defining import definition
from tests.end_to_end.webhooks.kept import body
from tests.harness.promptly import in_time, within
from tests.rounds import rounds
from tests.world import Tenant

ROWS = 5_000
# What a job has done by some of these looks at it differs from one to the next.
MOST_LOOKS = 40
PROMISED_SECONDS = 5.0

_numbers = count()

Begin = Callable[[Tenant, Client], str]


def an_import(_: Tenant, client: Client) -> str:
    content = table("last_name", *(f"P{number}" for number in range(ROWS)))
    return str(put(client, begun(client), content).json["job_id"])


def a_dry_import(_: Tenant, client: Client) -> str:
    content = table("last_name", *(f"P{number}" for number in range(ROWS)))
    return str(put(client, begun(client, dry_run=True), content).json["job_id"])


def an_export(_: Tenant, client: Client) -> str:
    return str(exporting.begin(client, resources=["contacts", "deals"])["job_id"])


def a_parquet_export(_: Tenant, client: Client) -> str:
    return str(exporting.begin(client, format="parquet")["job_id"])


def a_definition(tenant: Tenant, client: Client) -> str:
    """Of a key that so many records have that a job looks at them."""
    key = f"k{next(_numbers)}"
    load(tenant, lambda place: place, PLENTY, key)
    answer = client.post("/fields", {**definition("integer"), "key": key})
    assert answer.status == 202, answer.body
    return str(answer.json["id"])


def a_replay(_: Tenant, client: Client) -> str:
    webhook = client.create("/webhooks", body(active=False))
    replay = {"from": webhook["created_at"], "to": "2100-01-01T00:00:00Z"}
    answer = client.post(f"/webhooks/{webhook['id']}/replay", replay)
    assert answer.status == 202, answer.body
    assert client.delete(f"/webhooks/{webhook['id']}").status == 204
    return str(answer.json["job"]["id"] if "job" in answer.json else answer.json["id"])


KINDS: Mapping[str, Begin] = {
    "import": an_import,
    "dry import": a_dry_import,
    "export": an_export,
    "parquet export": a_parquet_export,
    "definition": a_definition,
    "replay": a_replay,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_ends_soon_after_it_is_cancelled_at_any_moment(
    kind: str, tenant: Tenant, owner: Client
) -> None:
    load(tenant, lambda place: place, MORE, "other")
    drawn = random.Random(rounds("JOB_CANCELS") * 100 + len(kind))
    for _ in range(rounds("JOB_CANCELS")):
        reader = Reader(owner, resources=["jobs"])
        job_id = KINDS[kind](tenant, owner)
        path = f"/jobs/{job_id}"
        for _ in range(drawn.randrange(MOST_LOOKS)):
            owner.get(path)
        assert owner.post(f"{path}/cancel").status == 200

        def has_ended(path: str = path) -> bool:
            return owner.get(path).json["finished_at"] is not None

        asked = time.monotonic()
        assert within(60, has_ended), owner.get(path).body
        assert in_time(time.monotonic() - asked, PROMISED_SECONDS)
        job = owner.get(path).json
        assert job["state"] in ("cancelled", "succeeded"), job
        assert job["result"] is not None
        let_all_be_told(owner)
        changes = [e for e in reader.read() if e["record"]["id"] == job_id]
        assert types(changes)[-1] == f"job.{job['state']}"
