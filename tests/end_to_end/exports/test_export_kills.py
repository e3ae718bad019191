"""Large exports: workers that are killed, rights that go, clients that are slow."""

import hashlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.exports.sweeping import delete_files
from services.files.stores import Files
from services.postgres.database import Database
from tests import stacks
from tests.client import Client
from tests.end_to_end.exports.exporting import begin, ended, exported, file
from tests.end_to_end.schema.by_jobs.many import load
from tests.harness.promptly import within
from tests.rounds import rounds
from tests.stacks import Process
from tests.world import Tenant, administer, new_tenant

CONTACTS, LONG = 12_000, "x" * 3_000
MOMENT_SECONDS = 0.02
FILE_BYTES = 16 * 1024**2
ONE = "WHERE business_id = $1 AND id = $2"


@dataclass(frozen=True, slots=True)
class Plant:
    """A tenant with many contacts, and where the files of its exports are."""

    tenant: Tenant
    owner: Client
    place: Path
    env: dict[str, str]

    @contextmanager
    def worker(self) -> Iterator[Process]:
        """Runs a worker of jobs; it is killed at the end if it still runs."""
        url = self.tenant.stack.database_url
        worker = stacks.start("worker", "--database-url", url, env=self.env)
        try:
            yield worker
        finally:
            with worker.handle:
                worker.handle.kill()

    def begun(self, worker: Process, client: Client, **asked: Any) -> Any:
        """An export that has written something, but not all."""
        export = begin(client, **asked)
        self.stop_amid(worker, export)
        worker.handle.send_signal(signal.SIGCONT)
        return export

    def stop_amid(self, worker: Process, export: Any) -> None:
        """Stops a worker once it has begun to write an export.

        Until then it runs for moments: it needs less than a second for the whole.
        """

        before = set(self.kept(export))

        def has_more() -> bool:
            return not before.issuperset(self.kept(export))

        def has_begun() -> bool:
            worker.handle.send_signal(signal.SIGCONT)
            within(MOMENT_SECONDS, has_more)
            worker.handle.send_signal(signal.SIGSTOP)
            return has_more()

        assert within(60, has_begun)

    def kept(self, export: Any) -> list[Path]:
        """All files of an export that are in the store."""
        folder = self.place / self.tenant.business_id / "exports" / export["id"]
        return sorted(each for each in folder.rglob("*") if each.is_file())

    def expire(self, export: Any) -> None:
        self.run(f"UPDATE exports SET expires_at = now() {ONE}", export["id"])

    def change(self, user_id: str, how: str) -> None:
        """Changes a user, as its administrator does."""
        self.run(f"UPDATE users SET {how} {ONE}", user_id)

    def run(self, sql: str, record_id: str) -> None:
        async def run(database: Database) -> None:
            await database.run(sql, self.tenant.business_id, record_id)

        administer(self.tenant.stack.database_url, run)


@pytest.fixture(scope="module")
def plant(
    migrated_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plant]:
    """The product without a worker; tests run theirs."""
    url, place = migrated_database("exports"), tmp_path_factory.mktemp("files")
    env = {
        "PROSPECTCONNECT_FILES": str(place),
        "PROSPECTCONNECT_EXPORT_FILE_BYTES": str(FILE_BYTES),
    }
    off = {"PROSPECTCONNECT_RUNS_JOBS": "false"}
    with stacks.running("together", url, env | off) as stack:
        tenant = new_tenant(stack)
        load(tenant, lambda _: LONG, CONTACTS)
        owner = tenant.client()
        yield Plant(tenant, owner, place, env)
        owner.close()


def test_an_export_outlives_its_workers_and_leaves_no_halves(plant: Plant) -> None:
    owner, export = plant.owner, begin(plant.owner)
    for _ in range(rounds("EXPORT_KILLS")):
        with plant.worker() as worker:
            plant.stop_amid(worker, export)
    with plant.worker():
        found = ended(owner, export)
    assert found["state"] == "succeeded", found["problem"]
    files = found["result"]["files"]
    assert [each["number"] for each in files] == list(range(1, len(files) + 1))
    assert len(files) > 1
    ids = list[str]()
    for each in files:
        answer = file(owner, found, each["number"])
        assert each["bytes"] == len(answer.body) <= FILE_BYTES
        assert each["sha256"] == hashlib.sha256(answer.body).hexdigest()
        lines = answer.body.splitlines()
        assert len(lines) == each["rows"]
        ids += [orjson.loads(line)["id"] for line in lines]
    assert (len(ids), len(set(ids))) == (CONTACTS, CONTACTS)
    kept = plant.kept(export)
    assert sorted(each.name for each in kept) == sorted(str(e["number"]) for e in files)
    assert len({each.parent for each in kept}) == 1


def test_an_export_outlives_what_writes_its_parquet(plant: Plant) -> None:
    owner = plant.owner
    with plant.worker() as worker:
        export = plant.begun(worker, owner, format="parquet")
        path = f"/jobs/{export['job_id']}"
        assert within(60, lambda: children_of(worker.handle.pid))
        for pid in children_of(worker.handle.pid):
            os.kill(pid, signal.SIGKILL)
        found = ended(owner, export)
        assert found["state"] == "succeeded", owner.get(path).json["problem"]
        assert within(60, lambda: children_of(worker.handle.pid) == [])
    assert sum(each["rows"] for each in found["result"]["files"]) == CONTACTS


def children_of(pid: int) -> list[int]:
    """The processes that a process has started, and that have not ended."""
    told = [each.read_text() for each in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(each) for one in told for each in one.split()]


def test_a_long_export_is_cancelled_within_seconds(plant: Plant) -> None:
    owner = plant.owner
    with plant.worker() as worker:
        export = plant.begun(worker, owner, format="csv", compression="gzip")
        owner.post(f"/jobs/{export['job_id']}/cancel", {})
        path = f"/exports/{export['id']}"
        assert within(60, lambda: owner.get(path).json["state"] == "cancelled")
        assert within(60, lambda: plant.kept(export) == [])
    told = owner.get(path).json
    assert (told["result"], file(owner, told).status) == (None, 404)


def test_who_may_no_longer_read_has_no_files(plant: Plant) -> None:
    owner, users = plant.owner, plant.tenant.users
    admin = plant.tenant.client("admin")
    with plant.worker() as worker:
        lesser = plant.begun(worker, admin, format="csv", compression="gzip")
        plant.change(users["admin"], "role = 'member'")
        found = ended(admin, lesser)
        assert found["state"] == "succeeded", found["problem"]
        assert [each["rows"] for each in found["result"]["files"]] == [0]
        viewer = plant.tenant.client("viewer")
        gone = plant.begun(worker, viewer, format="csv", compression="gzip")
        plant.change(users["viewer"], "active = false")
        path = f"/jobs/{gone['job_id']}"
        assert within(60, lambda: owner.get(path).json["finished_at"])
        told = owner.get(path).json
    assert (told["state"], told["problem"]["status"]) == ("failed", 403)
    assert plant.kept(gone) == []
    for each in (admin, viewer):
        each.close()


def test_a_slow_client_holds_nobody_up_and_an_expiry_ends_its_download(
    plant: Plant,
) -> None:
    owner = plant.owner
    with plant.worker():
        export = exported(owner)
    size = export["result"]["files"][0]["bytes"]
    host, port = plant.tenant.stack.http.split(":")
    with socket.socket() as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        link.connect((host, int(port)))
        head = (
            f"GET /v1/exports/{export['id']}/files/1 HTTP/1.1\r\nHost: {host}\r\n"
            f"Version: 2026-11-01\r\nAuthorization: Bearer {owner.token}\r\n\r\n"
        )
        link.sendall(head.encode())
        read = len(link.recv(1024))
        assert file(owner, export).status == 200  # while the other one waits
        plant.expire(export)
        assert file(owner, export).status == 410
        while data := link.recv(1024 * 1024):
            read += len(data)
    assert read < size


def test_expired_files_are_deleted(plant: Plant) -> None:
    owner, tenant = plant.owner, plant.tenant
    with plant.worker():
        export = exported(owner, filters=[equal("name", "7")])
    assert len(plant.kept(export)) == 1
    plant.expire(export)
    half = plant.kept(export)[0].with_name("2#1")
    half.write_bytes(b"a half that a killed process has left")

    async def sweep(database: Database) -> None:
        await delete_files(database, Files(str(plant.place)), tenant.business_id)

    administer(tenant.stack.database_url, sweep)
    assert plant.kept(export) == []
    assert file(owner, export).status == 410
    assert owner.get(f"/exports/{export['id']}").json["state"] == "succeeded"


def equal(field: str, value: str) -> dict[str, str]:
    return {"field": field, "operator": "eq", "value": value}
