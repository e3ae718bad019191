"""Deadlines over gRPC: when nobody waits any more, the SQL is cancelled as well."""

from collections.abc import Iterator
from contextlib import closing

import grpc
import pytest
from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.crm.v1.contacts_pb2_grpc import ContactServiceStub

from tests.harness.database.row_lock import Lock, held, until
from tests.harness.wire.grpc_calls import bearer, refusal
from tests.stacks import Stack
from tests.world import Tenant

pytestmark = pytest.mark.every_topology

HOLD = "UPDATE contacts SET city = 'held' WHERE business_id = $1 AND id = $2"


@pytest.fixture
def contact(tenant: Tenant) -> str:
    with closing(tenant.client()) as client:
        return str(client.create("/contacts", {"email": "ada@example.com"})["id"])


@pytest.fixture
def lock(tenant: Tenant, contact: str) -> Iterator[Lock]:
    """The contact's row, held by somebody else for as long as the test lasts."""
    url = tenant.stack.database_url
    with held(url, HOLD, tenant.business_id, contact) as lock:
        yield lock


@pytest.fixture
def stub(stack: Stack) -> Iterator[ContactServiceStub]:
    with grpc.insecure_channel(stack.grpc) as channel:
        yield ContactServiceStub(channel)


def update(contact: str) -> pb.UpdateContactRequest:
    return pb.UpdateContactRequest(id=contact, contact=pb.Contact(city="Rome"))


def city(tenant: Tenant, contact: str) -> object:
    with closing(tenant.client()) as client:
        return client.get(f"/contacts/{contact}").json["city"]


def test_the_statement_ends_with_the_deadline(
    stub: ContactServiceStub, tenant: Tenant, contact: str, lock: Lock
) -> None:
    metadata = bearer(tenant.tokens["owner"])
    for seconds in (0.6, 6, 60):  # a busy machine needs longer to come to the lock
        call = stub.UpdateContact.future(
            update(contact), metadata=metadata, timeout=seconds
        )
        until(lambda: lock.waiting() == 1 or call.done())  # noqa: B023 - at once
        if not call.done():
            break
    with pytest.raises(grpc.RpcError) as ended:
        call.result()
    assert refusal(ended.value).code is grpc.StatusCode.DEADLINE_EXCEEDED
    until(lambda: lock.waiting() == 0)
    lock.release()
    assert city(tenant, contact) is None


def test_the_statement_ends_when_the_client_cancels(
    stub: ContactServiceStub, tenant: Tenant, contact: str, lock: Lock
) -> None:
    metadata = bearer(tenant.tokens["owner"])
    call = stub.UpdateContact.future(update(contact), metadata=metadata, timeout=60)
    until(lambda: lock.waiting() == 1)
    call.cancel()
    until(lambda: lock.waiting() == 0)
    lock.release()
    assert city(tenant, contact) is None


def test_the_statement_ends_when_the_client_is_gone(
    stack: Stack, tenant: Tenant, contact: str, lock: Lock
) -> None:
    with grpc.insecure_channel(stack.grpc) as channel:
        method = ContactServiceStub(channel).UpdateContact
        metadata = bearer(tenant.tokens["owner"])
        call = method.future(update(contact), metadata=metadata, timeout=60)
        until(lambda: lock.waiting() == 1)
    assert call.code() is grpc.StatusCode.CANCELLED  # with the channel
    until(lambda: lock.waiting() == 0)
    lock.release()
    assert city(tenant, contact) is None


def test_who_waits_long_enough_is_served(
    stub: ContactServiceStub, tenant: Tenant, contact: str, lock: Lock
) -> None:
    metadata = bearer(tenant.tokens["owner"])
    call = stub.UpdateContact.future(update(contact), metadata=metadata, timeout=60)
    until(lambda: lock.waiting() == 1)
    lock.release()
    assert call.result().city == "Rome"
    assert city(tenant, contact) == "Rome"
