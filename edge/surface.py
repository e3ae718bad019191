"""The public surface: every generated service that has an HTTP rule.

A new proto is found by itself; nothing in the edge names a service.
"""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import prospectconnect
from google.api import annotations_pb2
from google.protobuf.descriptor import ServiceDescriptor
from prospectconnect.options.v1 import options_pb2
from prospectconnect.options.v1.options_pb2 import RecordPolicy


def public_services() -> tuple[ServiceDescriptor, ...]:
    """The services of the generated packages that say how HTTP reaches them."""
    return tuple(filter(_is_public, all_services()))


def all_services() -> tuple[ServiceDescriptor, ...]:
    """The services of the generated packages, those for inside as well."""
    root = Path(next(iter(prospectconnect.__path__)))
    services: list[ServiceDescriptor] = []
    for path in sorted(root.rglob("*_pb2.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        file = import_module(".".join(parts)).DESCRIPTOR
        services += file.services_by_name.values()
    return tuple(services)


def records_of(services: Iterable[ServiceDescriptor]) -> dict[str, RecordPolicy]:
    """What describes the records that services answer with, by their resources."""
    found = {}
    for service in services:
        for method in service.methods:
            options = method.output_type.GetOptions()
            if options.HasExtension(options_pb2.record):
                policy = options.Extensions[options_pb2.record]
                found[policy.resource] = policy
    return found


def _is_public(service: ServiceDescriptor) -> bool:
    return any(
        method.GetOptions().HasExtension(annotations_pb2.http)
        for method in service.methods
    )
