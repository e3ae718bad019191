"""A batch is no way around anything: limits, bounds, rights, masks, keys."""

from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as Packed
from google.rpc.error_details_pb2 import ErrorInfo
from prospectconnect.crm.v1 import (
    batches_pb2,
    batches_pb2_grpc,
    companies_pb2,
    contacts_pb2,
)

from tests.client import Answer, Client
from tests.end_to_end.conftest import OpenClient
from tests.harness.wire.grpc_calls import bearer
from tests.stacks import Stack
from tests.world import Tenant


def creates(number: int, **fields: Any) -> dict[str, Any]:
    operations = [
        {"method": "create", "body": {"email": f"{n}@b.example", **fields}}
        for n in range(number)
    ]
    return {"operations": operations}


def statuses(answer: Answer) -> list[int]:
    assert answer.status in (200, 207), answer.body
    return [each["status"] for each in answer.json["data"]]


def test_ten_operations_count_as_a_request(
    tenant: Tenant, open_client: OpenClient
) -> None:
    client = open_client(tenant.token(rate_limit=(30, 3_600)))
    before = int(client.get("/me").headers["x-ratelimit-remaining"])
    answer = client.post("/contacts/batch", creates(101))
    assert before - int(answer.headers["x-ratelimit-remaining"]) == 11
    refused = client.post("/contacts/batch", creates(200))
    assert refused.status == 429
    assert int(refused.headers["retry-after"]) > 0
    # A batch that is dearer than the whole limit passes where nothing is used.
    small = open_client(tenant.token(rate_limit=(5, 3_600)))
    assert small.post("/contacts/batch", creates(60)).status == 429
    tiny = open_client(tenant.token(rate_limit=(1, 1)))
    assert tiny.post("/contacts/batch", creates(9)).status == 200


def test_a_stranger_of_grpc_pays_as_much(tenant: Tenant, stack: Stack) -> None:
    token = tenant.token(rate_limit=(15, 3_600))
    packed = Packed()
    packed.Pack(
        companies_pb2.CreateCompanyRequest(company=companies_pb2.Company(name="A"))
    )
    request = batches_pb2.BatchRequest(
        operations=[batches_pb2.BatchOperation(request=packed)] * 100
    )
    with grpc.insecure_channel(stack.grpc) as channel:
        batch = batches_pb2_grpc.BatchServiceStub(channel).Batch
        assert batch(request, metadata=bearer(token)).meta.succeeded == 100
        with pytest.raises(grpc.RpcError) as refused:
            batch(request, metadata=bearer(token))
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"operations": "required"}),
        ({"operations": []}, {"operations": "required"}),
        ({"operations": {}}, {"operations": "invalid_type"}),
        (creates(201), {"operations": "too_many"}),
        (creates(1) | {"atomic": 1}, {"atomic": "invalid_type"}),
        (creates(1) | {"fast": True}, {"fast": "unknown_field"}),
        ([], {"body": "invalid_type"}),
        (
            {
                "operations": [
                    {"method": "create", "ref": "a", "body": {"phone": "123"}},
                    {"method": "create", "ref": "a", "body": {"phone": "123"}},
                ]
            },
            {"operations[1].ref": "not_unique"},
        ),
    ],
)
def test_a_batch_that_is_none_is_refused(
    owner: Client, body: Any, faults: dict[str, str]
) -> None:
    answer = owner.post("/contacts/batch", body)
    assert (answer.status, answer.codes) == (422, faults)
    assert owner.search("/contacts")["data"] == []


def test_what_would_cost_is_refused_before(owner: Client) -> None:
    large = b'{"operations": [' + b" " * (8 * 1024**2)
    assert owner.post("/contacts/batch", large).status == 413
    values = {"operations": [{"method": "create", "body": [0] * 50_001}]}
    assert owner.post("/contacts/batch", values).codes == {"body": "too_many"}
    assert owner.post("/contacts", b" " * (1024**2 + 1)).status == 413


def test_a_body_may_have_eight_times_as_much(owner: Client) -> None:
    body = {
        "operations": [
            {
                "method": "create",
                "resource": "notes",
                "body": {"body": "x" * 60_000, "contact_id": "@c"},
            }
            for _ in range(100)
        ]
    }
    contact = {
        "method": "create",
        "resource": "contacts",
        "ref": "c",
        "body": {"phone": "123"},
    }
    body["operations"].insert(0, contact)
    assert statuses(owner.post("/batch", body)) == [201] * 101


def test_rights_are_those_of_each_operation(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    mine = owner.create("/contacts", {"phone": "123"})
    client = open_client(tenant.token(["contact.write", "company.read"]))
    operations = [
        {"method": "create", "resource": "contacts", "body": {"email": "a@b.example"}},
        {"method": "create", "resource": "companies", "body": {"name": "Acme"}},
        {"method": "get", "resource": "contacts", "id": mine["id"]},
        {"method": "delete", "resource": "contacts", "id": mine["id"]},
        {
            "method": "upsert",
            "resource": "contacts",
            "body": {"id": mine["id"], "city": "Rome"},
        },
    ]
    answer = client.post("/batch", {"operations": operations})
    assert statuses(answer) == [201, 403, 403, 403, 200]
    created, refused, *_, upserted = answer.json["data"]
    always = {"id", "created_at", "updated_at"}
    assert created["record"].keys() == always | {"email"}
    assert upserted["record"].keys() == always | {"city"}
    assert refused["problem"]["required"] == "company.write"
    viewer = open_client(tenant.tokens["viewer"])
    (refused,) = viewer.post("/batch", {"operations": operations[:1]}).json["data"]
    assert refused["problem"]["refused_by"] == "role"


def test_a_replay_tells_no_more_than_its_token_may_read(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    body, key = creates(2, city="Rome"), "order-7"
    first = owner.post("/contacts/batch", body, idempotency_key=key)
    writing = open_client(tenant.token(["contact.write"]))
    again = writing.post("/contacts/batch", body, idempotency_key=key)
    assert again.headers["idempotent-replayed"] == "true"
    always = {"id", "created_at", "updated_at"}
    for here, there in zip(first.json["data"], again.json["data"], strict=True):
        assert there["record"].keys() == always | {"email", "city"}
        assert there["record"]["id"] == here["record"]["id"]
    reading = open_client(tenant.token(["company.read"]))
    last = reading.post("/contacts/batch", body, idempotency_key=key)
    assert statuses(last) == [403, 403]
    other = owner.post("/contacts/batch", creates(3), idempotency_key=key)
    assert other.json["type"].endswith("/idempotency-key-reused")


def test_the_order_of_a_bodys_keys_is_no_other_request(owner: Client) -> None:
    fields = {"phone": "123", "custom_fields": {"a": 1, "b": 2}}
    turned = {"custom_fields": {"b": 2, "a": 1}, "phone": "123"}
    made = owner.create("/contacts", fields)
    answers = [
        owner.post(
            "/contacts/batch",
            {"operations": [{"method": "update", "id": made["id"], "body": body}]},
            idempotency_key="turned",
        )
        for body in (fields, turned)
    ]
    assert answers[0].body == answers[1].body


def test_sensitive_fields_stay_masked(owner: Client, member: Client) -> None:
    field = {"object": "contacts", "key": "salary", "type": "integer", "label": "S"}
    owner.create("/fields", {**field, "sensitive": True})
    body = creates(2, custom_fields={"salary": 7})
    data = owner.post("/contacts/batch", body).json["data"]
    ids = [each["record"]["id"] for each in data]
    gets = {"operations": [{"method": "get", "id": each} for each in ids]}
    seen = [owner.patch(f"/contacts/{each}", {"owner_id": None}) for each in ids]
    assert [each.status for each in seen] == [200, 200]
    for result in member.post("/contacts/batch", gets).json["data"]:
        assert result["record"]["masked"] == ["custom_fields.salary"]
        assert result["record"]["custom_fields"] == {"salary": None}
    assert statuses(member.post("/contacts/batch", body)) == [422, 422]


@pytest.mark.parametrize("asked", [{"fields": ["name"]}, {"expand": ["company"]}])
def test_a_get_takes_no_parts(
    asked: dict[str, list[str]], owner: Client, tenant: Tenant, stack: Stack
) -> None:
    """A stored answer could not be limited by what came along with a record."""
    made = owner.create("/contacts", {"email": "ada@b.example"})
    request = batches_pb2.BatchRequest()
    whole = contacts_pb2.GetContactRequest(id=made["id"])
    request.operations.add().request.Pack(whole)
    part = contacts_pb2.GetContactRequest(id=made["id"], **asked)
    request.operations.add().request.Pack(part)
    with grpc.insecure_channel(stack.grpc) as channel:
        batch = batches_pb2_grpc.BatchServiceStub(channel).Batch
        answer = batch(request, metadata=bearer(tenant.tokens["owner"]))
    assert answer.data[0].HasField("answer")
    error = answer.data[1].error
    assert error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    over_http = {"method": "get", "id": made["id"], **asked}
    told = owner.post("/contacts/batch", {"operations": [over_http]}).json["data"][0]
    (fault,) = told["problem"]["errors"]
    assert (fault["field"], fault["code"]) == (
        f"operations[0].{next(iter(asked))}",
        "unknown_field",
    )


def test_over_grpc_each_operation_has_its_own_error(
    owner: Client, tenant: Tenant, stack: Stack
) -> None:
    requests = [
        companies_pb2.CreateCompanyRequest(company=companies_pb2.Company(name="Acme")),
        contacts_pb2.CreateContactRequest(
            contact=contacts_pb2.Contact(email="a@b.example", company_id="@acme")
        ),
        contacts_pb2.GetContactRequest(id="con_0"),
    ]
    request = batches_pb2.BatchRequest()
    for each in requests:
        request.operations.add().request.Pack(each)
    request.operations[0].ref = "acme"
    request.operations.add().request.Pack(ErrorInfo())
    with grpc.insecure_channel(stack.grpc) as channel:
        batch = batches_pb2_grpc.BatchServiceStub(channel).Batch
        answer = batch(request, metadata=bearer(tenant.tokens["owner"]))
        assert (answer.meta.succeeded, answer.meta.failed) == (2, 2)
        contact = contacts_pb2.Contact()
        assert answer.data[1].answer.Unpack(contact)
        assert contact.company_id == owner.search("/companies")["data"][0]["id"]
        assert answer.data[2].error.code == grpc.StatusCode.NOT_FOUND.value[0]
        request.atomic = True
        dry = (*bearer(tenant.tokens["owner"]), ("dry-run", "true"))
        with pytest.raises(grpc.RpcError) as failed:
            batch(request, metadata=dry)
    assert failed.value.code() is grpc.StatusCode.NOT_FOUND
    assert len(owner.search("/companies")["data"]) == 1
