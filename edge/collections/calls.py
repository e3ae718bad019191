"""The requests of a document, as both kinds of collection need them."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from edge.openapi import files
from edge.openapi.parts import without_parts
from edge.reference.document import Document
from edge.reference.literals import literal
from edge.reference.operations import KEY, Operation, operations_of

# Both programs replace it by a new key for each request that is sent.
NEW_KEY = "{{$guid}}"
# What the variables of a collection are called.
BASE, VERSION, TOKEN = "base_url", "version", "token"
NAME = "ProspectConnect API"
ABOUT = (
    "Every operation of the API. Set the variable `token` to a token of yours; all "
    "requests send it, and the `Version` of their contract."
)


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter or a header; one that is off is not sent until it is switched on."""

    name: str
    value: str
    about: str
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """A request; `body` is its text, None if it has none."""

    operation: Operation
    path: tuple[Value, ...]
    query: tuple[Value, ...]
    headers: tuple[Value, ...]
    body: str | None

    @property
    def is_json(self) -> bool:
        """Whether its body is JSON."""
        body = self.operation.body
        return body is not None and not body.is_file


@dataclass(frozen=True, slots=True)
class Folder:
    """The requests of a resource."""

    name: str
    about: str
    calls: tuple[Call, ...]


def read(version: str) -> Document:
    """The document of a contract."""
    return Document(without_parts(orjson.loads(files.read(version))))


def folders_of(document: Document) -> Iterator[Folder]:
    """The folders of a document, in the order of its tags."""
    by_tag: dict[str, list[Call]] = {}
    for operation in operations_of(document, {}):
        by_tag.setdefault(operation.tag, []).append(_call(operation))
    for tag in document.content["tags"]:
        calls = by_tag.get(tag["name"], [])
        yield Folder(tag["name"], tag["description"], tuple(calls))


def _call(operation: Operation) -> Call:
    body = operation.body
    text = None
    if body is not None:
        text = body.example if body.is_file else literal(body.example)
    return Call(
        operation,
        path=tuple(Value(e.name, e.example, e.about) for e in operation.parameters),
        query=tuple(
            Value(e.name, e.example, e.about, is_on=False) for e in operation.query
        ),
        headers=tuple(_headers(operation)),
        body=text,
    )


def _headers(operation: Operation) -> Iterator[Value]:
    if operation.body is not None:
        yield Value("Content-Type", operation.body.media, "")
    for each in operation.headers:
        if each.name == "Version":
            yield Value(each.name, f"{{{{{VERSION}}}}}", each.about)
        elif each.name == KEY:
            yield Value(each.name, NEW_KEY, each.about)
        else:
            yield Value(each.name, each.example, each.about, is_on=False)
