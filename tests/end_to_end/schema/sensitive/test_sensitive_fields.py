"""Sensitive fields: who does not reach one learns nothing of its values, in any way."""

from collections.abc import Callable

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.crm.v1.contacts_pb2_grpc import ContactServiceStub

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.defining import contact, define, definition
from tests.end_to_end.schema.sensitive.keeping import (
    MASKED,
    SECRET,
    is_masked,
    kept,
)
from tests.harness.promptly import within
from tests.harness.wire import grpc_calls
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES, Resource
from tests.stacks import Stack
from tests.world import Tenant, administer

OWN = [
    each
    for each in RESOURCES.values()
    if any(field.name == "custom_fields" for field in each.fields)
]


def test_who_reaches_the_field(tenant: Tenant, open_client: OpenClient) -> None:
    owner, admin = (open_client(tenant.tokens[name]) for name in ("owner", "admin"))
    define(owner, "text", sensitive=True, readable_by=["viewer"])
    path = kept(owner, city_code="x")
    for client in (owner, admin, open_client(tenant.tokens["viewer"])):
        read = client.get(path).json
        assert (read["custom_fields"]["it"], "masked" in read) == (SECRET, False)
    shown = open_client(tenant.tokens["manager"]).get(path).json
    assert shown["custom_fields"] == {"it": None, "city_code": "x"}
    assert shown["masked"] == MASKED


def test_the_role_counts_and_not_the_scopes(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    define(owner, "text", sensitive=True)
    path = kept(owner)
    reader = open_client(tenant.token(["contact.read"], "owner"))
    assert reader.get(path).json["custom_fields"]["it"] == SECRET
    other = open_client(tenant.token(["contact.all", "schema.all"], "manager"))
    assert is_masked(other.get(path).json)


@pytest.mark.parametrize("resource", OWN, ids=str)
def test_every_answer_with_a_record_is_masked(
    resource: Resource, owner: Client, manager: Client, tenant: Tenant
) -> None:
    object_ = resource.object
    least = Maker(owner, tenant.users).least(resource)
    define(owner, "text", object=object_, sensitive=True, default_value=SECRET)
    made = manager.post(resource.path, least)
    assert (made.status, is_masked(made.json)) == (201, True)
    path = f"{resource.path}/{made.json['id']}"
    upsert = {"match_on": "id", "id": made.json["id"], "custom_fields": {"free": "x"}}
    answers = [
        manager.get(path).json,
        manager.patch(path, {}).json,
        manager.patch(path, {"custom_fields": {"free": 1}}).json,
        manager.search(resource.path)["data"][0],
        manager.post(f"{resource.path}/upsert", upsert).json["data"],
    ]
    assert [is_masked(each) for each in answers] == [True] * len(answers)
    assert owner.get(path).json["custom_fields"] == {"it": SECRET, "free": "x"}


def test_actions_are_masked_too(owner: Client, manager: Client) -> None:
    define(owner, "text", sensitive=True)
    path = kept(owner)
    tagged = manager.post(f"{path}/tags", {"tags": ["vip"]})
    assert is_masked(tagged.json)
    assert is_masked(manager.delete(f"{path}/tags/vip").json)


def test_a_replay_is_masked_for_the_role_of_its_time(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    define(owner, "text", sensitive=True, readable_by=["manager"])
    manager = open_client(tenant.tokens["manager"])
    body = contact(it=SECRET)
    made = manager.post("/contacts", body, idempotency_key="once")
    assert made.json["custom_fields"]["it"] == SECRET
    field = owner.search("/fields")["data"][0]
    assert owner.patch(f"/fields/{field['id']}", {"readable_by": []}).status == 200

    def is_replayed_masked() -> bool:
        again = manager.post("/contacts", body, idempotency_key="once")
        return again.status == 422 or is_masked(again.json)

    assert within(1, is_replayed_masked)
    read = manager.post("/contacts", body, idempotency_key="once")
    assert SECRET.encode() not in read.body


def test_a_record_with_a_value_looks_like_one_without(
    owner: Client, manager: Client
) -> None:
    define(owner, "text", sensitive=True)
    told = []
    for value in (SECRET, None):
        record = manager.get(kept(owner, value)).json
        told.append({name: record[name] for name in ("custom_fields", "masked")})
    assert told[0] == told[1]


def test_other_writes_keep_the_value(owner: Client, manager: Client) -> None:
    define(owner, "text", sensitive=True, required=True)
    path = kept(owner)
    changed = manager.patch(path, {"custom_fields": {"free": "x"}, "city": "Rome"})
    assert (changed.status, is_masked(changed.json)) == (200, True)
    assert manager.patch(path, {"custom_fields": {}}).status == 200
    read = owner.get(path).json["custom_fields"]
    assert read == {"it": SECRET, "free": "x"}
    refused = manager.post("/contacts", contact())
    assert refused.codes == {"custom_fields.it": "required"}


def test_a_part_of_an_answer_tells_no_more(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    define(owner, "text", sensitive=True)
    path = kept(owner)
    writer = open_client(tenant.token(["contact.write"], "manager"))
    part = writer.patch(path, {"custom_fields": {"free": "x"}}).json
    assert (part["custom_fields"], "masked" in part) == ({"free": "x"}, False)
    assert "custom_fields" not in writer.patch(path, {"city": "Rome"}).json


def test_the_schema_says_that_it_is_masked(owner: Client, manager: Client) -> None:
    define(owner, "text", sensitive=True, unique=True)
    path = "/objects/contacts/schema"
    told = [
        next(each for each in client.get(path).json["fields"] if each["key"] == "it")
        for client in (owner, manager)
    ]
    names = ("sensitive", "masked", "writable", "orderable")
    assert [[each[name] for name in names] for each in told] == [
        [True, False, True, True],
        [True, True, False, False],
    ]
    assert (told[0]["operators"] != [], told[1]["operators"]) == (True, [])
    form = manager.get(path, accept="application/schema+json").json
    assert form["properties"]["custom_fields"]["properties"]["it"] is False


def test_readers_are_roles_of_the_tenant(owner: Client) -> None:
    body = definition("text", sensitive=True, readable_by=["viewer", "nobody"])
    codes = {"readable_by[1]": "invalid_choice"}
    assert owner.post("/fields", body).codes == codes
    field = f"/fields/{define(owner, 'text', sensitive=True)['id']}"
    assert owner.patch(field, body | {"object": "contacts"}).status == 422
    assert owner.patch(field, {"readable_by": ["viewer", "nobody"]}).codes == codes


def test_a_field_becomes_sensitive_and_ceases_to_be(
    owner: Client, manager: Client
) -> None:
    field = f"/fields/{define(owner, 'text')['id']}"
    path = kept(owner)

    def shows(masked: bool) -> Callable[[], bool]:
        return lambda: is_masked(manager.get(path).json) is masked

    for sensitive in (True, False, True):
        assert owner.patch(field, {"sensitive": sensitive}).status == 200
        assert within(1, shows(sensitive))
    assert owner.delete(field).status == 204
    assert within(1, lambda: "masked" not in manager.get(path).json)
    assert manager.get(path).json["custom_fields"] == {}
    assert owner.post(f"{field}/restore").status == 200
    assert within(1, shows(True))


def test_the_expression_of_a_masked_formula_is_no_ones_to_read(
    owner: Client, manager: Client
) -> None:
    define(owner, "integer", key="pay", sensitive=True)
    expression = "custom_fields.pay > 90000"
    more = {"sensitive": True, "expression": expression}
    made = define(owner, "formula", **more)
    for client, told in ((owner, expression), (manager, None)):
        field = client.get(f"/fields/{made['id']}").json
        listed = client.search("/fields", filters=[])["data"]
        shown = client.get("/objects/contacts/schema").json["fields"]
        assert field["expression"] == told
        assert {e["expression"] for e in listed if e["key"] == "it"} == {told}
        assert {e["expression"] for e in shown if e["key"] == "it"} == {told}


def test_masked_is_never_input(owner: Client) -> None:
    answer = owner.post("/contacts", contact() | {"masked": []})
    assert answer.codes == {"masked": "read_only"}


def test_a_role_that_writes_the_schema_reaches_it(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    define(owner, "text", sensitive=True)
    path = kept(owner)
    viewer = open_client(tenant.tokens["viewer"])
    assert is_masked(viewer.get(path).json)
    reads = {"actions": ["read"], "visibility": "all"}
    grants = {"*": reads, "schema": reads | {"actions": ["read", "write"]}}
    sql = "UPDATE roles SET grants = $2::jsonb WHERE business_id = $1 AND name = $3"
    values = tenant.business_id, grants, "viewer"
    administer(tenant.stack.database_url, lambda database: database.run(sql, *values))
    assert within(1, lambda: viewer.get(path).json["custom_fields"]["it"] == SECRET)


def test_grpc_masks_it_and_no_mask_of_an_update_reaches_it(
    stack: Stack, tenant: Tenant, owner: Client
) -> None:
    define(owner, "text", sensitive=True)
    record_id = kept(owner, free="x").rpartition("/")[2]
    sent = grpc_calls.bearer(tenant.tokens["manager"])
    with grpc.insecure_channel(stack.grpc) as channel:
        stub = ContactServiceStub(channel)
        read = stub.GetContact(pb.GetContactRequest(id=record_id), metadata=sent)
        assert dict(read.custom_fields) == {"it": None, "free": "x"}
        assert list(read.masked) == MASKED
        named = FieldMask(paths=[MASKED[0]])
        request = pb.UpdateContactRequest(id=record_id, update_mask=named)
        refusal = grpc_calls.refused(stub.UpdateContact, request, metadata=sent)
        assert refusal.faults == {f"contact.{MASKED[0]}": "READ_ONLY"}
        named = FieldMask(paths=["custom_fields"])
        request = pb.UpdateContactRequest(id=record_id, update_mask=named)
        changed = stub.UpdateContact(request, metadata=sent)
        assert dict(changed.custom_fields) == {"it": None}
    after = owner.get(f"/contacts/{record_id}").json["custom_fields"]
    assert after == {"it": SECRET}


def test_the_size_of_custom_fields_tells_nothing(
    owner: Client, manager: Client
) -> None:
    """A record is filled until no byte fits, whatever the masked value is."""
    define(owner, "text", sensitive=True)
    full = {f"k{n}": ["y" * 2_000] * 50 for n in range(10)}

    def fits(path: str, rest: int) -> bool:
        tune = ["z" * 2_000] * (rest // 2_000) + ["z" * (rest % 2_000)]
        return manager.patch(path, {"custom_fields": {"tune": tune}}).status == 200

    rooms = set()
    for secret in (None, "x", SECRET * 10):
        path = kept(owner, secret)
        for key, value in full.items():
            assert manager.patch(path, {"custom_fields": {key: value}}).status == 200
        least, most = 0, 60_000
        while least < most - 1:
            middle = (least + most) // 2
            least, most = (middle, most) if fits(path, middle) else (least, middle)
        rooms.add(least)
    assert len(rooms) == 1
