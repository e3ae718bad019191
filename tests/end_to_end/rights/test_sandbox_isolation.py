"""A live tenant and its sandbox never existed for each other.

The probes are those of two tenants (`probes.py`), asked in both directions: by ids in
paths, bodies, batches and filters, over all operations.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from services.crm.pipelines import DEFAULT_STAGES, create_pipeline
from services.iam import tenants
from services.postgres.database import Database
from tests import stacks
from tests.client import Client
from tests.end_to_end.rights.asking_worlds import KINDS, Asker, World, open_client
from tests.end_to_end.rights.questions import PROBED, hold
from tests.end_to_end.sandboxes.boxes import make, tenant_name
from tests.end_to_end.scene import pipeline
from tests.harness.people.a_job import put_job
from tests.harness.programs.faulty_program import program
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES
from tests.stacks import Stack
from tests.world import Tenant, administer, new_tenant

_WHOSE = "the other side's"
# Ways to ask the same again, which the probes of two tenants try: left out for time.
_VARIANTS = (" if_match", " idempotency_key", " in ", " not_in ", " neq ")


@pytest.fixture(scope="module")
def opened() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def made(maker: Maker, stack: Stack, name: str) -> dict[str, str]:
    """An id of each kind that only one side has. `name`: its tenant's.

    What a sandbox has copied has the same ids on both sides, so new ones are made.
    """

    async def put(database: Database) -> tuple[str, str, str]:
        business_id = await tenants.business_of(database, name)
        given = database, name, "new@a.example", "viewer"
        return (
            await tenants.create_user(*given),
            await create_pipeline(database, business_id, "Own", DEFAULT_STAGES),
            await put_job(database, business_id, maker.users["owner"]),
        )

    user, pipeline_id, job = administer(stack.database_url, put)
    stage = pipeline(maker.client, pipeline_id)["New"]
    put_so = {"user": user, "pipeline": pipeline_id, "stage": stage, "job": job}
    kinds = [each for each in KINDS if each not in (*put_so, "sandbox")]
    return put_so | {kind: maker.reference(kind, 0) for kind in kinds}


@dataclass(frozen=True, slots=True)
class Sides:
    """A live tenant and its sandbox, each with a client of its owner's."""

    tenant: Tenant
    sandbox: Any
    live: Maker
    inside: Maker


def new_sides(stack: Stack, opened: ExitStack) -> Sides:
    tenant = new_tenant(stack)
    live = Maker(open_client(opened, stack, tenant.tokens["owner"]), tenant.users)
    sandbox = make(live.client)
    client = open_client(opened, stack, sandbox["token"])
    return Sides(tenant, sandbox, live, Maker(client, tenant.users))


def new_sides_world(stack: Stack, opened: ExitStack) -> World:
    """Each of a live tenant and its sandbox asks with what the other has."""
    sides = new_sides(stack, opened)
    live, inside, sandbox = sides.live, sides.inside, sides.sandbox
    tenant, token = sides.tenant, sides.sandbox["token"]
    ours = made(live, stack, tenant.name) | {"sandbox": sandbox["id"]}
    theirs = made(inside, stack, tenant_name(sandbox))
    watched = {
        f"{RESOURCES[kind].path}/{each}": maker.client
        for maker, ids in ((live, ours), (inside, theirs))
        for kind, each in ids.items()
        if kind in RESOURCES and "Get" in RESOURCES[kind].verbs
    }
    askers = (
        Asker(live, tenant.tokens["owner"], {_WHOSE: theirs}),
        Asker(inside, token, {_WHOSE: ours}),
    )
    return World(stack, askers, watched, ours["job"])


def test_neither_side_ever_existed_for_the_other(
    stack: Stack, opened: ExitStack
) -> None:
    world = new_sides_world(stack, opened)
    for path, client in world.watched.items():
        assert client.get(path).status == 200, path  # there is something to find
    for route in PROBED:
        hold(route, world, skipped=_VARIANTS)


@pytest.mark.canary
def test_the_probes_see_a_sandbox_that_reads_the_live_tenant(
    database_url: str, opened: ExitStack
) -> None:
    faulty = program("sandboxes_read_live")
    with stacks.running("together", database_url, program=faulty) as stack:
        sides = new_sides(stack, opened)
        ids = {"contact": sides.live.reference("contact", 0)}
        asker = Asker(sides.inside, sides.sandbox["token"], {_WHOSE: ids})
        world = World(stack, (asker,), {}, "")
        for route in PROBED:
            if route.path == "/v1/contacts/{id}" and route.only_reads:
                with pytest.raises(AssertionError, match=_WHOSE):
                    hold(route, world)


def pages(client: Client) -> dict[str, Any]:
    """The first cursor of each search that has a second page, by path."""
    found = {}
    for resource in RESOURCES.values():
        if "Search" in resource.verbs and resource.name != "sandbox":
            path = f"{resource.path}/search"
            answer = client.post(path, {"limit": 1})
            if answer.status == 200 and answer.json["meta"]["cursor"]["has_more"]:
                found[path] = answer.json["meta"]["cursor"]["next"]
    return found


def test_no_cursor_leads_to_the_other_side(stack: Stack, opened: ExitStack) -> None:
    sides = new_sides(stack, opened)
    live, inside = sides.live, sides.inside
    for kind in ("contact", "company", "deal", "task", "note", "activity"):
        for maker in (live, inside):
            maker.create(RESOURCES[kind])
            maker.create(RESOURCES[kind])
    for there, here in ((live.client, inside.client), (inside.client, live.client)):
        cursors = pages(there)
        assert {"/contacts/search", "/deals/search", "/users/search"} <= cursors.keys()
        for path, cursor in cursors.items():
            assert there.post(path, {"limit": 1, "cursor": cursor}).status == 200
            answer = here.post(path, {"limit": 1, "cursor": cursor})
            assert answer.status == 400, (path, answer.body)
        start = there.post("/changes/read", {"start": "earliest", "limit": 1}).json
        told = here.post("/changes/read", {"cursor": start["meta"]["cursor"]["next"]})
        assert told.status == 400, told.body


def test_a_key_of_one_side_is_free_on_the_other(
    stack: Stack, opened: ExitStack
) -> None:
    sides = new_sides(stack, opened)
    body = {"email": "a@a.example", "external_ids": {"erp": "1"}}
    ids = {
        each.client.create("/contacts", body, idempotency_key="once")["id"]
        for each in (sides.live, sides.inside)
        for _ in range(2)
    }
    assert len(ids) == 2
