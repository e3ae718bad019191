"""One recording: every operation under every contract, and every problem once."""

import asyncio
import json
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from prospectconnect.jobs.v1 import imports_pb2

from edge.openapi.files import RECORDING, versions
from services import tenant_setup
from services.iam import tenants, tokens
from services.postgres.database import Database
from services.roles import EVERY_SCOPE
from tests.client import Answer, Client
from tests.harness.people.a_job import put_job
from tests.harness.people.a_webhook import put_webhook
from tests.openapi.bad import ADA, Told, provoke_all
from tests.openapi.good import perform_all
from tests.openapi.samples import VALUES
from tests.openapi.stable import Stable
from tests.promises import booked
from tests.stacks import Stack
from tests.world import NO_LIMIT, administer, new_tenant

# Requests are answered within so many seconds, or the recording would take minutes.
HASTY = {
    "PROSPECTCONNECT_REQUEST_DEADLINE_SECONDS": "6",
    # Nothing happens by itself between two requests.
    "PROSPECTCONNECT_RUNS_JOBS": "false",
}

_TENANT_BY_NAME = "SELECT business_id FROM tenants WHERE name = $1"
_TENANT, _USER, _EMAIL = "Analytical Engines", "Grace Hopper", "grace@engines.example"


def record(stack: Stack) -> dict[str, Any]:
    """Records everything, on a stack with a database of its own, which it breaks."""
    return {
        "operations": {version: _operations(stack, version) for version in versions()},
        "problems": _problems(stack),
    }


def write(folder: Path, recorded: dict[str, Any]) -> None:
    """Writes a recording into the folder of the documents."""
    text = json.dumps(recorded, indent=1, ensure_ascii=False)
    (folder / RECORDING).write_text(f"{text}\n")


def _operations(stack: Stack, version: str) -> dict[str, Any]:
    """Every operation under a contract, by a tenant of that contract's own."""
    name = f"{_TENANT} {version}"
    user, token = administer(
        stack.database_url, lambda database: _open(database, name, version)
    )
    stable, found = Stable(frozenset(_moments())), {}
    with closing(Client(stack.http, token, version)) as client, booked.times_anew():
        end, begin = (
            partial(_end_imports, stack, name),
            partial(booked.begin, stack, client),
        )
        for example in perform_all(client, user, end, begin):
            kept = {"path": example.path, "body": example.body}
            answer = example.answer.json if example.answer.body else None
            shown = stable.of({**kept, "answer": answer})
            text = json.dumps(shown).replace(name, _TENANT)
            found[example.operation] = json.loads(text.replace(f"{version}+", ""))
    return dict(sorted(found.items()))


def _end_imports(stack: Stack, name: str) -> None:
    """Ends all imports of a tenant that have begun, as their jobs would."""
    sql = (
        f"UPDATE imports SET state = {imports_pb2.IMPORT_STATE_SUCCEEDED}"
        " WHERE business_id = $1 AND job_id IS NOT NULL"
    )

    async def end(database: Database) -> None:
        tenant = await database.row(_TENANT_BY_NAME, name)
        assert tenant is not None
        await database.run(sql, tenant[0])

    administer(stack.database_url, end)


def _moments() -> list[str]:
    return [value for value in VALUES.values() if isinstance(value, str)]


async def _open(database: Database, name: str, version: str) -> tuple[str, str]:
    """A tenant with one user; returns the user's id and a token of theirs."""
    business_id = await tenant_setup.create_tenant(database, name, NO_LIMIT)
    email = f"{version}+{_EMAIL}"
    user = await tenants.create_user(database, name, email, "owner", name=_USER)
    await put_job(database, business_id, user)
    await put_webhook(database, business_id, user)
    limit = (1000, 10)
    token = await tokens.issue_token(
        database, name, email, EVERY_SCOPE, rate_limit=limit
    )
    return user, token


def _problems(stack: Stack) -> dict[str, Any]:
    """The document of every problem by status, each with what it is of."""
    tenant, stable = new_tenant(stack), Stable(frozenset())
    told = [*provoke_all(tenant), ("fault", _fault(stack))]
    found: dict[str, Any] = {}
    for name, answer in told:
        shown = stable.of(answer.json)
        found.setdefault(str(answer.status), {})[name] = shown
    return dict(sorted(found.items()))


def _fault(stack: Stack) -> Answer:
    """A fault of ours: a table that is not there. The database is of no use after."""
    with closing(new_tenant(stack).client()) as client:
        asyncio.run(_break(stack.database_url))
        return Told(client).ask("POST", "/contacts", ADA)


async def _break(database_url: str) -> None:
    link = await asyncpg.connect(database_url)
    await link.execute("ALTER TABLE contacts RENAME TO lost")
    await link.close()
