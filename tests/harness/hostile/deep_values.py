"""JSON that nests deeper than anybody writes, as Python has it and as protobuf does."""

from typing import Any

from google.protobuf.struct_pb2 import Struct, Value

# Deep enough to use up the stack of a process, were each level a call in C.
LEVELS = 200_000
# Deep enough for Python to refuse; a message as deep cannot be read from bytes.
PYTHON_LEVELS = 3_000

_VALUES, _LIST_VALUE = 1, 6  # the fields of a list, and of a value


def lists(levels: int = LEVELS) -> list[Any]:
    """A list in a list, and so on."""
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


def struct_bytes(levels: int = LEVELS) -> bytes:
    """A `google.protobuf.Struct` with such a list under the key `k`."""
    parts, size = [], 0
    for _ in range(levels):
        for number in (_VALUES, _LIST_VALUE):  # from the inside to the outside
            parts.append(_head(number, size))
            size += len(parts[-1])
    value = b"".join(reversed(parts))
    return field(1, field(1, b"k") + field(2, value))


def nest(struct: Struct, levels: int = PYTHON_LEVELS) -> None:
    """Makes the same in a message, level by level: a whole one cannot be copied."""
    value: Value = struct.fields["k"]
    for _ in range(levels):
        value = value.list_value.values.add()


def field(number: int, content: bytes) -> bytes:
    """A field of bytes as protobuf writes it."""
    return _head(number, len(content)) + content


def _head(number: int, size: int) -> bytes:
    return _varint(number << 3 | 2) + _varint(size)


def _varint(number: int) -> bytes:
    told = bytearray()
    while number > 127:
        told.append(number & 127 | 128)
        number >>= 7
    return bytes((*told, number))
