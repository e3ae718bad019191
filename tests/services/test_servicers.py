"""The servicers by themselves, by grpc_testing: nothing promised is left out.

grpc_testing knows no asyncio: a method of ours ends, for it, when it has returned its
coroutine. That tells whether there is one; the test then awaits it where it matters.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import grpc_testing
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from prospectconnect.iam.v1 import access_pb2

from services.caller import CURRENT_CALL, Call
from services.iam.access import Access
from services.registration import Service
from services.server import Services, close_services, open_services
from services.settings import ServiceSettings
from tests.stacks import Stack
from tests.world import new_tenant

Invoke = Callable[[MethodDescriptor], Coroutine[Any, Any, Any]]


class Answers:
    """What grpc_testing asks for: a method's answer as an attribute with its name."""

    def __init__(self, service: Service) -> None:
        for name, answer in service.methods.items():
            setattr(self, name, answer)


def with_servicers(
    database_url: str, work: Callable[[Services, Invoke], Awaitable[None]]
) -> None:
    """Opens the services and lets them be invoked, without interceptors."""

    async def run() -> None:
        services = await open_services(ServiceSettings(database_url=database_url))
        servicers = {each.descriptor: Answers(each) for each in services.services}
        clock = grpc_testing.strict_real_time()
        server = grpc_testing.server_from_dictionary(servicers, clock)

        def invoke(method: MethodDescriptor) -> Coroutine[Any, Any, Any]:
            request = GetMessageClass(method.input_type)()
            rpc = server.invoke_unary_unary(method, (), request, None)
            answer, _, code, details = rpc.termination()
            assert inspect.iscoroutine(answer), (method.full_name, code, details)
            return answer

        try:
            await work(services, invoke)
        finally:
            await close_services(services)

    asyncio.run(run())


def test_every_method_of_every_service_is_implemented(database_url: str) -> None:
    async def work(services: Services, invoke: Invoke) -> None:
        methods = [m for r in services.services for m in r.descriptor.methods]
        assert len(methods) >= len(services.services)
        for method in methods:
            invoke(method).close()

    with_servicers(database_url, work)


def test_a_method_needs_to_know_its_call_and_nothing_else(database_url: str) -> None:
    tenant = new_tenant(Stack("none", "", "", database_url))
    service = access_pb2.DESCRIPTOR.services_by_name["AccessService"]

    async def work(services: Services, invoke: Invoke) -> None:
        access = Access(services.database, remember_seconds=1)
        caller = await access.caller(f"Bearer {tenant.tokens['member']}")
        CURRENT_CALL.set(Call(caller))
        me = await invoke(service.methods_by_name["GetMe"])
        assert me.business.id == tenant.business_id
        assert me.user.id == tenant.users["member"]

    with_servicers(database_url, work)
