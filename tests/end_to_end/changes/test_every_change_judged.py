"""Filters judge every kind of change: no feed, stream, webhook or replay stops at one.

Each kind of record goes through all that can happen to it, within one page.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prospectconnect.options.v1.options_pb2 import STANDARD_METHOD_HISTORY

from tests import stacks
from tests.client import Client
from tests.end_to_end.changes.following import Reader, let_all_be_told, types
from tests.end_to_end.changes.test_filters import slug
from tests.end_to_end.imports.sending import imported, table
from tests.end_to_end.imports.test_undoing import undone
from tests.end_to_end.restoring.test_deleted_like_living import questions
from tests.end_to_end.webhooks.receiving import Receiver, receiving
from tests.harness.wire.events import streaming
from tests.promises.record_values import FEW, Maker
from tests.promises.records_suite import WRITTEN, Resource
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

ALLOWED = {"PROSPECTCONNECT_WEBHOOKS_PRIVATE_ADDRESSES": "true"}
TOLD = [each for each in WRITTEN if STANDARD_METHOD_HISTORY not in each.policy.without]
MERGED = ("contact", "company", "deal", "record")
AGO = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
NONE = {"field": "id", "operator": "in", "values": ["con_0123456789abcdef01234567"]}
# All records fulfil it.
ANY: list[Any] = [{"not": NONE}]


@pytest.fixture(scope="module")
def stack(migrated_database: Callable[[str], str]) -> Iterator[Stack]:
    """The product where private addresses are allowed."""
    with stacks.running("together", migrated_database("judged"), ALLOWED) as stack:
        yield stack


@pytest.fixture
def tenant(stack: Stack) -> Tenant:
    return new_tenant(stack)


@pytest.fixture
def owner(tenant: Tenant) -> Iterator[Client]:
    with closing(tenant.client()) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def lives(owner: Client, maker: Maker, resource: Resource) -> list[Any]:
    """Lets all happen to records of a kind that can; the records as they were made."""
    made = [maker.made(resource, maker.full(resource))]
    made.append(maker.create(resource))
    first, second = (f"{resource.path}/{each['id']}" for each in made)
    changed = maker.another(resource, maker.full(resource, 1))
    for field in resource.writable:
        if field.patchable and field.name in changed:
            owner.patch(first, {field.name: changed[field.name]})
            if not field.required:
                owner.patch(first, {field.name: None})
    if "Delete" in resource.verbs:
        for _ in range(2):
            assert owner.delete(first).status == 204
            if owner.post(f"{first}/restore", {}).status != 200:
                break
            owner.patch(first, changed)
    if resource.name in MERGED:
        into, other = (maker.create(resource)["id"] for _ in range(2))
        merged = owner.post(f"{resource.path}/{into}/merge", {"ids": [other]})
        assert merged.status == 200, merged.body
        undo = {"merge_id": merged.json["merge_id"]}
        back = owner.post(f"{resource.path}/{into}/unmerge", undo)
        assert back.status == 200, back.body
    if resource.name == "contact":
        for path in (first, second):
            erased = owner.post(f"{path}/erase", {"reason": "asked for it"})
            assert erased.status < 300, erased.body
    return made


def imports(owner: Client) -> None:
    """An import that creates and changes contacts, and is undone."""
    owner.create("/contacts", {"email": "old@judged.example"})
    rows = "new@judged.example,Ada", "old@judged.example,Eve"
    given = {"mode": "upsert", "match_on": "email"}
    made = imported(owner, table("email,first_name", *rows), **given)
    assert (made["created"], made["updated"]) == (1, 1)
    assert undone(owner, made["id"])["state"] == "succeeded"


def read(client: Client, start: str, name: str, **more: Any) -> list[str]:
    """The ids of the changes that a feed tells."""
    asked = {"resources": [name], "limit": 500, **more}
    return [each["id"] for each in Reader(client, start, **asked).read()]


@pytest.mark.parametrize("resource", TOLD, ids=str)
def test_nothing_that_happens_stops_a_filter(
    resource: Resource, owner: Client, tenant: Tenant, receiver: Receiver
) -> None:
    maker, name = Maker(owner, tenant.users), slug(resource)
    maker.prepare(resource)
    hook = {"url": receiver.url, "types": [f"{resource.name}.*"], "filters": ANY}
    if resource.name not in FEW:
        webhook = f"/webhooks/{owner.create('/webhooks', hook)['id']}"
    start = datetime.now(UTC).isoformat()
    made = lives(owner, maker, resource)
    if resource.name == "contact":
        imports(owner)
    let_all_be_told(owner)
    every = Reader(owner, start, resources=[name], limit=500).read()
    gone = {e["record"]["id"] for e in every if e["type"].endswith(".erased")}
    # Of an erased record nobody can say what it was: its erasure is told alone.
    every = [
        each
        for each in every
        if each["record"]["id"] not in gone or each["type"].endswith(".erased")
    ]
    ids = [each["id"] for each in every]
    assert read(owner, start, name, filters=ANY) == ids
    asked = [e["filters"] for e in questions(resource, made) if "filters" in e]
    for filters in asked:
        told = read(owner, start, name, filters=filters)
        assert set(told) <= set(ids), filters
    token, query = tenant.tokens["owner"], json.dumps(ANY)
    with streaming(
        stack_of(owner), token, start=start, resources=name, filters=query
    ) as events:
        assert [events.event()[0] for _ in ids] == types(every)
    if resource.name in FEW:
        return
    receiver.wait_for(lambda got: set(ids) <= {each["data"]["id"] for each in got})
    begun = owner.post(f"{webhook}/replay", {"from": AGO})
    assert begun.status == 202, begun.body
    job = owner.post(f"/jobs/{begun.json['id']}/wait", {"wait_seconds": 20}).json
    assert job["state"] == "succeeded", job
    assert job["result"]["changes"] >= len(ids)


def stack_of(client: Client) -> str:
    return client.address
