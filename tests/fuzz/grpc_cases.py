"""Calls of every method that there is, with messages filled from their descriptors."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from edge.surface import all_services
from services.gates.door import EDGE_SECRET
from tests import stacks
from tests.fuzz import hostile
from tests.fuzz.http_cases import Target

_WHOLE = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
    FieldDescriptor.CPPTYPE_ENUM: (-1, 9),
}
_FITTING = ("Ada", "a@b.example", "VIP", "https://a.example/b", "name", "eq", "DE")
_FLOATS = (0.0, -0.0, 1e308, float("inf"), float("nan"), 0.1)
_MOST_DEPTH = 4

# What may stand in metadata beside the token.
_METADATA = (
    *(("idempotency-key", "k1"), ("idempotency-key", "k" * 300), ("traceparent", "x")),
    *(("x-faulty-fields", "name"), ("x-faulty-fields", "~"), ("x-a-bin", b"\0\xff")),
    *(("grpc-timeout", "1n"), ("user-agent", "x"), ("x-forwarded-for", "1.2.3.4")),
    *(("authorization", "Bearer x"), ("authorization", "Session x")),
)


@dataclass(frozen=True, slots=True)
class GrpcCase:
    """A call: its path, the bytes of its message, its metadata."""

    path: str
    message: bytes
    metadata: tuple[tuple[str, str | bytes], ...]


@dataclass(frozen=True, slots=True)
class _Draw:
    """What a message is drawn from, and the share of its inner fields that is set."""

    random: Random
    ids: tuple[str, ...]
    share: float


def methods() -> tuple[MethodDescriptor, ...]:
    """Every method of every service, those for inside as well."""
    return tuple(each for service in all_services() for each in service.methods)


def grpc_case(
    random: Random, known: tuple[MethodDescriptor, ...], target: Target
) -> GrpcCase:
    """A call, mostly with something wrong."""
    method = random.choice(known)
    message = GetMessageClass(method.input_type)()
    _fill(_Draw(random, target.ids, random.choice((0.1, 0.5))), message)
    data = message.SerializePartialToString()
    if random.random() < 0.2:
        data = hostile.torn(random, data)
    metadata: list[tuple[str, str | bytes]] = []
    if random.random() < 0.95:
        metadata.append(("authorization", f"Bearer {random.choice(target.tokens)}"))
    if random.random() < 0.8:
        metadata.append((EDGE_SECRET, stacks.EDGE_SECRET))
    metadata += random.sample(_METADATA, random.choice((0, 0, 0, 1, 3)))
    path = f"/{method.containing_service.full_name}/{method.name}"
    if random.random() < 0.02:
        path += random.choice(("x", "/", "%00"))
    return GrpcCase(path, data, tuple(metadata))


def _fill(draw: _Draw, message: Message, depth: int = 0) -> None:
    """Sets some fields of a message to anything that their types can hold."""
    for item in message.DESCRIPTOR.fields:
        is_id = item.name == "id" or item.name.endswith("_id")
        if draw.random.random() > (0.9 if is_id or depth == 0 else draw.share):
            continue
        try:
            _set(draw, message, item, depth)
        except (ValueError, UnicodeEncodeError):
            continue  # protobuf itself does not take it


def _set(draw: _Draw, message: Message, item: Any, depth: int) -> None:
    if item.message_type is None:
        many = draw.random.choice((1, 1, 1, 3, 60))
        drawn = [_scalar(draw, item) for _ in range(many)]
        if item.is_repeated:
            getattr(message, item.name).extend(drawn)
        else:
            setattr(message, item.name, drawn[0])
    elif depth < _MOST_DEPTH:
        for inner in _inner(draw.random, message, item):
            _fill(draw, inner, depth + 1)


def _inner(random: Random, message: Any, item: Any) -> Iterator[Message]:
    field = getattr(message, item.name)
    if not item.is_repeated:
        field.SetInParent()
        yield field
    elif item.message_type.GetOptions().map_entry:
        yield field[random.choice(hostile.TEXTS)]
    else:
        for _ in range(random.randrange(4)):
            yield field.add()


def _scalar(draw: _Draw, item: Any) -> Any:
    random = draw.random
    if item.type == FieldDescriptor.TYPE_BYTES:
        return random.randbytes(random.randrange(40))
    if item.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        known = draw.ids if "id" in item.name.split("_") else _FITTING
        return random.choice(known if random.random() < 0.6 else hostile.TEXTS)
    if item.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return random.random() < 0.5
    if item.cpp_type in _WHOLE:
        return random.choice((*_WHOLE[item.cpp_type], 0, 1, 7))
    return random.choice(_FLOATS)
