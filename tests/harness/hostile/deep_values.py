"""Very deeply nested JSON, as Python values and as protobuf."""

from typing import Any

from google.protobuf.struct_pb2 import Struct, Value

# Deep enough to overflow the stack of a process if each level were a call in C.
LEVELS = 200_000
# Deep enough for Python to refuse; a message of this depth cannot be parsed.
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
        for number in (_VALUES, _LIST_VALUE):  # from the inside out
            parts.append(_head(number, size))
            size += len(parts[-1])
    value = b"".join(reversed(parts))
    return field(1, field(1, b"k") + field(2, value))


def nest(struct: Struct, levels: int = PYTHON_LEVELS) -> None:
    """Makes the same in a message, level by level, because it cannot be copied."""
    value: Value = struct.fields["k"]
    for _ in range(levels):
        value = value.list_value.values.add()


def field(number: int, content: bytes) -> bytes:
    """A field of bytes in protobuf's wire format."""
    return _head(number, len(content)) + content


def _head(number: int, size: int) -> bytes:
    return _varint(number << 3 | 2) + _varint(size)


def _varint(number: int) -> bytes:
    told = bytearray()
    while number > 127:
        told.append(number & 127 | 128)
        number >>= 7
    return bytes((*told, number))
