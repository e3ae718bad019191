"""Calls of gRPC clients count against the same rate limits as requests over HTTP."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import grpc
import pytest
from prospectconnect.crm.v1 import contacts_pb2, contacts_pb2_grpc

from services.iam import tenants
from tests.harness.wire.grpc_calls import as_edge, bearer, refused
from tests.stacks import Stack
from tests.world import Tenant, administer, new_tenant

pytestmark = pytest.mark.every_topology

HOUR = 3_600
SEARCH = "/prospectconnect.crm.v1.ContactService/SearchContacts"


def passes(channel: grpc.Channel, token: str, calls: int) -> int:
    """How many of so many calls at a time are answered; the others are refused."""
    search: Any = channel.unary_unary(SEARCH)

    def outcome(_: int) -> grpc.StatusCode:
        call = search.future(b"", metadata=bearer(token), timeout=60)
        code: grpc.StatusCode = call.code()
        return code

    with ThreadPoolExecutor(8) as threads:
        codes = list(threads.map(outcome, range(calls)))
    assert set(codes) <= {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}
    return codes.count(grpc.StatusCode.OK)


def test_no_more_calls_pass_than_the_token_may_make(
    stack: Stack, tenant: Tenant
) -> None:
    token = tenant.token(rate_limit=(5, HOUR))
    with grpc.insecure_channel(stack.grpc) as channel:
        assert passes(channel, token, 20) == 5


def test_the_tenants_budget_holds_as_well(stack: Stack, tenant: Tenant) -> None:
    administer(
        stack.database_url,
        lambda database: tenants.set_rate_limit(database, tenant.name, (7, HOUR)),
    )
    with grpc.insecure_channel(stack.grpc) as channel:
        found = [passes(channel, tenant.tokens[each], 5) for each in tenant.tokens]
    assert sum(found) == 7


def test_a_refusal_says_why_and_when_to_come_back(stack: Stack, tenant: Tenant) -> None:
    token = tenant.token(rate_limit=(1, HOUR))
    with grpc.insecure_channel(stack.grpc) as channel:
        assert passes(channel, token, 1) == 1
        found = refused(channel.unary_unary(SEARCH), b"", metadata=bearer(token))
    assert found.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert found.reason == "RATE_LIMITED"
    assert found.message == "The token's limit is used up; see RetryInfo."
    assert found.retry_seconds == pytest.approx(HOUR, abs=3)


def test_a_call_is_refused_before_its_message_is_read(
    stack: Stack, tenant: Tenant
) -> None:
    """A message that is never sent would otherwise wait for half a minute."""
    token = tenant.token(rate_limit=(1, HOUR))
    with grpc.insecure_channel(stack.grpc) as channel:
        assert passes(channel, token, 1) == 1
        stream: Any = channel.stream_unary(SEARCH)
        ended = threading.Event()

        def nothing() -> Iterator[bytes]:
            ended.wait()
            yield from ()

        with pytest.raises(grpc.RpcError) as error:
            stream(nothing(), metadata=bearer(token), timeout=60)
        ended.set()
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_what_an_edge_calls_was_counted_by_the_edge(
    stack: Stack, tenant: Tenant
) -> None:
    token = tenant.token(rate_limit=(3, HOUR))
    with grpc.insecure_channel(stack.grpc) as channel:
        contacts = contacts_pb2_grpc.ContactServiceStub(as_edge(channel))
        for _ in range(5):
            request = contacts_pb2.SearchContactsRequest()
            contacts.SearchContacts(request, metadata=bearer(token), timeout=60)
    with closing(tenant.client(token=token)) as client:
        statuses = [client.get("/me").status for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_one_process_counts_both_in_one_budget(
    running_stacks: Callable[[str], Stack],
) -> None:
    """Separate services count for themselves."""
    tenant = new_tenant(running_stacks("together"))
    token = tenant.token(rate_limit=(6, HOUR))
    with closing(tenant.client(token=token)) as client:
        assert [client.get("/me").status for _ in range(4)] == [200] * 4
    with grpc.insecure_channel(tenant.stack.grpc) as channel:
        assert passes(channel, token, 5) == 2
