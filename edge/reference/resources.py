"""The resources of a document; each has a page, and so has each of its operations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edge.reference.document import Document, Schema
from edge.reference.fields import Field, fields_of, marked
from edge.reference.filters import names_of
from edge.reference.operations import Answer, Operation, operations_of
from edge.reference.rules import anchor_of, words_of

_BY_ID = "/{id}"


@dataclass(frozen=True, slots=True)
class Record:
    """The record of a resource: its name, address and fields."""

    title: str
    anchor: str
    about: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource, with its operations in the order of the page.

    `problems` are the problems that they can answer, each status once.
    """

    name: str
    path: str
    about: str
    record: Record | None
    operations: tuple[Operation, ...]
    problems: tuple[Answer, ...]


def resources_of(document: Document, base: str) -> tuple[Resource, ...]:
    """All resources; `base` is the address above their pages."""
    pages = {
        tag["name"]: f"{base}/{tag['name'].lower().replace(' ', '-')}"
        for tag in document.content["tags"]
    }
    records = dict(_records(document))
    targets = {
        schema: f"{pages[tag]}#{_anchor(schema)}" for tag, schema in records.items()
    }
    operations = sorted(operations_of(document, targets), key=_place)
    found = []
    for tag in document.content["tags"]:
        name = tag["name"]
        own = [each for each in operations if each.tag == name]
        schema = records.get(name)
        record = _record(document, schema, own, targets) if schema else None
        found.append(_resource(document, tag, pages[name], record, own))
    return tuple(found)


def operation_path(resource: Resource, operation: Operation) -> str:
    """The address of the page of an operation."""
    return f"{resource.path}/{operation.anchor}"


def _records(document: Document) -> Iterator[tuple[str, str]]:
    """By tag, the schema of each resource whose records can be read by id."""
    for path, item in document.content["paths"].items():
        if path.endswith(_BY_ID) and "get" in item:
            told = item["get"]
            media = next(iter(told["responses"]["200"]["content"].values()))
            yield told["tags"][0], document.name_of(media["schema"])


def _resource(
    document: Document,
    tag: Schema,
    path: str,
    record: Record | None,
    operations: list[Operation],
) -> Resource:
    problems = {
        answer.status: answer
        for operation in operations
        for answer in operation.answers
        if answer.is_problem
    }
    return Resource(
        name=tag["name"],
        path=path,
        about=record.about if record else tag["description"],
        record=record,
        operations=tuple(operations),
        problems=tuple(problems[status] for status in sorted(problems)),
    )


def _place(operation: Operation) -> int:
    """The position of an operation: create, read, change, search, then the rest."""
    collection = not operation.parameters and operation.path.count("/") == 2
    alone = operation.path.endswith(_BY_ID)
    order = (
        operation.method == "POST" and collection,
        operation.path.endswith("/search"),
        operation.method == "GET",
        operation.method == "PATCH" and alone,
        operation.method == "DELETE" and alone,
    )
    return order.index(True) if True in order else len(order)


def _record(
    document: Document,
    schema: str,
    operations: list[Operation],
    targets: Mapping[str, str],
) -> Record:
    found = document.content["components"]["schemas"][schema]
    searches = [each.body for each in operations if each.body and each.body.conditions]
    filters = {name for each in searches for name in names_of(each.conditions)}
    sorts = {name for each in searches for name in each.orders}
    return Record(
        title=f"The {words_of(schema)}",
        anchor=_anchor(schema),
        about=str(found["description"]),
        fields=marked(fields_of(document, found, targets), filters, sorts),
    )


def _anchor(schema: str) -> str:
    return f"the-{anchor_of(schema)}"
