"""Who may write and not read is answered with what they wrote, whatever they ask."""

import secrets
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Any

import grpc
import orjson
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.crm.v1 import contacts_pb2_grpc

from services.roles import RESOURCES, SCOPES
from tests.client import Client
from tests.edge.mcp.assistant import head
from tests.edge.openapi.test_openapi_parts import good
from tests.end_to_end.documents.every_operation import one_pass
from tests.end_to_end.documents.scenes import Sample, set_scene
from tests.end_to_end.rights.probes import ROUTES, resource_of
from tests.harness.wire.grpc_calls import bearer
from tests.promises import booked
from tests.promises.record_values import Maker
from tests.promises.records_suite import OBJECT
from tests.world import ALL_SCOPES, Tenant

WRITING = sorted(
    scope
    for each in RESOURCES
    for action in ("write", "delete")
    if (scope := f"{each}.{action}") in SCOPES
)
ALWAYS = {"id", "created_at", "updated_at"}
SECRET = {
    "first_name": "Grace",
    "email": "grace@example.com",
    "phone": "+49 30 123",
    "job_title": "Admiral",
    "tags": ["VIP", "navy"],
    "custom_fields": {"salary": 9, "seats": 1},
}

# To say what a webhook sends takes the right to read that (`test_webhook_rights.py`).
# Others are answered with a job, a delivery, an attempt, a secret, a token, a fault, or
# a hold.
_OTHERWISE = {
    *("CreateSandbox", "PlantSandboxFault", "MoveSandboxClock"),
    *("CreateWebhook", "UpdateWebhook", "RotateWebhookSecret"),
    *("ReplayWebhook", "RedeliverDelivery", "TestWebhook", "CreateHold"),
    "CreateEmail",  # it takes `contact.read`
}
# Operations that answer with a record and take a permission to write.
WRITES = {
    route.rpc.rpartition("/")[2]: route
    for route in ROUTES
    if (route.permission or "").endswith(".write")
    and not route.only_reads
    and route.status != 204
    and resource_of(route) is not None
    and route.path_parameters != ("id", "value")  # answered with a number
    and route.rpc.rpartition("/")[2] not in _OTHERWISE
}


@pytest.fixture
def writer(tenant: Tenant) -> Iterator[Client]:
    """A client of the owner's that may write and delete all, and read nothing."""
    with closing(tenant.client(token=tenant.token(WRITING))) as client:
        yield client


@pytest.fixture
def contact(owner: Client) -> Any:
    """A contact. The writer knows no more than its address."""
    return owner.create("/contacts", SECRET)


def record_of(answer: Any) -> dict[str, Any]:
    """The record in an answer: it is one, or holds one."""
    held = (answer[name] for name in ("data", "field") if name in answer)
    record: dict[str, Any] = next(held, answer)
    return record


def check_part(sample: Sample, part: dict[str, Any], whole: dict[str, Any]) -> None:
    """Holds a part against the request that it answers and the record as it is."""
    sent = sample.body or {}
    # In the body of a create, an empty list or a false is as one that is not sent.
    if sample.method == "POST" and not sample.name.startswith("Upsert"):
        sent = {n: value for n, value in sent.items() if value not in ([], False)}
    told = {name: whole[name] for name in ALWAYS | (sent.keys() & whole.keys())}
    for name in told.keys() & {"custom_fields", "metadata"}:
        told[name] = {key: whole[name][key] for key in sent[name]}
    if "tags" in told:
        told["tags"] = [tag for tag in sent["tags"] if tag in whole["tags"]]
    assert part == told, sample


def _path(sample: Sample, part: Any) -> str:
    """The path of the record that a sample has written."""
    records = f"/objects/{OBJECT}/records"
    if sample.path.startswith(records):
        return f"{records}/{part['id']}"
    _, collection, *_ = sample.path.split("/")
    if collection != "objects":
        return f"/{collection}/{part['id']}"
    # A type of record is named by its slug.
    return f"/objects/{part.get('slug', OBJECT)}"


def test_every_write_is_answered_with_what_it_wrote(
    tenant: Tenant, owner: Client, writer: Client
) -> None:
    owner.token = tenant.token((*ALL_SCOPES, "token.all"))
    begin, asked = partial(booked.begin, tenant.stack, owner), set()
    scene = set_scene(Maker(owner, tenant.users), begin=begin)
    # What the document says of their answers; each of them takes five megabytes.
    said = {name: good(route)[0] for name, route in WRITES.items()}
    for number in range(2):
        for sample in one_pass(scene, number):
            name = sample.name.partition(",")[0]
            if name not in WRITES:
                continue
            asked.add(name)
            headers = {"idempotency_key": sample.key} if sample.key else {}
            answer = writer.send(sample.method, sample.path, sample.body, **headers)
            assert answer.status == sample.status, (sample, answer.body)
            assert said[name].is_valid(answer.json), (sample, answer.body)
            part = record_of(answer.json)
            if sample.name.endswith("replayed"):
                assert answer.headers["idempotent-replayed"] == "true"
            check_part(sample, part, owner.get(_path(sample, part)).json)
    assert asked == WRITES.keys()


@pytest.mark.parametrize(
    "body", [{"email": "Grace@Example.com"}, {"phone": "49 (30) 123"}]
)
def test_an_upsert_looks_nothing_up(
    writer: Client, contact: Any, body: dict[str, str]
) -> None:
    answer = writer.post("/contacts/upsert", body)
    assert answer.json == {
        "status": "updated",
        "data": {
            "id": contact["id"],
            **body,
            "created_at": contact["created_at"],
            "updated_at": answer.json["data"]["updated_at"],
        },
    }


@pytest.mark.parametrize("version", ["2026-06-01", "2026-11-01"])
def test_a_change_of_nothing_shows_nothing(
    writer: Client, contact: Any, version: str
) -> None:
    path = f"/contacts/{contact['id']}"
    bodies: list[dict[str, Any]] = [{}, {"custom_fields": {}}]
    for body in bodies:
        answer = writer.patch(path, body, version=version)
        assert answer.headers["etag"] == '"1"'
        assert answer.json == {name: contact[name] for name in ALWAYS}


def test_a_key_of_custom_fields_shows_no_other(writer: Client, contact: Any) -> None:
    path = f"/contacts/{contact['id']}"
    body = {"custom_fields": {"seats": 2, "plan": None}, "job_title": None}
    part = writer.patch(path, body).json
    assert part.keys() == {*ALWAYS, "custom_fields", "job_title"}
    assert (part["custom_fields"], part["job_title"]) == ({"seats": 2}, None)


def test_tags_that_are_added_show_no_others(writer: Client, contact: Any) -> None:
    path = f"/contacts/{contact['id']}/tags"
    added = writer.post(path, {"tags": ["vip", "new"]}).json
    assert (added.keys(), added["tags"]) == ({*ALWAYS, "tags"}, ["vip", "new"])
    removed = writer.delete(f"{path}/vip")
    assert (removed.status, removed.json.keys()) == (200, ALWAYS)


@pytest.mark.parametrize("reason", ["They have no money", "Price"])
def test_a_move_that_changes_nothing_confirms_no_guess(
    owner: Client, writer: Client, reason: str
) -> None:
    stages = owner.search("/pipelines")["data"][0]["stages"]
    lost = next(each["id"] for each in stages if each["type"] == "lost")
    deal = owner.create("/deals", {"name": "Hull", "stage_id": lost})
    path = f"/deals/{deal['id']}"
    owner.patch(path, {"lost_reason": "They have no money"})
    body = {"stage_id": lost, "lost_reason": reason}
    part = writer.post(f"{path}/stage", body).json
    assert part == {name: owner.get(path).json[name] for name in ALWAYS}


def test_tags_that_are_there_already_are_not_confirmed(
    writer: Client, contact: Any
) -> None:
    told = writer.post(f"/contacts/{contact['id']}/tags", {"tags": ["vip"]}).json
    assert told == {name: contact[name] for name in ALWAYS}


def test_a_replay_of_an_action_confirms_no_more_than_the_action_did(
    owner: Client, writer: Client, contact: Any
) -> None:
    path = f"/contacts/{contact['id']}/tags"
    for tag, told in (("vip", set()), ("new", {"tags"})):
        for first, second in ((writer, owner), (owner, writer)):
            body, key = {"tags": [tag]}, secrets.token_hex(8)
            if told:
                owner.delete(f"{path}/{tag}")
            one = first.post(path, body, idempotency_key=key)
            two = second.post(path, body, idempotency_key=key)
            part, whole = (one, two) if first is writer else (two, one)
            assert part.json.keys() == {*ALWAYS, *told}
            assert whole.json == owner.get(f"/contacts/{contact['id']}").json
            again = first.post(path, body, idempotency_key=key)
            assert again.headers["idempotent-replayed"] == "true"
            assert again.body == one.body


def test_a_replay_shows_what_its_own_token_may_see(
    owner: Client, writer: Client
) -> None:
    body = {"email": f"{secrets.token_hex(6)}@example.com"}
    for first, second in ((owner, writer), (writer, owner)):
        key = secrets.token_hex(8)
        one = first.post("/contacts", body, idempotency_key=key)
        two = second.post("/contacts", body, idempotency_key=key)
        assert two.headers["idempotent-replayed"] == "true"
        part, whole = (one, two) if first is writer else (two, one)
        assert part.json.keys() == {*ALWAYS, "email"}
        assert whole.json == owner.get(f"/contacts/{part.json['id']}").json
        again = first.post("/contacts", body, idempotency_key=key)
        assert again.body == one.body


def test_a_part_is_a_part_over_grpc_too(tenant: Tenant, contact: Any) -> None:
    token = bearer(tenant.token(["contact.write"]))
    with grpc.insecure_channel(tenant.stack.grpc) as channel:
        contacts = contacts_pb2_grpc.ContactServiceStub(channel)
        given = pb.Contact(email="grace@example.com", answered_fields=["name"])
        upserted = contacts.UpsertContact(
            pb.UpsertContactRequest(contact=given), metadata=token
        ).data
        changed = contacts.UpdateContact(
            pb.UpdateContactRequest(
                id=contact["id"], update_mask=FieldMask(paths=["custom_fields.seats"])
            ),
            metadata=token,
        )
        created = contacts.CreateContact(
            pb.CreateContactRequest(contact=given), metadata=token
        )
    always = ["id", "created_at", "updated_at"]
    for part, wrote in (
        (upserted, ["email"]),
        (changed, ["custom_fields"]),
        (created, ["email"]),
    ):
        assert list(part.answered_fields) == [*always, *wrote]
        held = {field.name for field, _ in part.ListFields()}
        assert held <= {*always, *wrote, "etag", "answered_fields"}
    assert not changed.custom_fields.fields


def test_a_tool_tells_an_assistant_no_more(
    tenant: Tenant, writer: Client, contact: Any
) -> None:
    arguments = {"email": "grace@example.com", "lead_score": 7}
    params = {"name": "upsert_contact", "arguments": arguments}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = head(token=str(writer.token))
    answer = writer.raw("POST", "/mcp", orjson.dumps(asked), headers)
    told = answer.json["result"]["structuredContent"]
    assert (told["status"], told["data"]["id"]) == ("updated", contact["id"])
    assert told["data"].keys() == {*ALWAYS, "email", "lead_score"}
    assert "Admiral" not in answer.body.decode()


def test_nobody_can_have_fields_of_a_record_left_out(
    tenant: Tenant, owner: Client
) -> None:
    given = pb.Contact(email="ada@example.com", answered_fields=["email"])
    with grpc.insecure_channel(tenant.stack.grpc) as channel:
        made = contacts_pb2_grpc.ContactServiceStub(channel).CreateContact(
            pb.CreateContactRequest(contact=given),
            metadata=bearer(tenant.tokens["owner"]),
        )
    assert (made.name, list(made.answered_fields)) == ("ada@example.com", [])
    assert owner.get(f"/contacts/{made.id}").json["name"] == "ada@example.com"
