"""Health and reflection: who knows nothing of our protos can still call us."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from tests.harness.wire.grpc_calls import bearer
from tests.stacks import Stack
from tests.world import Tenant

pytestmark = pytest.mark.every_topology

SERVICES = {
    "prospectconnect.crm.v1.ContactService",
    "prospectconnect.iam.v1.AccessService",
    "prospectconnect.iam.v1.AppService",
    "prospectconnect.iam.v1.TokenEndpointService",
    "prospectconnect.iam.v1.TokenService",
    "prospectconnect.iam.v1.UserService",
}
RECORDS = "prospectconnect.crm.v1.ContactService"


@pytest.fixture
def channel(stack: Stack) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(stack.grpc) as channel:
        yield channel


def test_every_service_is_told_and_serves(channel: grpc.Channel) -> None:
    told = set(ProtoReflectionDescriptorDatabase(channel).get_services())
    assert told >= SERVICES
    ours = {name for name in told if name.startswith("prospectconnect.")}
    health = health_pb2_grpc.HealthStub(channel)
    for name in ("", *ours):
        request = health_pb2.HealthCheckRequest(service=name)
        answer = health.Check(request, timeout=60)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_an_unknown_service_has_no_health(channel: grpc.Channel) -> None:
    health = health_pb2_grpc.HealthStub(channel)
    with pytest.raises(grpc.RpcError) as error:
        health.Check(health_pb2.HealthCheckRequest(service="none"), timeout=60)
    assert error.value.code() is grpc.StatusCode.NOT_FOUND


class Reflected:
    """A service that is called by nothing but what reflection tells of it."""

    def __init__(self, channel: grpc.Channel, service: str, token: str) -> None:
        pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
        self._service = pool.FindServiceByName(service)
        self._channel = channel
        self._token = token

    def call(self, name: str, fill: dict[str, Any]) -> Any:
        """Calls a method with a request of these fields."""
        method = self._service.methods_by_name[name]
        request = GetMessageClass(method.input_type)
        answer = GetMessageClass(method.output_type)
        call = self._channel.unary_unary(
            f"/{self._service.full_name}/{name}",
            request.SerializeToString,
            answer.FromString,
        )
        return call(request(**fill), metadata=bearer(self._token), timeout=60)


def test_reflection_is_enough_to_create_search_and_get(
    channel: grpc.Channel, tenant: Tenant
) -> None:
    contacts = Reflected(channel, RECORDS, tenant.tokens["owner"])
    given = {"email": "ada@example.com", "tags": ["reflected"], "lead_score": 7}
    made = contacts.call("CreateContact", {"contact": given})
    assert made.email == "ada@example.com"
    condition = {
        "field": "lead_score",
        "operator": "OPERATOR_EQ",
        "value": {"number_value": 7},
    }
    found = contacts.call("SearchContacts", {"filters": [condition]})
    assert [each.id for each in found.data] == [made.id]
    assert contacts.call("GetContact", {"id": made.id}) == made
