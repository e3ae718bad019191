"""`GET /limits`: every bound of a tenant, with what is used of it."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import grpc
import pytest
from prospectconnect.iam.v1 import limits_pb2 as pb
from prospectconnect.iam.v1.limits_pb2_grpc import LimitServiceStub

from services.iam import tenants, tokens
from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.custom import define_object
from tests.harness.people.oauth_scene import Scene
from tests.harness.wire.grpc_calls import bearer
from tests.stacks import Stack
from tests.world import ALL_SCOPES, NO_LIMIT, Tenant, administer

OBJECTS = ("companies", "contacts", "deals", "tasks", "notes", "activities")
FIELD = {"object": "contacts", "key": "seats", "type": "integer", "label": "Seats"}
HOUR = 3_600


@pytest.fixture
def scopeless(tenant: Tenant, open_client: OpenClient) -> Client:
    """A client whose token has no scopes."""
    wanted = tokens.NewToken(scopes=(), expires_at=None, limit=NO_LIMIT)
    _, secret = administer(
        tenant.stack.database_url,
        lambda database: tokens.insert_token(
            database, tenant.business_id, tenant.users["viewer"], wanted
        ),
    )
    return open_client(secret)


def limits_of(client: Client) -> list[dict[str, Any]]:
    """All limits that a client is told."""
    answer = client.get("/limits")
    assert answer.status == 200, answer.body
    assert list(answer.json) == ["data"]
    found: list[dict[str, Any]] = answer.json["data"]
    return found


def used(client: Client, name: str) -> dict[str | None, int]:
    """What is used of the limits with a name, by object."""
    return {e["object"]: e["used"] for e in limits_of(client) if e["name"] == name}


def without_requests(limits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The limits that a request does not use up."""
    return [each for each in limits if each["name"] != "requests"]


def test_a_new_tenant_has_used_nothing_but_this_request(
    tenant: Tenant, open_client: OpenClient
) -> None:
    client = open_client(tenant.token(rate_limit=(100, HOUR)))
    shared, of_shared = NO_LIMIT

    def told(name: str, per: str, limit: int, **more: Any) -> dict[str, Any]:
        unset = {"object": None, "limit": limit, "used": 0, "window_seconds": None}
        return {"name": name, "per": per, **unset, **more}

    assert limits_of(client) == [
        told("requests", "token", 100, used=1, window_seconds=HOUR),
        told("requests", "tenant", shared, used=1, window_seconds=of_shared),
        *(told("fields", "object", 500, object=each) for each in OBJECTS),
        *(told("unique_fields", "object", 20, object=each) for each in OBJECTS),
        *(told("formulas", "object", 50, object=each) for each in OBJECTS),
        *(told("options", "object", 20_000, object=each) for each in OBJECTS),
        told("objects", "tenant", 200),
        told("association_types", "tenant", 200),
        told("apps", "user", 50),
        told("webhooks", "tenant", 20),
        told("sandboxes", "tenant", 5),
    ]


def test_options_of_an_object_are_bounded_together(owner: Client) -> None:
    options = [{"value": f"v{n}", "label": "V"} for n in range(1_000)]
    body = {"object": "notes", "type": "select", "label": "S", "options": options}
    made = [owner.create("/fields", body | {"key": f"s{n}"}) for n in range(20)]
    assert used(owner, "options") == dict.fromkeys(OBJECTS, 0) | {"notes": 20_000}
    one = body | {"key": "more", "options": options[:1]}
    refused = owner.post("/fields", one)
    assert (refused.status, refused.codes) == (422, {"options": "too_many"})
    assert owner.patch(f"/fields/{made[0]['id']}", {"label": "T"}).status == 200
    assert owner.post("/fields", one | {"object": "tasks"}).status == 201


def test_custom_objects_are_told_to_who_may_know_them(
    tenant: Tenant, owner: Client, scopeless: Client, open_client: OpenClient
) -> None:
    define_object(owner)
    for scope in ("schema.read", "record.read"):
        assert "licenses" in used(open_client(tenant.token([scope])), "fields")
    for client in (scopeless, open_client(tenant.token(["contact.all"]))):
        assert set(used(client, "fields")) == {*OBJECTS}


def test_archived_fields_count_as_fields_and_not_as_unique_ones(owner: Client) -> None:
    none = dict.fromkeys(OBJECTS, 0)

    def counts(fields: int, unique: int) -> None:
        assert used(owner, "fields") == none | {"contacts": fields}
        assert used(owner, "unique_fields") == none | {"contacts": unique}

    counts(0, 0)
    plain = owner.create("/fields", FIELD)
    counts(1, 0)
    unique = owner.create("/fields", FIELD | {"key": "number", "unique": True})
    counts(2, 1)
    for each in (plain, unique):
        assert owner.delete(f"/fields/{each['id']}").status == 204
    counts(2, 0)
    assert owner.post(f"/fields/{unique['id']}/restore", {}).status == 200
    counts(2, 1)
    assert owner.patch(f"/fields/{unique['id']}", {"unique": False}).status == 200
    counts(2, 0)
    owner.create("/fields", FIELD | {"object": "deals", "key": "code", "unique": True})
    assert used(owner, "fields") == none | {"contacts": 2, "deals": 1}
    assert used(owner, "unique_fields") == none | {"deals": 1}


def test_what_is_refused_is_what_the_limit_says(owner: Client) -> None:
    field = FIELD | {"unique": True}
    limit = next(e["limit"] for e in limits_of(owner) if e["name"] == "unique_fields")
    for n in range(limit):
        owner.create("/fields", field | {"key": f"k{n}"})
    assert used(owner, "unique_fields")["contacts"] == limit
    assert owner.post("/fields", field).codes == {"unique": "too_many"}
    assert used(owner, "unique_fields")["contacts"] == limit
    assert used(owner, "fields")["contacts"] == limit


def test_other_tenants_use_nothing_of_it(owner: Client, stranger: Client) -> None:
    before = without_requests(limits_of(stranger))
    owner.create("/fields", FIELD | {"unique": True})
    assert without_requests(limits_of(stranger)) == before
    assert used(owner, "fields")["contacts"] == 1


@pytest.mark.parametrize("role", ["owner", "admin", "manager", "member", "viewer"])
def test_every_role_is_told_the_same(
    tenant: Tenant, owner: Client, open_client: OpenClient, role: str
) -> None:
    owner.create("/fields", FIELD)
    told = without_requests(limits_of(open_client(tenant.tokens[role])))
    assert told == without_requests(limits_of(owner))


def test_a_token_without_scopes_is_told_too(owner: Client, scopeless: Client) -> None:
    owner.create("/fields", FIELD)
    assert scopeless.get("/me").json["permissions"] == []
    assert without_requests(limits_of(scopeless)) == without_requests(limits_of(owner))


def test_nobody_is_told_without_a_token(open_client: OpenClient) -> None:
    assert open_client(None).get("/limits").status == 401


@pytest.mark.every_topology
def test_requests_are_counted_for_the_token_and_the_tenant(
    tenant: Tenant, open_client: OpenClient
) -> None:
    administer(
        tenant.stack.database_url,
        lambda database: tenants.set_rate_limit(database, tenant.name, (50, HOUR)),
    )
    one, two = (open_client(tenant.token(rate_limit=(9, HOUR))) for _ in range(2))
    for client in (one, one, two):
        assert client.get("/me").status == 200
    answer = two.get("/limits")
    requests = [e for e in answer.json["data"] if e["name"] == "requests"]
    assert [(each["per"], each["limit"], each["used"]) for each in requests] == [
        ("token", 9, 2),
        ("tenant", 50, 4),
    ]
    assert answer.headers["x-ratelimit-remaining"] == "7"


def test_apps_are_counted_for_the_user_who_registered_them(
    scene: Scene, open_client: OpenClient
) -> None:
    tenant = scene.tenant
    client, other = open_client(scene.token(ALL_SCOPES)), tenant.client()
    sql = (
        "INSERT INTO apps (owner_business_id, owner_id, id, registration_hash,"
        " metadata, created_at) SELECT $1, $2, 'app_' || substr($2, 5, 20) ||"
        " lpad(n::text, 4, '0'), '', '{}', now() FROM generate_series(1, 3) AS n"
    )
    user_id = client.get("/me").json["user"]["id"]
    values = tenant.business_id, user_id
    administer(tenant.stack.database_url, lambda db: db.run(sql, *values))
    with closing(other):
        assert used(client, "apps") == {None: 3}
        assert used(other, "apps") == {None: 0}


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_limits_are_only_read(owner: Client, method: str) -> None:
    answer = owner.send(method, "/limits", {})
    assert (answer.status, answer.headers["allow"]) == (405, "GET")


def test_no_other_tenant_and_no_object_can_be_asked_for(owner: Client) -> None:
    assert owner.get("/limits?object=contacts").status == 400
    assert owner.get("/limits/contacts").status == 404


@pytest.fixture
def over_grpc(stack: Stack) -> Iterator[LimitServiceStub]:
    """The service as gRPC clients call it."""
    with grpc.insecure_channel(stack.grpc) as channel:
        yield LimitServiceStub(channel)


@pytest.mark.every_topology
def test_grpc_tells_the_same_but_not_what_requests_are_left(
    over_grpc: LimitServiceStub, tenant: Tenant, owner: Client
) -> None:
    owner.create("/fields", FIELD)
    metadata = bearer(tenant.tokens["viewer"])
    told = over_grpc.GetLimits(pb.GetLimitsRequest(), metadata=metadata, timeout=60)
    numbers = [(each.limit, each.used, each.object) for each in told.data]
    assert numbers[2:] == [
        (each["limit"], each["used"], each["object"] or "")
        for each in without_requests(limits_of(owner))
    ]
    for each in told.data[:2]:
        assert each.name == pb.LIMIT_NAME_REQUESTS
        assert (each.limit, each.window_seconds) == NO_LIMIT
        assert not each.HasField("used")
