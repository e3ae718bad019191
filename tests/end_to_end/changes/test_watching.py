"""Over gRPC, who watches is told what happens, with a cursor after each change."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from prospectconnect.crm.v1 import changes_pb2 as pb
from prospectconnect.crm.v1.changes_pb2_grpc import ChangeServiceStub

from services.iam import tokens
from tests.client import Client
from tests.end_to_end.changes.following import Reader
from tests.harness.wire.grpc_calls import bearer
from tests.stacks import Stack
from tests.world import Tenant, administer

pytestmark = pytest.mark.every_topology

LONG = 20


@pytest.fixture
def stub(stack: Stack) -> Iterator[ChangeServiceStub]:
    with grpc.insecure_channel(stack.grpc) as channel:
        yield ChangeServiceStub(channel)


def watch(stub: ChangeServiceStub, token: str, **query: Any) -> Any:
    request = pb.WatchChangesRequest(**query)
    return stub.WatchChanges(request, metadata=bearer(token), timeout=LONG)


def refusal(call: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as refused:
        list(call)
    code: grpc.StatusCode = refused.value.code()
    return code


def test_who_watches_is_told_and_goes_on_from_a_cursor(
    owner: Client, tenant: Tenant, stub: ChangeServiceStub
) -> None:
    token = tenant.tokens["owner"]
    call = watch(stub, token, include=["changed", "state"], resources=["contacts"])
    first = next(call)
    assert first.cursor
    assert not first.HasField("change")
    made = owner.create("/contacts", {"email": "ada@engine.example"})
    told = next(call)
    assert told.change.type == "contact.created"
    assert told.change.record.id == made["id"]
    assert told.change.state.struct_value["email"] == "ada@engine.example"
    call.cancel()
    owner.create("/contacts", {"email": "bob@engine.example"})
    query = {"resources": ["contacts"]}
    again = watch(stub, token, cursor=told.cursor, **query)
    second = next(again)
    again.cancel()
    reader = Reader(owner, "there", **query)
    reader.cursor = told.cursor
    assert [each["id"] for each in reader.page()] == [second.change.id]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"cursor": "x"}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"types": ["contact.sung"]}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"include": ["all"]}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"resources": ["x" * 65]}, grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
def test_a_watch_is_checked_like_every_call(
    tenant: Tenant, stub: ChangeServiceStub, query: Any, code: grpc.StatusCode
) -> None:
    assert refusal(watch(stub, tenant.tokens["owner"], **query)) is code


def test_who_may_not_read_may_not_watch(
    tenant: Tenant, stub: ChangeServiceStub
) -> None:
    denied = grpc.StatusCode.PERMISSION_DENIED
    its = watch(stub, tenant.tokens["member"], resources=["contacts"])
    assert refusal(its) is denied
    unknown = grpc.StatusCode.UNAUTHENTICATED
    assert refusal(watch(stub, "pcp_" + "0" * 56)) is unknown


def test_a_watch_ends_with_its_token(
    owner: Client, tenant: Tenant, stub: ChangeServiceStub
) -> None:
    token = tenant.token()
    call = watch(stub, token)
    assert next(call).cursor
    url = tenant.stack.database_url
    administer(url, lambda database: tokens.revoke_token(database, token))

    def happens() -> Iterator[None]:
        while True:
            owner.create("/companies", {"name": "Acme"})
            yield

    # What is committed within a second of it may still be told.
    told = (next(call) for _ in happens())
    assert refusal(told) is grpc.StatusCode.UNAUTHENTICATED


def test_a_watch_that_waits_ends_with_its_token_too(
    tenant: Tenant, stub: ChangeServiceStub
) -> None:
    token = tenant.token()
    call = watch(stub, token)
    assert next(call).cursor
    url = tenant.stack.database_url
    administer(url, lambda database: tokens.revoke_token(database, token))
    # At its next sign of life, though nothing happens.
    assert refusal(call) is grpc.StatusCode.UNAUTHENTICATED
