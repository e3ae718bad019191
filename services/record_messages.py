"""The messages of the generated packages that are records.

A new proto is found by itself; nothing in the services lists the records.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import prospectconnect
from google.api import annotations_pb2
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from prospectconnect.options.v1 import options_pb2
from prospectconnect.options.v1.options_pb2 import RecordPolicy


@cache
def record_messages() -> tuple[type[Message], ...]:
    """Every message with the option `record`, in the order of scopes."""

    def place(message: type[Message]) -> tuple[bool, int, str]:
        policy = policy_of(message)
        return not policy.place, policy.place, policy.resource

    return tuple(sorted(_records(), key=place))


@cache
def operations() -> frozenset[str]:
    """The names of all public operations, as the OpenAPI documents have them."""
    return frozenset(
        method.name[:1].lower() + method.name[1:]
        for file in _files()
        for service in file.services_by_name.values()
        for method in service.methods
        if method.GetOptions().HasExtension(annotations_pb2.http)
    )


def policy_of(message: type[Message]) -> RecordPolicy:
    """The option `record` of a message."""
    options = message.DESCRIPTOR.GetOptions()
    policy: RecordPolicy = options.Extensions[options_pb2.record]
    return policy


def is_built_in(name: str) -> bool:
    """Whether every tenant has a type of record with this name."""
    return name in _built_in_names()


@cache
def _built_in_names() -> frozenset[str]:
    return frozenset(policy_of(each).plural for each in record_messages())


@dataclass(frozen=True, slots=True)
class Home:
    """Where the records of one type are: their table, and the condition for them in it.

    The condition is on a record `r` and follows others; it is empty where all records
    of the table are of the type.
    """

    table: str
    condition: str = ""


def home_of(name: str) -> Home:
    """Where the records of a type are: a built-in one, or a custom object's."""
    if is_built_in(name):
        return Home(name)
    policies = map(policy_of, record_messages())
    custom = next(policy for policy in policies if policy.object_field)
    return Home(custom.plural, f" AND r.{custom.object_field} = '{name}'")


def _files() -> Iterator[Any]:
    root = Path(next(iter(prospectconnect.__path__)))
    for path in root.rglob("*_pb2.py"):
        parts = path.relative_to(root.parent).with_suffix("").parts
        yield import_module(".".join(parts)).DESCRIPTOR


def _records() -> Iterator[type[Message]]:
    for file in _files():
        for message in file.message_types_by_name.values():
            if message.GetOptions().HasExtension(options_pb2.record):
                yield GetMessageClass(message)
