"""Filters of the feed mean what those of a search mean, held against the search."""

import json
from random import Random
from typing import Any

import pytest
from prospectconnect.options.v1.options_pb2 import STANDARD_METHOD_HISTORY

from tests.client import Client
from tests.end_to_end.changes.following import Reader, let_all_be_told, types
from tests.end_to_end.restoring.test_deleted_like_living import questions
from tests.end_to_end.search import queries
from tests.end_to_end.search.crowd import Crowd
from tests.harness.wire.events import streaming
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES, Resource
from tests.stacks import Stack
from tests.world import Tenant

TOLD = [
    each
    for each in RESOURCES.values()
    if "Delete" in each.verbs
    and not each.policy.archives
    and STANDARD_METHOD_HISTORY not in each.policy.without  # then it is not told
]
SEEDS, FILTERS_A_SEED = range(4), 12
# What a user's search does not know: these fields lead to other records.
OURS = {"field": "city", "operator": "eq", "value": "Oslo"}


def slug(resource: Resource) -> str:
    """The type of record as the feed names it."""
    return resource.path.removeprefix("/objects").removesuffix("/records").strip("/")


def last_changes(client: Client, name: str) -> dict[str, str]:
    """The last change of each living record, by the id of the change."""
    let_all_be_told(client)
    found: dict[str, Any] = {}
    for each in Reader(client, "earliest", resources=[name], limit=500).read():
        found[each["record"]["id"]] = each
    living = (
        e for e in found.values() if not e["type"].endswith((".deleted", ".merged"))
    )
    return {each["id"]: each["record"]["id"] for each in living}


def fitting(client: Client, name: str, filters: list[Any]) -> set[str]:
    """The ids of the changes that are told with filters."""
    asked = {"resources": [name], "filters": filters, "limit": 500}
    return {each["id"] for each in Reader(client, "earliest", **asked).read()}


def found(client: Client, path: str, filters: list[Any]) -> set[str]:
    """The ids of all records that a search finds."""
    body: dict[str, Any] = {"filters": filters, "limit": 100}
    ids: set[str] = set()
    while True:
        answer = client.search(path, **body)
        ids |= {each["id"] for each in answer["data"]}
        cursor = answer["meta"]["cursor"]
        if not cursor["has_more"]:
            return ids
        body["cursor"] = cursor["next"]


@pytest.mark.parametrize("resource", TOLD, ids=str)
def test_a_change_is_told_where_a_search_finds_its_record(
    resource: Resource, owner: Client, tenant: Tenant
) -> None:
    records = Maker(owner, tenant.users).several(resource)
    mine = [each for each in records if each.get("source") != "system"]
    last = last_changes(owner, slug(resource))
    ids = {each["id"] for each in mine} & set(last.values())
    assert ids
    own = {"field": "id", "operator": "in", "values": sorted(ids)}
    for question in questions(resource, mine):
        if "filters" not in question:
            continue
        filters = [own, *question["filters"]]
        told = fitting(owner, slug(resource), filters)
        told_ids = {last[each] for each in told & last.keys()}
        assert told_ids == found(owner, resource.path, filters), filters


@pytest.mark.parametrize("seed", SEEDS)
def test_filters_of_any_shape_agree_with_the_search(crowd: Crowd, seed: int) -> None:
    random, last = Random(seed), last_changes(crowd.client, "contacts")
    everything = [queries.values_of(crowd.records, f) for f in queries.FIELDS]
    for _ in range(FILTERS_A_SEED):
        filters = [queries.nested(everything, random)]
        told = fitting(crowd.client, "contacts", filters)
        told_ids = {last[each] for each in told & last.keys()}
        assert told_ids == found(crowd.client, "/contacts", filters), filters


def test_the_state_decides_and_of_a_deletion_the_last_one(
    owner: Client, stack: Stack, tenant: Tenant
) -> None:
    reader = Reader(owner, resources=["companies"], filters=[OURS])
    made = owner.create("/companies", {"name": "Acme", "city": "Rome"})
    path = f"/companies/{made['id']}"
    for body in ({"city": "oslo"}, {"name": "Acme AS"}, {"city": "Rome"}):
        owner.patch(path, body)
    owner.patch(path, {"city": "Oslo"})
    assert owner.delete(path).status == 204
    told = reader.page()
    assert types(told) == ["company.updated"] * 3 + ["company.deleted"]
    assert [each["record"]["version"] for each in told] == ["2", "3", "5", "6"]
    query = {"resources": "companies", "filters": json.dumps([OURS])}
    token = tenant.tokens["owner"]
    with streaming(stack.http, token, start="earliest", **query) as events:
        names = [events.event()[0] for _ in told]
    assert names == types(told)


def test_a_cursor_goes_with_its_filters(owner: Client) -> None:
    reader = Reader(owner, resources=["companies"], filters=[OURS])
    other = [OURS | {"value": "Rome"}]
    assert reader.ask(filters=other).status == 400
    assert reader.ask(filters=[]).status == 400


def test_an_erasure_is_told_whatever_the_filters(owner: Client, tenant: Tenant) -> None:
    reader = Reader(owner, resources=["contacts"], filters=[OURS])
    made = owner.create("/contacts", {"email": "ada@engine.example", "city": "Oslo"})
    eraser = tenant.client()
    path = f"/contacts/{made['id']}/erase"
    assert eraser.post(path, {"reason": "she asked for it"}).status < 300
    eraser.close()
    assert types(reader.page()) == ["contact.erased"]


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"filters": [OURS]}, ("resources", "invalid")),
        (
            {"filters": [OURS | {"field": "shoe"}]},
            ("filters[0].field", "invalid_choice"),
        ),
        (
            {"filters": [OURS | {"operator": "gt"}]},
            ("filters[0].operator", "invalid_choice"),
        ),
        (
            {"filters": [OURS | {"field": "associations.works_at.name"}]},
            ("filters[0].field", "invalid"),
        ),
    ],
)
def test_faults_of_filters_are_told(
    owner: Client, asked: dict[str, Any], fault: tuple[str, str]
) -> None:
    if fault[0] != "resources":
        asked = {**asked, "resources": ["companies"]}
    answer = owner.post("/changes/read", asked)
    assert answer.status == 422, answer.body
    (found_fault,) = answer.json["errors"]
    assert (found_fault["field"], found_fault["code"]) == fault
