"""The messages of the generated packages that are records.

A new proto is found by itself; nothing in the services lists the records.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import prospectconnect
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


def policy_of(message: type[Message]) -> RecordPolicy:
    """The option `record` of a message."""
    options = message.DESCRIPTOR.GetOptions()
    policy: RecordPolicy = options.Extensions[options_pb2.record]
    return policy


def _records() -> Iterator[type[Message]]:
    root = Path(next(iter(prospectconnect.__path__)))
    for path in root.rglob("*_pb2.py"):
        parts = path.relative_to(root.parent).with_suffix("").parts
        file = import_module(".".join(parts)).DESCRIPTOR
        for message in file.message_types_by_name.values():
            if message.GetOptions().HasExtension(options_pb2.record):
                yield GetMessageClass(message)
