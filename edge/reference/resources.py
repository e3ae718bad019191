"""The resources of a document: what each page of the reference is about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edge.reference.document import Document
from edge.reference.fields import Field, fields_of, marked
from edge.reference.filters import names_of
from edge.reference.operations import Answer, Operation, operations_of
from edge.reference.rules import words_of

_BY_ID = "/{id}"


@dataclass(frozen=True, slots=True)
class Record:
    """What a resource's operations are about: its name, place and fields."""

    title: str
    anchor: str
    about: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource, its operations in the order in which they are read.

    `problems` are the problems that they answer, each status once.
    """

    name: str
    path: str
    about: str
    record: Record | None
    operations: tuple[Operation, ...]
    problems: tuple[Answer, ...]


def resources_of(document: Document, base: str) -> tuple[Resource, ...]:
    """All resources; `base` is the address below which their pages are."""
    pages = {
        tag["name"]: f"{base}/{tag['name'].lower()}" for tag in document.content["tags"]
    }
    records = dict(_records(document))
    targets = {
        schema: f"{pages[tag]}#{_anchor(schema)}" for tag, schema in records.items()
    }
    operations = tuple(operations_of(document, targets))
    return tuple(
        _resource(
            document,
            tag["name"],
            pages[tag["name"]],
            tag["description"],
            records.get(tag["name"], ""),
            [each for each in operations if each.tag == tag["name"]],
            targets,
        )
        for tag in document.content["tags"]
    )


def _records(document: Document) -> Iterator[tuple[str, str]]:
    """The schema of each resource that is got by its id, by its tag."""
    for path, item in document.content["paths"].items():
        if path.endswith(_BY_ID) and "get" in item:
            told = item["get"]
            media = next(iter(told["responses"]["200"]["content"].values()))
            yield told["tags"][0], document.name_of(media["schema"])


def _resource(  # noqa: PLR0913, PLR0917 - the parts of one thing
    document: Document,
    name: str,
    path: str,
    about: str,
    schema: str,
    operations: list[Operation],
    targets: Mapping[str, str],
) -> Resource:
    operations.sort(key=_place)
    problems = {
        answer.status: answer
        for operation in reversed(operations)
        for answer in operation.answers
        if answer.is_problem and (not answer.own or answer.example is not None)
    }
    return Resource(
        name=name,
        path=path,
        about=about,
        record=_record(document, schema, operations, targets) if schema else None,
        operations=tuple(operations),
        problems=tuple(problems[status] for status in sorted(problems)),
    )


def _place(operation: Operation) -> int:
    """Where an operation stands: make one, read it, change it, find it, the rest."""
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
    filters: set[str] = set()
    sorts: set[str] = set()
    for each in operations:
        if each.body is not None and each.body.conditions:
            filters |= names_of(each.body.conditions)
            sorts |= {
                value
                for field in each.body.fields
                if field.name == "order_by"
                for value, _ in field.values
            }
    return Record(
        title=f"The {words_of(schema)}",
        anchor=_anchor(schema),
        about=str(found["description"]),
        fields=marked(fields_of(document, found, targets), filters, sorts),
    )


def _anchor(schema: str) -> str:
    return f"the-{words_of(schema).replace(' ', '-')}"
