"""Requests with one text that is far too long, for every text in a method's request.

The fields come from descriptors, including those in nested messages, lists and maps.
The rest of the request is valid, so that the method receives the text.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from prospectconnect.options.v1 import options_pb2
from prospectconnect.type.v1.search_pb2 import Filter, Operator

from tests.harness.hostile.deep_values import field

# Texts of so many bytes of UTF-8; each is slow for another way of processing text.
SHAPES: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "digits": lambda size: "1" * size,
        "digits, then a letter": lambda size: "1" * (size - 1) + "x",
        "accents": lambda size: "é" * (size // 2),
        "dotted capitals": lambda size: "İ" * (size // 2),
        "pairs": lambda size: "\N{GRINNING FACE}" * (size // 4),
        "half a pair": lambda size: r"\ud83d" * (size // 6),
        "blanks": lambda size: " " * size,
        "a word in blanks": lambda size: " " * (size - 1) + "x",
        "words": lambda size: "a " * (size // 2),
        "quotes": lambda size: '"' * size,
        "brackets": lambda size: "(" * size,
        "base64": lambda size: "QUJD" * (size // 4),
        "dots": lambda size: "." * size,
        "labels": lambda size: "a." * (size // 2),
        "hyphens": lambda size: "a" + "-" * (size - 1),
        "percents": lambda size: "%" * size,
        "escapes": lambda size: "%41" * (size // 3),
        "a URL": lambda size: "https://" + "a/" * (size // 2 - 4),
        "an address": lambda size: "a@" + "b." * (size // 2 - 1),
        "commas": lambda size: "," * size,
    }
)

Path = tuple[FieldDescriptor, ...]
Known = Mapping[str, str]

# Of recursive messages, only one level is used for filters, and two for values.
_MOST_TIMES = MappingProxyType({"google.protobuf.Value": 2})


@dataclass(frozen=True, slots=True)
class Place:
    """A text of a method's request."""

    method: MethodDescriptor
    path: Path

    @property
    def name(self) -> str:
        """The method and the path, for people."""
        return f"{self.method.name} {'.'.join(item.name for item in self.path)}"

    @property
    def is_alone(self) -> bool:
        """Whether a fault elsewhere in the request would hide it."""
        policy = self.method.GetOptions().Extensions[options_pb2.method]
        return policy.raw or self.path[0].message_type is Filter.DESCRIPTOR

    @property
    def is_several(self) -> bool:
        """Whether it is in a list or a map, so that it can be repeated."""
        return any(item.is_repeated for item in self.path)


def places(methods: tuple[MethodDescriptor, ...]) -> tuple[Place, ...]:
    """All text and bytes fields in the requests of methods."""
    return tuple(
        Place(method, path)
        for method in methods
        for path in _paths(method.input_type, (method.input_type.full_name,))
    )


def _paths(descriptor: Descriptor, within: tuple[str, ...]) -> Iterator[Path]:
    for item in descriptor.fields:
        inner = item.message_type
        if inner is not None:
            if within.count(inner.full_name) < _MOST_TIMES.get(inner.full_name, 1):
                for path in _paths(inner, (*within, inner.full_name)):
                    yield (item, *path)
        elif item.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
            yield (item,)


def request(place: Place, text: str, known: Known, times: int = 1) -> bytes:
    """A request with the valid values in `known`, and with the text in its place.

    `times` is the number of repetitions in the innermost list of the path.
    """
    lists = [depth for depth, item in enumerate(place.path) if item.is_repeated]
    repeated = lists[-1] if lists else -1
    own = GetMessageClass(place.method.input_type)
    return _good(own, known) + _wire(place.path, text, known, times, repeated)


def full(among: Sequence[Place], text: str, known: Known) -> bytes:
    """A request of one method with the text in all of its places."""
    own = GetMessageClass(among[0].method.input_type)
    texts = [_wire(place.path, text, known, 1, -1) for place in among]
    return _good(own, known) + b"".join(texts)


def _wire(path: Path, text: str, known: Known, times: int, repeated: int) -> bytes:
    """A field and its content in protobuf's wire format; `repeated` is its depth."""
    item, rest = path[0], path[1:]
    many = times if repeated == 0 else 1
    if not rest:
        return many * _field(item, text.encode())
    inner: Any = item.message_type
    if many > 1 and inner.GetOptions().map_entry:
        return _entries(item, rest, text, known, many)
    content = b"" if inner.GetOptions().map_entry else _good_of(inner, known)
    content += _wire(rest, text, known, times, repeated - 1)
    return many * _field(item, content)


def _entries(
    item: FieldDescriptor, rest: Path, text: str, known: Known, many: int
) -> bytes:
    """Entries of a map, each with a different key."""
    inner: Any = item.message_type
    key = inner.fields_by_name["key"]
    begin, value = text, b""
    if rest[0].name != "key":
        begin, value = "k", _wire(rest, text, known, 1, -1)
    return b"".join(
        _field(item, _field(key, f"{begin}{number}".encode()) + value)
        for number in range(many)
    )


def _field(item: FieldDescriptor, content: bytes) -> bytes:
    return field(item.number, content)


def _good_of(descriptor: Descriptor, known: Known) -> bytes:
    return _good(GetMessageClass(descriptor), known)


def _good(message_class: Any, known: Known) -> bytes:
    """A message in which every known text has a valid value."""
    message = message_class()
    for item in message.DESCRIPTOR.fields:
        value = known.get(item.name)
        if value is None or item.type != FieldDescriptor.TYPE_STRING:
            continue
        if item.is_repeated:
            getattr(message, item.name).append(value)
        else:
            setattr(message, item.name, value)
    if isinstance(message, Filter):
        message.field, message.operator = "name", Operator.OPERATOR_EQ
    data: bytes = message.SerializeToString()
    return data
