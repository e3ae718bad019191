"""Services from descriptors: each method with the function that answers it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass

from services.gates.request_checks import FaultFinder
from services.standard import Answer, Kept, standard_methods


@dataclass(frozen=True, slots=True)
class Service:
    """A gRPC service. `methods` and `finders` are by the name of the method.

    `finders` tell the faults of a method's request that only the database knows.
    """

    descriptor: ServiceDescriptor
    methods: Mapping[str, Answer]
    finders: Mapping[str, FaultFinder]

    def add_to(self, server: Any) -> None:
        """Adds the service to a gRPC server, as generated code does."""
        name = self.descriptor.full_name
        handlers = {
            method.name: grpc.unary_unary_rpc_method_handler(
                self.methods[method.name],
                request_deserializer=GetMessageClass(method.input_type).FromString,
                response_serializer=GetMessageClass(
                    method.output_type
                ).SerializeToString,
            )
            for method in self.descriptor.methods
        }
        generic = grpc.method_handlers_generic_handler(name, handlers)
        server.add_generic_rpc_handlers((generic,))
        server.add_registered_method_handlers(name, handlers)


def service_of(full_name: str, own: object, kept: Kept | None = None) -> Service:
    """The service with a name, its methods answered by `own`, else as standard ones.

    `own` has a method for each that is not standard, named as in the proto, and may
    have one for a standard method that differs.

    Raises:
        ValueError: A method of the service has no answer.
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


def record_service(kept: Kept) -> Service:
    """The service of a kind of record, which its proto defines beside the record."""
    message = kept.records.kind.message.DESCRIPTOR
    own = kept.records.compiled.behaviour.methods(kept.records)
    package = message.full_name.rpartition(".")[0]
    return service_of(f"{package}.{message.name}Service", own, kept)
