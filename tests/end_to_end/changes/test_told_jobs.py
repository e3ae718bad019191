"""Jobs tell of themselves: from their begin to their end, to who may see them."""

from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.changes.following import BOTH, Reader, let_all_be_told, types
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.exports import exporting
from tests.end_to_end.imports.sending import begun, ended, imported, put, table
from tests.harness.people.oauth_scene import Scene
from tests.harness.promptly import within
from tests.rounds import rounds
from tests.world import Tenant

JOBS: dict[str, Any] = {"resources": ["jobs"], "include": BOTH}
# So many rows take an import some seconds.
MANY = 8_000


def named(verbs: str) -> list[str]:
    return [f"job.{verb}" for verb in verbs.split()]


def made_of(rows: int) -> bytes:
    return table("email", *(f"p{number}@s.example" for number in range(rows)))


def told_of(reader: Reader, job_id: str) -> list[Any]:
    """The changes of one job that the feed has told by now."""
    return [each for each in reader.read() if each["record"]["id"] == job_id]


def fitting(changes: list[Any], job: Any) -> None:
    """Compares the changes of a job with the job at its end."""
    versions = [int(each["record"]["version"]) for each in changes]
    assert versions == list(range(1, len(changes) + 1)), "there is no hole"
    assert changes[-1]["state"] == job
    for before, after in pairwise(changes):
        for field, both in after["changed"].items():
            assert both["from"] == before["state"][field], "each goes on from the last"
            assert both["to"] == after["state"][field]
        assert before["at"] < after["at"] == after["state"]["updated_at"]


def test_an_import_tells_of_its_job_until_its_end(owner: Client) -> None:
    reader = Reader(owner, **JOBS)
    import_id = begun(owner)
    job_id = put(owner, import_id, made_of(MANY)).json["job_id"]
    ended(owner, import_id)
    let_all_be_told(owner)
    job = owner.get(f"/jobs/{job_id}")
    changes = told_of(reader, job_id)
    fitting(changes, job.json)
    assert job.headers["etag"] == f'"{len(changes)}"'
    first, second, *between, last = types(changes)
    assert [first, second, last] == named("created started succeeded")
    assert between
    assert set(between) == {"job.progressed"}
    done = [each["state"]["progress"]["done"] for each in changes]
    assert done == sorted(done)
    assert done[-1] == MANY
    assert changes[-1]["state"]["result"]["created"] == MANY
    created = changes[0]
    assert created["actor"]["user_id"] == job.json["created_by"]
    assert created["state"]["state"] == "waiting"


def test_an_export_and_a_failed_import_tell_how_they_ended(owner: Client) -> None:
    reader = Reader(owner, **JOBS)
    export = exporting.exported(owner)
    failed = imported(owner, b"\x1f\x8bno gzip")
    let_all_be_told(owner)
    changes = reader.read()
    for job_id, end in (
        (export["job_id"], "job.succeeded"),
        (failed["job_id"], "job.failed"),
    ):
        its = [each for each in changes if each["record"]["id"] == job_id]
        assert its[-1]["type"] == end
        fitting(its, owner.get(f"/jobs/{job_id}").json)
    assert its[-1]["state"]["problem"]["type"] == "validation"


def test_filters_and_types_choose_among_changes_of_jobs(owner: Client) -> None:
    condition = {"field": "kind", "operator": "eq", "value": "export"}
    filtered = Reader(owner, resources=["jobs"], filters=[condition])
    ends = Reader(owner, types=named("succeeded failed cancelled"))
    imported(owner, made_of(1))
    export = exporting.exported(owner)
    let_all_be_told(owner)
    found = {each["record"]["id"] for each in filtered.read()}
    assert found == {export["job_id"]}
    assert types(ends.read()) == named("succeeded succeeded")


def test_nothing_of_a_file_is_kept_in_the_log(owner: Client) -> None:
    """A dry run shows rows. They lie in the import alone, where erasures find them."""
    reader = Reader(owner, **JOBS)
    found = imported(owner, made_of(2), dry_run=True)
    let_all_be_told(owner)
    assert found["result"]["rows"][0]["values"]["email"] == "p0@s.example"
    changes = told_of(reader, found["job_id"])
    fitting(changes, owner.get(f"/jobs/{found['job_id']}").json)
    assert "s.example" not in repr(changes)


def test_jobs_of_others_are_told_to_owners_and_admins_alone(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    clients = {
        role: open_client(tenant.tokens[role])
        for role in ("owner", "admin", "manager", "viewer")
    }
    readers = {role: Reader(client, **JOBS) for role, client in clients.items()}
    both = Reader(clients["viewer"])
    of_manager = imported(clients["manager"], made_of(1))["job_id"]
    of_owner = exporting.exported(owner, "companies")["job_id"]
    let_all_be_told(owner)
    found = {
        role: {each["record"]["id"] for each in reader.read()}
        for role, reader in readers.items()
    }
    assert found["owner"] == found["admin"] == {of_manager, of_owner}
    assert found["manager"] == {of_manager}
    assert found["viewer"] == set()
    resources = {each["record"]["resource"] for each in both.read()}
    assert resources == {"contacts", "companies"}


def test_a_reader_of_changes_alone_is_told_of_own_jobs_when_it_asks(
    tenant: Tenant, open_client: OpenClient
) -> None:
    client = open_client(tenant.token(["change.read"]))
    assert client.post("/changes/read", {}).status == 403
    assert client.post("/changes/read", {"resources": ["jobs"]}).status == 200
    assert client.post("/changes/read", {"types": ["job.failed"]}).status == 200
    refused = client.post("/changes/read", {"resources": ["jobs", "deals"]})
    assert (refused.status, refused.json["required"]) == (403, "deal.read")


def test_an_app_is_told_of_its_own_jobs_alone(scene: Scene) -> None:
    scopes = ["change.read", "contact.read", "contact.write"]
    granted = " ".join(scopes)
    app = scene.oauth.register(scope=granted)
    code = scene.oauth.grant(app, scene.session, scope=granted)
    token = scene.oauth.exchange(app, code).access_token
    with (
        closing(Client(scene.tenant.stack.http, token)) as client,
        closing(scene.tenant.client()) as owner,
    ):
        reader = Reader(client, **JOBS)
        imported(owner, made_of(1))
        mine = imported(client, made_of(1))["job_id"]
        let_all_be_told(owner)
        assert {each["record"]["id"] for each in reader.read()} == {mine}


def test_a_job_that_is_cancelled_before_it_began_never_starts(
    owner: Client, tenant: Tenant
) -> None:
    """Whichever is first: a job that did not start has no time of its start."""
    reader = Reader(owner, **JOBS)
    import_id = begun(owner)
    job_id = put(owner, import_id, made_of(1)).json["job_id"]
    owner.post(f"/jobs/{job_id}/cancel")
    ended(owner, import_id)
    let_all_be_told(owner)
    changes = told_of(reader, job_id)
    job = owner.get(f"/jobs/{job_id}").json
    fitting(changes, job)
    assert ("job.started" in types(changes)) == (job["started_at"] is not None)
    assert tenant


@pytest.mark.every_topology
def test_progress_is_told_each_second_by_get_and_as_changes(
    owner: Client, begin_long: Callable[[], str]
) -> None:
    """While a job runs, what is told and what a get answers are the same states."""
    reader = Reader(owner, **JOBS)
    job_id = begin_long()
    seen = list[Any]()
    path = f"/jobs/{job_id}"

    def has_gone_on() -> bool:
        job = owner.get(path).json
        if job not in seen:
            seen.append(job)
        return len(seen) >= rounds("JOB_PROGRESS")

    assert within(60, has_gone_on)
    owner.post(f"{path}/cancel")
    owner.post(f"{path}/wait", {})
    let_all_be_told(owner)
    told = [each["state"] for each in told_of(reader, job_id)]
    assert [each for each in seen if each not in told] == []


@pytest.fixture
def begin_long(owner: Client) -> Callable[[], str]:
    """Begins a job that takes many seconds."""

    def begin() -> str:
        import_id = begun(owner)
        return str(put(owner, import_id, made_of(40_000)).json["job_id"])

    return begin
