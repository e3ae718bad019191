"""Imports and exports whose files lie in a bucket, and what they do when it is away.

The store is a program of its own, which checks every signature.
"""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import orjson
import pytest

from services.exports.sweeping import delete_files
from services.files.stores import Files
from services.postgres.database import Database
from tests import stacks
from tests.client import Client
from tests.end_to_end.exports import exporting
from tests.end_to_end.exports.exporting import begin, exported, file
from tests.end_to_end.imports.sending import (
    begun,
    ended,
    errors_of,
    put,
    put_part,
    table,
)
from tests.end_to_end.imports.test_contents import cut
from tests.harness.promptly import within
from tests.harness.wire import s3_server
from tests.harness.wire.s3_server import BUCKET, S3Server
from tests.world import Tenant, administer, new_tenant

PLACE = f"s3://{BUCKET}/kept"
ROWS, BAD = 2_000, 400
_WAITING = """
SELECT count(*) FILTER (WHERE lease IS NULL AND due_at > now() + interval '1 second')
    AS waiting, max(failures) AS failures
FROM jobs WHERE business_id = $1 AND finished_at IS NULL
"""
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Plant:
    """The product, its store, and a tenant."""

    store: S3Server
    tenant: Tenant
    owner: Client

    def kept(self) -> list[str]:
        """The tenant's files."""
        return self.store.files(f"kept/{self.tenant.business_id}")


@pytest.fixture(scope="module")
def started(
    migrated_database: Callable[[str], str],
) -> Iterator[tuple[S3Server, stacks.Stack]]:
    """The product with its files in a bucket."""
    with s3_server.running() as store:
        env = {"PROSPECTCONNECT_FILES": PLACE, **store.env}
        url = migrated_database("bucket")
        with stacks.running("split", url, env) as stack:
            yield store, stack


@pytest.fixture
def plant(started: tuple[S3Server, stacks.Stack]) -> Iterator[Plant]:
    """A new tenant of the product."""
    store, stack = started
    tenant = new_tenant(stack)
    with closing(tenant.client()) as owner:
        yield Plant(store, tenant, owner)


def rows(count: int = ROWS) -> bytes:
    """A content of more than one piece, with some rows that are refused."""
    emails = [f"p{n}@b.example" if n % BAD else "bad" for n in range(count)]
    return table("email,junk", *(f"{each},{'x' * 900}" for each in emails))


def test_what_was_imported_is_exported_and_its_files_go(plant: Plant) -> None:
    owner, content = plant.owner, rows()
    import_id = begun(owner)
    half = len(content) // 2
    assert put_part(owner, import_id, 2, content[half:]).status == 200
    assert put_part(owner, import_id, 1, b"wrong").status == 200
    assert put_part(owner, import_id, 1, content[:half]).status == 200
    assert len(plant.kept()) == 2  # the first sending of part 1 has gone
    assert owner.post(f"/imports/{import_id}/start").status == 200
    found = ended(owner, import_id)
    assert (found["created"], found["failed"]) == (ROWS - ROWS // BAD, ROWS // BAD)
    assert within(60, lambda: plant.kept() == [])
    assert errors_of(owner, import_id).count(b"bad") == ROWS // BAD
    errors = plant.kept()
    assert [each.rpartition("/")[2] for each in errors] == ["errors", "errors.json"]

    export = exported(owner)
    (told,) = export["result"]["files"]
    body = file(owner, export).body
    assert (told["rows"], told["bytes"]) == (found["created"], len(body))
    assert told["sha256"] == hashlib.sha256(body).hexdigest()
    assert len({orjson.loads(each)["id"] for each in body.splitlines()}) == told["rows"]
    part = file(owner, export, range="bytes=1000-1999")
    assert (part.status, part.body) == (206, body[1_000:2_000])
    assert len(plant.kept()) == 1 + len(errors)


def test_expired_files_are_deleted(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, business_id = plant.owner, plant.tenant.business_id
    export = exported(owner)
    for name, value in plant.store.env.items():
        monkeypatch.setenv(name, value)

    async def expire(database: Database) -> None:
        sql = "UPDATE exports SET expires_at = now() WHERE business_id = $1"
        await database.run(sql, business_id)
        await delete_files(database, Files(PLACE), business_id)

    assert len(plant.kept()) == 1
    administer(plant.tenant.stack.database_url, expire)
    assert plant.kept() == []
    assert file(owner, export).status == 410


def test_a_content_that_is_cut_is_never_seen(plant: Plant) -> None:
    owner = plant.owner
    import_id = begun(owner)
    cut(owner, import_id)
    found = owner.get(f"/imports/{import_id}").json
    assert (found["state"], found["parts"]) == ("waiting_for_content", [])
    assert put(owner, import_id, rows(3)).status == 200
    assert ended(owner, import_id)["created"] == 2
    assert within(60, lambda: plant.kept() == [])


@pytest.fixture(params=["away", "full"])
def trouble(request: pytest.FixtureRequest, plant: Plant) -> Iterator[str]:
    """What is wrong with the store, from `begin_trouble` to the end of the test."""
    yield request.param
    end_trouble(plant.store, request.param)


def begin_trouble(store: S3Server, trouble: str) -> None:
    if trouble == "away":
        store.end()
    else:
        store.fill()


def end_trouble(store: S3Server, trouble: str) -> None:
    if trouble == "away":
        store.end()
        store.start()
    else:
        store.make_room()


def tried(plant: Plant) -> int:
    """How many jobs wait for the store: to do so is no failure of theirs."""
    business_id = plant.tenant.business_id

    async def read(database: Database) -> int:
        row = await database.row(_WAITING, business_id)
        assert row is not None
        assert row["failures"] == 0
        return int(row["waiting"])

    return administer(plant.tenant.stack.database_url, read)


def test_jobs_wait_for_a_store_that_has_troubles(plant: Plant, trouble: str) -> None:
    owner, content = plant.owner, rows()
    owner.create("/contacts", {"email": "before@b.example"})
    before, import_id, other = exported(owner), begun(owner), begun(owner)
    assert put_part(owner, other, 1, content).status == 200
    begin_trouble(plant.store, trouble)
    refused = put(owner, import_id, content)
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert refused.json["type"].endswith("/server-error")
    assert owner.get(f"/imports/{import_id}").json["parts"] == []
    assert file(owner, before).status == (503 if trouble == "away" else 200)
    assert owner.post(f"/imports/{other}/start").status == 200
    export = begin(owner)
    contact = owner.create("/contacts", {"email": "meanwhile@b.example"})
    assert owner.get(f"/contacts/{contact['id']}").status == 200
    wait = 2 if trouble == "away" else 1  # a full store can be read
    assert within(60, lambda: tried(plant) == wait)
    job = owner.get(f"/jobs/{export['job_id']}").json
    assert job["finished_at"] is None
    end_trouble(plant.store, trouble)
    assert put(owner, import_id, content).status == 200
    for each in (import_id, other):
        done = ended(owner, each)
        assert done["created"] + done["failed"] == ROWS
    found = exporting.ended(owner, export)
    assert found["state"] == "succeeded", found["problem"]
    assert (
        hashlib.sha256(file(owner, found).body).hexdigest()
        == (found["result"]["files"][0]["sha256"])
    )
    assert plant.store.halves() == []


def test_a_frozen_store_holds_up_none_but_those_who_want_files(plant: Plant) -> None:
    owner, content = plant.owner, rows(20)
    import_id = begun(owner)
    with ThreadPoolExecutor(1) as threads, closing(plant.tenant.client()) as other:
        plant.store.hold_up()
        try:
            sending = threads.submit(put, other, import_id, content)
            for number in range(20):
                owner.create("/contacts", {"email": f"w{number}@b.example"})
            assert not sending.done()
        finally:
            plant.store.let_go()
        assert sending.result().status == 200
    assert ended(owner, import_id)["created"] == 19
