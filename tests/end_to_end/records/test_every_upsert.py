"""Upserts of every record that is written: by its id, and by an external id.

What contacts and companies match by besides is in `test_upsert.py`.
"""

from contextlib import closing
from functools import partial
from typing import Any

import pytest

from tests.client import Answer, Client
from tests.harness.at_once import at_once, crowd
from tests.promises.record_values import SYSTEM, UNKNOWN_DIGITS, Maker, new_id
from tests.promises.records_suite import RESOURCES, UPSERTED, Resource
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

written = pytest.mark.parametrize("resource", UPSERTED, ids=str)

MANY = 100
MATCH_ON = f"external_ids.{SYSTEM}"


@pytest.fixture
def maker(owner: Client, tenant: Tenant) -> Maker:
    """Makes records as the tenant's owner."""
    return Maker(owner, tenant.users)


def upsert(client: Client, resource: Resource, body: Any, **headers: str) -> Answer:
    return client.post(f"{resource.path}/upsert", body, **headers)


def by_external_id(value: str, **fields: Any) -> dict[str, Any]:
    return {"match_on": MATCH_ON, "external_ids": {SYSTEM: value}, **fields}


def test_every_written_record_but_definitions_is_upserted() -> None:
    assert "field" not in {resource.name for resource in UPSERTED}
    assert all("Upsert" in resource.verbs for resource in UPSERTED)


@written
def test_an_external_id_makes_one_record(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    value = new_id()
    body = by_external_id(value, **maker.least(resource))
    made = upsert(owner, resource, body)
    assert (made.status, made.json["status"]) == (200, "created")
    path = f"{resource.path}/{made.json['data']['id']}"
    assert owner.get(path).json == made.json["data"]
    again = upsert(owner, resource, body)
    assert again.json == {"status": "updated", "data": made.json["data"]}


@written
def test_an_update_asks_for_nothing_that_only_a_create_needs(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    value = new_id()
    made = maker.create(resource, external_ids={SYSTEM: value})
    for body in (by_external_id(value), {"id": made["id"], "match_on": "id"}):
        body |= {"external_ids": {SYSTEM: value, "erp": new_id()}}
        changed = upsert(owner, resource, body)
        assert (changed.status, changed.json["status"]) == (200, "updated")
        expected = made | {"external_ids": body["external_ids"]}
        expected["updated_at"] = changed.json["data"]["updated_at"]
        assert changed.json["data"] == expected


@written
def test_a_create_asks_for_all_that_it_needs(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    maker.prepare(resource)
    refused = upsert(owner, resource, by_external_id(new_id()))
    needed = {field.name for field in resource.writable if field.required}
    needed |= set(resource.policy.require_any[:1])
    assert refused.codes == dict.fromkeys(needed, "required")


@written
def test_every_rule_of_an_upsert_has_its_code(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    least, value = maker.least(resource), new_id()
    an_id = resource.policy.id_prefix + UNKNOWN_DIGITS
    for given, codes in (
        ({"match_on": "id"}, {"id": "required"}),
        ({"match_on": MATCH_ON}, {MATCH_ON: "required"}),
        (
            {"match_on": MATCH_ON, "external_ids": {SYSTEM: None}},
            {MATCH_ON: "required"},
        ),
        (
            {"match_on": MATCH_ON, "external_ids": {SYSTEM: 5}},
            {MATCH_ON: "invalid_type"},
        ),
        ({"match_on": "created_at"}, {"match_on": "invalid_choice"}),
        ({"match_on": "external_ids"}, {"match_on": "invalid_choice"}),
        ({"match_on": "external_ids.Bad"}, {"match_on": "invalid_choice"}),
        ({"match_on": "custom_fields.plan"}, {"match_on": "invalid_choice"}),
        ({"match_on": 5}, {"match_on": "invalid_type"}),
        ({"match_on": "x" * 10_000}, {"match_on": "invalid_choice"}),
        (by_external_id(value, id=an_id), {"id": "read_only"}),
        (
            {"match_on": "nothing", "created_by": None},
            {"created_by": "read_only", "match_on": "invalid_choice"},
        ),
    ):
        refused = upsert(owner, resource, least | given)
        found = {name: refused.codes.get(name) for name in codes}
        assert (refused.status, found) == (422, codes), given
    if not resource.policy.match_on_optional:
        assert upsert(owner, resource, least).codes == {"match_on": "required"}
    assert upsert(owner, resource, {"match_on": "id", "id": an_id}).status == 404


@written
def test_who_does_not_see_the_holder_neither_writes_nor_makes_one(
    resource: Resource, maker: Maker, owner: Client, member: Client
) -> None:
    value = new_id()
    hidden = maker.create(resource, external_ids={SYSTEM: value})
    if member.get(f"{resource.path}/{hidden['id']}").status == 200:
        return  # it is linked to what the member sees
    body = by_external_id(value, **maker.least(resource))
    before = len(owner.pages(resource.path, limit=100))
    refused = upsert(member, resource, body)
    assert (refused.status, refused.codes[MATCH_ON]) == (422, "not_unique")
    assert hidden["id"] not in refused.body.decode()
    assert owner.get(f"{resource.path}/{hidden['id']}").json == hidden
    assert len(owner.pages(resource.path, limit=100)) == before


@written
def test_another_id_that_is_taken_is_refused(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    taken = new_id()
    first = maker.create(resource, external_ids={"erp": taken})
    body = by_external_id(new_id(), **maker.least(resource))
    body["external_ids"]["erp"] = taken
    for is_there in (False, True):
        if is_there:
            its = {SYSTEM: body["external_ids"][SYSTEM]}
            kept = {e.name for e in resource.writable if not e.patchable} & body.keys()
            same = {name: body[name] for name in kept}
            maker.create(resource, **same, external_ids=its)
        refused = upsert(owner, resource, body)
        assert refused.codes == {"external_ids.erp": "not_unique"}
        assert refused.json["errors"][0]["record_id"] == first["id"]


@written
def test_a_replay_is_the_first_answer(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    body = by_external_id(new_id(), **maker.least(resource))
    first = upsert(owner, resource, body, idempotency_key="k")
    again = upsert(owner, resource, body, idempotency_key="k")
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    assert upsert(owner, resource, body).json["status"] == "updated"


@written
def test_if_match_updates_that_version_alone_and_creates_none(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    value, system = new_id(), "erp"
    body = by_external_id(value, **maker.least(resource))
    for tag in ('"1"', "*"):
        refused = upsert(owner, resource, body, if_match=tag)
        assert (refused.status, "No record matches" in refused.json["detail"]) == (
            412,
            True,
        )
    made = upsert(owner, resource, body)
    path = f"{resource.path}/{made.json['data']['id']}"
    assert made.headers["etag"] == owner.get(path).headers["etag"]
    change = {"match_on": "id", "id": made.json["data"]["id"]}
    change["external_ids"] = {system: new_id()}
    stale = upsert(owner, resource, change, if_match='"0"', idempotency_key="k")
    assert (stale.status, owner.get(path).json) == (412, made.json["data"])
    given = {"if_match": made.headers["etag"], "idempotency_key": "k"}
    changed = upsert(owner, resource, change, **given)
    assert (
        changed.json["data"]["external_ids"][system] == change["external_ids"][system]
    )
    assert changed.headers["etag"] == owner.get(path).headers["etag"]
    again = upsert(owner, resource, change, **given)
    assert (again.status, again.body) == (200, changed.body)
    assert again.headers["etag"] == changed.headers["etag"]
    assert upsert(owner, resource, body, if_match="*").status == 200
    unknown = {"match_on": "id", "id": resource.policy.id_prefix + UNKNOWN_DIGITS}
    assert upsert(owner, resource, unknown, if_match='"1"').status == 404


@written
def test_who_may_not_read_is_told_what_was_written(
    resource: Resource, maker: Maker, tenant: Tenant
) -> None:
    body = by_external_id(new_id(), **maker.least(resource))
    permission = resource.policy.permission_resource or resource.name
    token = tenant.token([f"{permission}.write"])
    with closing(tenant.client(token=token)) as writer:
        for _ in range(2):
            part = upsert(writer, resource, body).json["data"]
            assert part.keys() == {"id", "created_at", "updated_at", *body} - {
                "match_on"
            }


def test_many_at_once_make_one_record(stack: Stack) -> None:
    for _ in range(rounds("EXTERNAL_ID_ROUNDS")):
        for path in ("/companies", "/contacts", "/tasks"):
            tenant, resource = new_tenant(stack), _of(path)
            with crowd(tenant, MANY) as clients:
                least = Maker(clients[0], tenant.users).least(resource)
                body = by_external_id(new_id(), **least)
                answers = at_once(partial(_upsert_as, resource, body), clients)
                made = clients[0].pages(path, limit=100)
            assert {answer.status for answer in answers} == {200}
            assert len(made) == 1, "several records have one id"
            statuses = [answer.json["status"] for answer in answers]
            assert statuses.count("created") == 1
            assert {a.json["data"]["id"] for a in answers} == {made[0]["id"]}


def _upsert_as(resource: Resource, body: Any, client: Client) -> Answer:
    return upsert(client, resource, body)


def _of(path: str) -> Resource:
    return next(each for each in RESOURCES.values() if each.path == path)


def test_a_company_is_found_by_its_domain(owner: Client, member: Client) -> None:
    company = RESOURCES["company"]
    body = {"match_on": "domain", "domain": "Engine.example", "name": "Engines"}
    made = upsert(owner, company, body).json
    assert made["status"] == "created"
    change = body | {"domain": "ENGINE.EXAMPLE", "name": "Analytical Engines"}
    changed = upsert(owner, company, change).json
    assert (changed["status"], changed["data"]["id"]) == ("updated", made["data"]["id"])
    assert upsert(member, company, body).json["status"] == "created"
    refused = upsert(owner, company, {"match_on": "domain", "name": "x"})
    assert refused.codes == {"domain": "required"}


def test_domains_at_once_make_one_company(stack: Stack) -> None:
    tenant = new_tenant(stack)
    spellings = ("new.example", "NEW.example", "New.Example")
    with crowd(tenant, 30) as clients:

        def ask(pair: tuple[int, Client]) -> Any:
            number, client = pair
            body = {"match_on": "domain", "domain": spellings[number % 3], "name": "x"}
            return upsert(client, RESOURCES["company"], body).json["status"]

        done = at_once(ask, list(enumerate(clients)))
        assert len(clients[0].pages("/companies")) == 1
    assert done.count("created") == 1


def test_a_deal_is_made_in_its_stage_and_moved_by_no_upsert(owner: Client) -> None:
    pipeline = owner.pages("/pipelines")[0]
    stages = [stage["id"] for stage in pipeline["stages"]]
    body = by_external_id(new_id(), name="Engine", stage_id=stages[1], currency=None)
    made = upsert(owner, RESOURCES["deal"], body).json
    assert (made["status"], made["data"]["stage_id"]) == ("created", stages[1])
    same = upsert(owner, RESOURCES["deal"], body | {"name": "Difference"}).json
    assert (same["status"], same["data"]["name"]) == ("updated", "Difference")
    assert same["data"]["currency"] == made["data"]["currency"]
    moved = upsert(owner, RESOURCES["deal"], body | {"stage_id": stages[2]})
    assert moved.codes == {"stage_id": "read_only"}
    nowhere = by_external_id(new_id(), name="x", stage_id="stg_" + UNKNOWN_DIGITS)
    refused = upsert(owner, RESOURCES["deal"], nowhere)
    assert refused.codes == {"stage_id": "not_found"}
