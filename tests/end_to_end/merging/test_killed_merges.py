"""A program that is killed in the middle of a merge leaves all or nothing of it."""

import asyncio
import http.client
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Any

import asyncpg
import pytest

from tests import stacks
from tests.client import Client
from tests.end_to_end.merging.merged import contact
from tests.stacks import Process, Stack
from tests.world import Tenant, new_tenant

SERVE = ("serve", "--no-demo", "--http-port", "0", "--grpc-port", "0")
_WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


BODIES = {"notes": {"body": "Hi"}, "tasks": {"name": "T"}, "deals": {"name": "D"}}


class Held:
    """A record that somebody else has locked, at which a merge stops."""

    def __init__(self, tenant: Tenant, table: str, record_id: str) -> None:
        self._loop = asyncio.Runner()
        url = tenant.stack.database_url
        self._link: Any = self._loop.run(asyncpg.connect(url))
        self._loop.run(self._link.execute("BEGIN"))
        its = f"SELECT 1 FROM {table} WHERE business_id = $1 AND id = $2 FOR UPDATE"
        self._do(its, tenant.business_id, record_id)

    def _do(self, sql: str, *values: str) -> Any:
        return self._loop.run(self._link.fetchval(sql, *values))

    def wait(self) -> None:
        """Waits until somebody waits for the record."""
        while not self._do(_WAITING):
            pass

    def close(self) -> None:
        """Lets go of it."""
        self._loop.run(self._link.close())
        self._loop.close()


@contextmanager
def program(url: str) -> Iterator[Process]:
    """The product on a database, until somebody kills it or the block ends."""
    process = stacks.start(*SERVE, "--database-url", url)
    try:
        yield process
    finally:
        with process.handle:
            process.handle.kill()


def state(client: Client, ids: list[str], paths: list[str]) -> list[Any]:
    """Two contacts by their ids, and where records lead."""
    found = [client.get(f"/contacts/{each}").json for each in ids]
    return [found, [client.get(path).json["contact_id"] for path in paths]]


def ask(client: Client, path: str, body: dict[str, Any]) -> None:
    """Asks under a key, and is not answered."""
    with suppress(OSError, http.client.HTTPException):
        client.post(path, body, idempotency_key="k")


@pytest.mark.parametrize(("what", "table"), [("merge", "notes"), ("unmerge", "deals")])
def test_all_or_nothing_is_left(
    what: str, table: str, migrated_database: Callable[[str], str]
) -> None:
    url = migrated_database(f"killed_{what}_{table}")
    with program(url) as process:
        tenant = new_tenant(Stack("together", process.http, "", url))
        token = tenant.tokens["owner"]
        with closing(Client(process.http, token)) as client:
            ids = [contact(client, name) for name in ("ada", "other")]
            made = {
                name: client.create(f"/{name}", {**body, "contact_id": ids[1]})["id"]
                for name, body in BODIES.items()
            }
            paths = [f"/{name}/{each}" for name, each in made.items()]
            path, body = f"/contacts/{ids[0]}/merge", dict[str, Any](ids=ids[1:])
            if what == "unmerge":
                merge_id = client.post(path, body).json["merge_id"]
                path, body = f"/contacts/{ids[0]}/unmerge", {"merge_id": merge_id}
            before = state(client, ids, paths)
            held = Held(tenant, table, made[table])
            with ThreadPoolExecutor(1) as threads:
                asked = threads.submit(ask, client, path, body)
                held.wait()
                process.handle.kill()
                asked.result()
    held.close()
    with program(url) as process, closing(Client(process.http, token)) as client:
        assert state(client, ids, paths) == before
        answer = client.post(path, body, idempotency_key="k")
        assert (answer.status, "idempotent-replayed" in answer.headers) == (200, False)
        after = ids[0] if what == "merge" else ids[1]
        assert state(client, ids, paths)[1] == [after] * len(paths)
