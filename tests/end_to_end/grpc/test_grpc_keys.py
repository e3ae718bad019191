"""An idempotency key spans REST and gRPC: either answers for the other."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status
from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.crm.v1.contacts_pb2_grpc import ContactServiceStub

from tests.client import Client
from tests.stacks import Stack
from tests.world import Tenant

pytestmark = pytest.mark.every_topology

ADA = {"email": "ada@example.com", "first_name": "Ada"}
CREATE = pb.CreateContactRequest(
    contact=pb.Contact(email="ada@example.com", first_name="Ada")
)


@pytest.fixture
def contacts(stack: Stack) -> Iterator[ContactServiceStub]:
    """The stack's contact service, called over gRPC."""
    with grpc.insecure_channel(stack.grpc) as channel:
        yield ContactServiceStub(channel)


def call(method: Any, request: Any, tenant: Tenant, **metadata: str) -> tuple[Any, Any]:
    """Calls as the tenant's owner; returns the answer and the trailing metadata."""
    pairs = {"authorization": f"Bearer {tenant.tokens['owner']}"}
    pairs |= {name.replace("_", "-"): text for name, text in metadata.items()}
    answer, ended = method.with_call(request, metadata=tuple(pairs.items()), timeout=60)
    return answer, dict(ended.trailing_metadata())


def test_a_call_is_replayed(contacts: ContactServiceStub, tenant: Tenant) -> None:
    create = contacts.CreateContact
    first, trailing = call(create, CREATE, tenant, idempotency_key="k")
    assert "idempotent-replayed" not in trailing
    again, trailing = call(create, CREATE, tenant, idempotency_key="k")
    assert trailing["idempotent-replayed"] == "true"
    assert again == first


def test_rest_replays_what_grpc_did(
    contacts: ContactServiceStub, tenant: Tenant, owner: Client
) -> None:
    first, _ = call(contacts.CreateContact, CREATE, tenant, idempotency_key="k")
    again = owner.post("/contacts", ADA, idempotency_key="k")
    assert again.status == 201
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json["id"] == first.id
    assert again.body == owner.get(f"/contacts/{first.id}").body
    assert len(owner.pages("/contacts")) == 1


def test_grpc_replays_what_rest_did(
    contacts: ContactServiceStub, tenant: Tenant, owner: Client
) -> None:
    first = owner.post("/contacts", ADA, idempotency_key="k").json
    create = contacts.CreateContact
    again, trailing = call(create, CREATE, tenant, idempotency_key="k")
    assert trailing["idempotent-replayed"] == "true"
    assert (again.id, again.first_name) == (first["id"], "Ada")
    tags = {"tags": ["new"]}
    path = f"/contacts/{again.id}/tags"
    tagged = owner.post(path, tags, idempotency_key="k2").json
    request = pb.AddContactTagsRequest(id=again.id, tags=["new"])
    same, trailing = call(
        contacts.AddContactTags, request, tenant, idempotency_key="k2"
    )
    assert trailing["idempotent-replayed"] == "true"
    assert list(same.tags) == tagged["tags"]
    assert len(owner.pages("/contacts")) == 1


def test_another_call_under_the_key_is_refused(
    contacts: ContactServiceStub, tenant: Tenant, owner: Client
) -> None:
    owner.create("/contacts", ADA, idempotency_key="k")
    other = pb.CreateContactRequest(contact=pb.Contact(email="eve@example.com"))
    for method, request in (
        (contacts.CreateContact, other),
        (contacts.UpsertContact, pb.UpsertContactRequest(contact=CREATE.contact)),
    ):
        with pytest.raises(grpc.RpcError) as refused:
            call(method, request, tenant, idempotency_key="k")
        assert refused.value.code() is grpc.StatusCode.ALREADY_EXISTS
        assert reason(refused.value) == "IDEMPOTENCY_KEY_REUSED"
    assert len(owner.pages("/contacts")) == 1


@pytest.mark.parametrize("key", ["", "a b", "k" * 256])
def test_a_key_has_its_form(
    contacts: ContactServiceStub, tenant: Tenant, key: str
) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        call(contacts.CreateContact, CREATE, tenant, idempotency_key=key)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert reason(refused.value) == "BAD_REQUEST"


def reason(error: Any) -> str:
    """The reason in the error's `ErrorInfo`."""
    status = rpc_status.from_call(error)
    for detail in status.details if status is not None else ():
        info = ErrorInfo()
        if detail.Unpack(info):
            return str(info.reason)
    return ""
