"""What comes over a socket: nothing is made of it before it is known who calls."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from prospectconnect.crm.v1 import contacts_pb2 as pb

from tests.harness.wire.grpc_calls import Refusal, as_edge, bearer, refused
from tests.stacks import Stack
from tests.world import Tenant

pytestmark = pytest.mark.every_topology

SERVICE = "/prospectconnect.crm.v1.ContactService"
CREATE = pb.CreateContactRequest(contact=pb.Contact(email="ada@example.com"))
NO_MESSAGE = b"\xff" * 20
UNKNOWN = b"\xfa\x3f\x06secret"  # field 1023, which no message has


@pytest.fixture
def channel(stack: Stack) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(stack.grpc) as opened:
        yield opened


def method(channel: grpc.Channel, name: str) -> Any:
    """A method that takes and gives bytes."""
    return channel.unary_unary(f"{SERVICE}/{name}")


def owner(tenant: Tenant, **metadata: str) -> tuple[tuple[str, str], ...]:
    return bearer(tenant.tokens["owner"], **metadata)


def total(channel: grpc.Channel, tenant: Tenant) -> int:
    found = method(channel, "SearchContacts")(b"", metadata=owner(tenant), timeout=60)
    return len(pb.SearchContactsResponse.FromString(found).data)


def without_text(refusal: Refusal) -> tuple[grpc.StatusCode, str]:
    return refusal.code, refusal.reason


def test_nothing_is_read_of_whoever_has_no_token(channel: grpc.Channel) -> None:
    create = method(channel, "CreateContact")
    for metadata in ((), bearer("x")):
        found = refused(create, NO_MESSAGE, metadata=metadata)
        assert without_text(found) == (
            grpc.StatusCode.UNAUTHENTICATED,
            "TOKEN_INVALID",
        )


def test_nothing_is_read_of_whoever_may_not_call(
    channel: grpc.Channel, tenant: Tenant
) -> None:
    metadata = bearer(tenant.tokens["viewer"])
    found = refused(method(channel, "CreateContact"), NO_MESSAGE, metadata=metadata)
    assert without_text(found) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_DENIED")


@pytest.mark.parametrize(
    "compression", [grpc.Compression.Gzip, grpc.Compression.Deflate]
)
def test_a_compressed_request_is_refused(
    channel: grpc.Channel, tenant: Tenant, compression: grpc.Compression
) -> None:
    create, metadata = method(channel, "CreateContact"), owner(tenant)
    data = CREATE.SerializeToString() * 100
    found = refused(create, data, metadata=metadata, compression=compression)
    assert found.code is grpc.StatusCode.UNIMPLEMENTED
    assert "disabled" in found.message
    # The client goes on offering to take compressed answers: that is no fault.
    assert create(data, metadata=metadata, timeout=60)


@pytest.mark.parametrize("first", ["owner", "viewer"])
def test_two_tokens_are_as_good_as_none(
    channel: grpc.Channel, tenant: Tenant, first: str
) -> None:
    second = bearer(tenant.tokens["owner"])
    metadata = (*bearer(tenant.tokens[first]), *second)
    found = refused(method(channel, "GetContact"), b"", metadata=metadata)
    assert without_text(found) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID")


@pytest.mark.parametrize("name", ["idempotency-key", "x-faulty-fields"])
def test_what_counts_once_is_not_given_twice(
    channel: grpc.Channel, tenant: Tenant, name: str
) -> None:
    metadata = (*owner(tenant), (name, "[]"), (name, "[]"))
    data = CREATE.SerializeToString()
    found = refused(method(channel, "CreateContact"), data, metadata=metadata)
    assert without_text(found) == (grpc.StatusCode.INVALID_ARGUMENT, "BAD_REQUEST")
    assert name in found.message


def test_other_metadata_may_be_given_twice(
    channel: grpc.Channel, tenant: Tenant
) -> None:
    metadata = (*owner(tenant), ("x-note", "a"), ("x-note", "b"))
    create = method(channel, "CreateContact")
    assert create(CREATE.SerializeToString(), metadata=metadata, timeout=60)


@pytest.mark.parametrize("faulty", ["[]", '["contact.phone"]'])
def test_a_request_that_an_edge_could_not_read_is_never_carried_out(
    channel: grpc.Channel, tenant: Tenant, faulty: str
) -> None:
    """The list is empty where no fault has a path here: of an unknown field, say."""
    metadata = owner(tenant, x_faulty_fields=faulty)
    data = CREATE.SerializeToString()
    create = method(as_edge(channel), "CreateContact")
    found = refused(create, data, metadata=metadata)
    assert without_text(found) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "VALIDATION_FAILED",
    )
    assert found.message == "x-faulty-fields says that the request cannot be read."
    assert total(channel, tenant) == 0


def test_an_edge_alone_names_fields_that_it_could_not_read(
    channel: grpc.Channel, tenant: Tenant
) -> None:
    """Rules say nothing more of such a field: its value must not get past them."""
    metadata = owner(tenant, x_faulty_fields='["contact.phone"]')
    data = CREATE.SerializeToString()
    found = refused(method(channel, "CreateContact"), data, metadata=metadata)
    assert without_text(found) == (grpc.StatusCode.INVALID_ARGUMENT, "BAD_REQUEST")
    assert found.message == "Only an edge may send x-faulty-fields."


def test_unknown_fields_are_neither_answered_nor_kept(
    channel: grpc.Channel, tenant: Tenant
) -> None:
    contact = CREATE.contact.SerializeToString() + UNKNOWN
    data = b"\x0a" + bytes((len(contact),)) + contact + UNKNOWN
    create, metadata = method(channel, "CreateContact"), owner(tenant)
    assert b"secret" not in create(data, metadata=metadata, timeout=60)
    metadata = owner(tenant, idempotency_key="k")
    first = create(data, metadata=metadata, timeout=60)
    again = create(CREATE.SerializeToString(), metadata=metadata, timeout=60)
    assert b"secret" not in first
    assert again == first
