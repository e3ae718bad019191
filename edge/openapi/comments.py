"""The comments of the protos, worded for HTTP.

A comment documents its element for gRPC and for HTTP. The reasons that it names are
replaced by HTTP statuses here.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from edge.problems import PROBLEMS

_REASON = re.compile(r"\b(?:{})\b".format("|".join(PROBLEMS)))
# Two reasons of one status, as they read once they are statuses.
_TWICE = re.compile(r"\b(\d{3})(?: or \1\b)+")

# The parts of a file and of a message: by field number, the field that contains them.
_OF_FILE = ((4, "message_type"), (5, "enum_type"), (6, "service"))
_OF_PART = {
    "message_type": ((2, "field"), (3, "nested_type"), (4, "enum_type")),
    "nested_type": ((2, "field"), (3, "nested_type"), (4, "enum_type")),
    "enum_type": ((2, "value"),),
    "service": ((2, "method"),),
}

Path = tuple[int, ...]


def read_comments(descriptor_set: bytes) -> Mapping[str, str]:
    """The comments of a descriptor set, by the full names of their elements.

    The full name of an enum value contains the enum's name.
    """
    found = {}
    for file in FileDescriptorSet.FromString(descriptor_set).file:
        comments = {
            tuple(location.path): location.leading_comments
            for location in file.source_code_info.location
            if location.leading_comments
        }
        for path, name in _elements(file, (), _OF_FILE, file.package):
            if path in comments:
                found[name] = _text(comments[path])
    return found


def _elements(
    part: Any, path: Path, kinds: tuple[tuple[int, str], ...], name: str
) -> Iterator[tuple[Path, str]]:
    for number, kind in kinds:
        for index, each in enumerate(getattr(part, kind)):
            below = (*path, number, index), f"{name}.{each.name}"
            yield below
            yield from _elements(each, below[0], _OF_PART.get(kind, ()), below[1])


def _text(comment: str) -> str:
    paragraphs = comment.strip().split("\n\n")
    joined = (" ".join(line.strip() for line in p.split("\n")) for p in paragraphs)
    told = _REASON.sub(partial(_status), "\n\n".join(joined))
    return _TWICE.sub(r"\1", told)


def _status(found: re.Match[str]) -> str:
    return str(PROBLEMS[found[0]].status)


def sentence(text: str, name: str) -> str:
    """A comment without its element's name at the start."""
    rest = text.removeprefix(f"{name} ").removeprefix("is ")
    return rest[:1].upper() + rest[1:]
