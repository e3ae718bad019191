"""gRPC for services inside: the same tokens and rights, and errors to rely on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.crm.v1.contacts_pb2_grpc import ContactServiceStub

from tests.harness.database.row_lock import held
from tests.harness.wire.grpc_calls import Refusal, bearer, refused
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

pytestmark = pytest.mark.every_topology

CREATE = pb.CreateContactRequest(contact=pb.Contact(email="ada@example.com"))
SERVICE = "/prospectconnect.crm.v1.ContactService"


@dataclass(frozen=True, slots=True)
class Contacts:
    """The contact service as a tenant's owner, or as somebody else, calls it."""

    channel: grpc.Channel
    stub: ContactServiceStub
    tenant: Tenant

    def create(self, **fields: Any) -> pb.Contact:
        request = pb.CreateContactRequest(contact=pb.Contact(**fields))
        return self.stub.CreateContact(request, metadata=self.owner(), timeout=60)

    def owner(self, **metadata: str) -> tuple[tuple[str, str], ...]:
        return bearer(self.tenant.tokens["owner"], **metadata)

    def refused(self, method: str, request: Any, **metadata: str) -> Refusal:
        """Makes a call as the owner that must fail."""
        called = getattr(self.stub, method)
        return refused(called, request, metadata=self.owner(**metadata))


@pytest.fixture
def contacts(stack: Stack, tenant: Tenant) -> Iterator[Contacts]:
    with grpc.insecure_channel(stack.grpc) as channel:
        yield Contacts(channel, ContactServiceStub(channel), tenant)


@pytest.mark.parametrize(
    "metadata",
    [
        (),
        (("authorization", ""),),
        (("authorization", "Bearer"),),
        (("authorization", "Basic YQ=="),),
        bearer("pcp_" + "0" * 56),
        bearer("x" * 5000),
    ],
)
def test_no_call_without_a_good_token(
    contacts: Contacts, metadata: tuple[tuple[str, str], ...]
) -> None:
    for method in (contacts.stub.CreateContact, contacts.stub.GetContact):
        found = refused(method, CREATE, metadata=metadata)
        assert found.code is grpc.StatusCode.UNAUTHENTICATED
        assert found.reason == "TOKEN_INVALID"


def test_scope_and_role_are_held_against_the_call(contacts: Contacts) -> None:
    create, tenant = contacts.stub.CreateContact, contacts.tenant
    narrow = tenant.token(["contact.read"])
    found = refused(create, CREATE, metadata=bearer(narrow))
    assert found.code is grpc.StatusCode.PERMISSION_DENIED
    assert found.reason == "SCOPE_DENIED"
    assert found.metadata == {"permission": "contact.write"}
    found = refused(create, CREATE, metadata=bearer(tenant.tokens["viewer"]))
    assert found.code is grpc.StatusCode.PERMISSION_DENIED
    assert found.reason == "ROLE_DENIED"
    assert found.metadata == {"permission": "contact.write"}


def test_every_fault_is_named_by_its_path(contacts: Contacts) -> None:
    contact = pb.Contact(email="none", lead_score=101, country="XX")
    contact.tags.append("x" * 65)
    contact.custom_fields["Bad Key"] = 1
    request = pb.CreateContactRequest(contact=contact)
    found = contacts.refused("CreateContact", request)
    assert found.code is grpc.StatusCode.INVALID_ARGUMENT
    assert found.reason == "VALIDATION_FAILED"
    assert found.faults == {
        "contact.custom_fields.Bad Key": "INVALID_FORMAT",
        "contact.email": "INVALID_FORMAT",
        "contact.lead_score": "TOO_LARGE",
        "contact.country": "INVALID_CHOICE",
        "contact.tags[0]": "TOO_LONG",
    }


def test_a_record_that_is_not_given_has_its_rules_all_the_same(
    contacts: Contacts,
) -> None:
    for request in (pb.CreateContactRequest(), pb.UpsertContactRequest()):
        method = type(request).__name__.removesuffix("Request")
        found = contacts.refused(method, request)
        assert found.faults == {"contact.email": "REQUIRED"}


def test_what_only_the_server_sets_is_ignored(contacts: Contacts) -> None:
    """AIP-203: a client may send back what it has read."""
    first = contacts.create(email="ada@example.com")
    second = contacts.create(
        id=first.id, name="Eve", created_by="usr_x", email="eve@example.com"
    )
    assert second.id != first.id
    assert second.name == "eve@example.com"
    assert second.created_by == first.created_by


def test_faults_beyond_the_room_for_details_are_counted(contacts: Contacts) -> None:
    contact = pb.Contact(
        email="a@b.example", tags=["x" * 65 + str(n) for n in range(50)]
    )
    for number in range(500):
        contact.custom_fields[f"Bad Key {number}"] = 1
    found = contacts.refused("CreateContact", pb.CreateContactRequest(contact=contact))
    assert found.code is grpc.StatusCode.INVALID_ARGUMENT
    assert found.metadata is not None
    assert found.faults is not None
    assert len(found.faults) + int(found.metadata["omitted"]) >= 550


def test_a_foreign_record_is_as_one_that_never_was(contacts: Contacts) -> None:
    stranger = new_tenant(contacts.tenant.stack)
    ours = contacts.create(email="ours@example.com").id
    get = contacts.stub.GetContact
    metadata = bearer(stranger.tokens["owner"])
    foreign = refused(get, pb.GetContactRequest(id=ours), metadata=metadata)
    never = refused(get, pb.GetContactRequest(id="con_" + "0" * 24), metadata=metadata)
    assert foreign == never
    assert (foreign.code, foreign.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


def test_a_stale_etag_is_a_failed_precondition(contacts: Contacts) -> None:
    contact = contacts.create(email="ada@example.com")
    rome = pb.Contact(city="Rome")
    for method, request in (
        ("UpdateContact", pb.UpdateContactRequest(contact=rome)),
        ("DeleteContact", pb.DeleteContactRequest()),
    ):
        request.id, request.etag = contact.id, "0"
        found = contacts.refused(method, request)
        assert found.code is grpc.StatusCode.FAILED_PRECONDITION
        assert found.reason == "ETAG_MISMATCH"


def test_a_key_that_is_still_running_says_when_to_retry(contacts: Contacts) -> None:
    tenant = contacts.tenant
    sql = (
        "INSERT INTO idempotency_keys (business_id, user_id, client_id, key,"
        " fingerprint, outcome, created_at) VALUES ($1, $2, '', 'k', '', '', now())"
    )
    with held(
        tenant.stack.database_url, sql, tenant.business_id, tenant.users["owner"]
    ):
        metadata = contacts.owner(idempotency_key="k")
        create = contacts.stub.CreateContact
        found = refused(create, CREATE, metadata=metadata, timeout=1)
    assert (found.code, found.reason) == (
        grpc.StatusCode.ABORTED,
        "IDEMPOTENCY_KEY_BUSY",
    )
    assert found.retry_seconds is not None
    assert found.retry_seconds >= 1


@pytest.mark.parametrize("faulty", ["garbage", "5", "[[]]", "null", '{"a": 1}', "[1]"])
def test_metadata_that_only_an_edge_sends_does_no_harm(
    contacts: Contacts, faulty: str
) -> None:
    found = contacts.refused("CreateContact", CREATE, x_faulty_fields=faulty)
    assert found.code is grpc.StatusCode.INVALID_ARGUMENT


def test_bytes_that_are_no_message_are_refused(contacts: Contacts) -> None:
    raw: Any = contacts.channel.unary_unary(f"{SERVICE}/CreateContact")
    found = refused(raw, b"\xff" * 20, metadata=contacts.owner())
    assert found.code is grpc.StatusCode.INVALID_ARGUMENT
    assert found.reason == "BAD_REQUEST"


def test_a_message_over_the_limit_is_refused(contacts: Contacts) -> None:
    contact = pb.Contact(email="a@b.example", first_name="x" * (5 * 1024 * 1024))
    found = contacts.refused("CreateContact", pb.CreateContactRequest(contact=contact))
    assert found.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert contacts.create(email="still@here.example").id


def test_an_unknown_method_is_unimplemented(contacts: Contacts) -> None:
    raw: Any = contacts.channel.unary_unary(f"{SERVICE}/StealContact")
    found = refused(raw, b"", metadata=contacts.owner())
    assert found.code is grpc.StatusCode.UNIMPLEMENTED
