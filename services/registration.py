"""Builds gRPC services from descriptors: each method with its function."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass

from services.gates.request_checks import FaultFinder
from services.standard import Answer, Kept, standard_methods


@dataclass(frozen=True, slots=True)
class Service:
    """A gRPC service. The keys of `methods` and `finders` are names of methods.

    `finders` find the faults of a method's request that only the database knows.
    """

    descriptor: ServiceDescriptor
    methods: Mapping[str, Answer]
    finders: Mapping[str, FaultFinder]

    def add_to(self, server: Any) -> None:
        """Adds the service to a gRPC server, as generated code does."""
        name = self.descriptor.full_name
        handlers = {
            method.name: _maker(method)(
                self.methods[method.name],
                request_deserializer=GetMessageClass(method.input_type).FromString,
                response_serializer=_serialized,
            )
            for method in self.descriptor.methods
        }
        generic = grpc.method_handlers_generic_handler(name, handlers)
        server.add_generic_rpc_handlers((generic,))
        server.add_registered_method_handlers(name, handlers)


def _serialized(answer: Any) -> bytes:
    """Serializes a message, or what stands for one."""
    return bytes(answer.SerializeToString())


def _maker(method: MethodDescriptor) -> Any:
    if method.server_streaming:
        return grpc.unary_stream_rpc_method_handler
    return grpc.unary_unary_rpc_method_handler


def service_of(full_name: str, own: object, kept: Kept | None = None) -> Service:
    """Builds a service from the methods of `own` and the standard methods.

    `own` has a method, named as in the proto, for each method that is not standard. It
    may replace standard methods.

    Raises:
        ValueError: No function answers a method of the service.
    """
    descriptor: Any = descriptor_pool.Default().FindServiceByName(full_name)
    standard = {} if kept is None else standard_methods(descriptor, kept)
    methods = {}
    for method in descriptor.methods:
        answer = getattr(own, method.name, None) or standard.get(method.name)
        if answer is None:
            raise ValueError(f"nothing answers {full_name}.{method.name}")
        methods[method.name] = answer
    return Service(descriptor, methods, getattr(own, "finders", {}))


def record_service(kept: Kept, own: object = None) -> Service:
    """Builds the service of a kind of record, which its proto defines.

    `own` are its methods where its behaviour cannot build them.
    """
    message = kept.records.kind.message.DESCRIPTOR
    own = own or kept.records.compiled.behaviour.methods(kept.records)
    package = message.full_name.rpartition(".")[0]
    return service_of(f"{package}.{message.name}Service", own, kept)
