"""Reads the operations of an OpenAPI document, as a client offers them.

A resource is a tag. A method is an operation without its resource's name:
`addContactTags` of `Contacts` is `add_tags`. Everything comes from the document; the
code names no resource.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from edge.openapi.parts import without_parts
from edge.reference.client_names import (
    attribute_words,
    camel,
    method_words,
    nouns_of,
    snake,
)

Json = Mapping[str, Any]

# The property of a search's body that has a method of its own.
IDS = "ids"
# The property of the body of a feed, whose last page is never the last.
WAIT = "wait_seconds"
# The property of the body of a request for pages.
LIMIT = "limit"
# The property of a body for which a client needs no header.
DRY = "dry_run"
# How many records clients ask for in a page.
USUAL = 100


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        words: Its name in a client, as words: `add`, `tags`.
        path_fields: The path's variables, in their order.
        query: The lists of the query, each with the type of its elements.
        lists: Those of the body that say what an answer holds.
        body: The type of the body, or None if the body has no fields.
        demands: Whether the body has a field that each call must give.
        by_ids: Whether it is a search that also finds records by their ids.
        result: The type of the answer, or None for one without a body.
        begun: The type of the answer if the operation goes on in a job; None if it
            never does.
        record: The type of a page's records, for an operation that returns pages.
        follows: Whether its pages go on with what happens.
        keyed: Whether it accepts an idempotency key.
        conditional: Whether it accepts `If-Match`. Reads accept it, too, but it is of
            no use to a client there.
        dry: Whether it accepts `Dry-Run`, and its body has no `dry_run` of its own.
        repeatable: Whether it may be sent twice, with the same key if keyed.
        largest: The most that a page holds, if that is less than clients ask for.
    """

    words: tuple[str, ...]
    description: str
    method: str
    path: str
    path_fields: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, str], ...]
    body: str | None
    demands: bool
    by_ids: bool
    result: str | None
    begun: str | None
    record: str | None
    follows: bool
    keyed: bool
    conditional: bool
    dry: bool
    repeatable: bool
    largest: int | None

    @property
    def snake(self) -> str:
        """Its name in Python."""
        return snake(self.words)

    @property
    def camel(self) -> str:
        """Its name in TypeScript."""
        return camel(self.words)


@dataclass(frozen=True, slots=True)
class Resource:
    """The operations of a tag, in the document's order.

    Attributes:
        name: The name of its class: `Contacts`, `CustomRecords`.
        attribute: The words of its name in a client: `contacts`, `custom`, `records`.
    """

    name: str
    attribute: tuple[str, ...]
    description: str
    operations: tuple[Operation, ...]

    @property
    def snake(self) -> str:
        """Its attribute in Python: `custom_records`."""
        return snake(self.attribute)

    @property
    def camel(self) -> str:
        """Its attribute in TypeScript: `customRecords`."""
        return camel(self.attribute)


def resources(document: Json) -> list[Resource]:
    """All resources of a document, in the order of its tags.

    Answers are those for a token that may read the records that it writes.
    """
    document = without_parts(document)
    found: dict[str, list[tuple[str, str, Json]]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if _streams(operation) or _has_files(operation):
                continue  # written by hand: `follow` reads pages, files are no records
            found.setdefault(operation["tags"][0], []).append((method, path, operation))
    return [
        Resource(
            name="".join(word.capitalize() for word in tag["name"].split()),
            attribute=attribute_words(tag["name"]),
            description=tag["description"],
            operations=_operations(document, members),
        )
        for tag in document["tags"]
        if (members := found.get(tag["name"]))
    ]


def owners(document: Json) -> dict[str, str]:
    """The type of record of each kind that has own fields, by its name in paths.

    Records of all own objects have one type, under the name `{object}`.
    """
    found: dict[str, str] = {}
    for path, item in document["paths"].items():
        named = re.fullmatch(r"/v1/(?:objects/)?([\w{}]+)(?:/records)?/{id}", path)
        if named is None or "get" not in item or _has_files(item["get"]):
            continue
        result = _result(item["get"])
        schema = document["components"]["schemas"][result] if result else {}
        if "custom_fields" in schema.get("properties", {}):
            found[named[1]] = str(result)
    return found


def _streams(operation: Json) -> bool:
    """Whether the answer goes on as long as the client stays."""
    good = operation["responses"].get("200", {})
    return "text/event-stream" in good.get("content", {})


def _has_files(operation: Json) -> bool:
    """Whether the body or the answer is the bytes of a file."""
    taken = operation.get("requestBody", {}).get("content", {"application/json": {}})
    return "206" in operation["responses"] or "application/json" not in taken


def _operations(
    document: Json, members: list[tuple[str, str, Json]]
) -> tuple[Operation, ...]:
    names = [operation["operationId"] for _, _, operation in members]
    nouns = nouns_of(members[0][2]["tags"][0], names)
    return tuple(_operation(document, nouns, *member) for member in members)


def _operation(
    document: Json, nouns: frozenset[str], method: str, path: str, operation: Json
) -> Operation:
    headers = set(_headers(document, operation))
    result = _result(operation)
    page_of = _record(document, result)
    # The figures of a report are a page that is always whole: nothing asks for more.
    record = page_of if LIMIT in _properties(document, operation) else None
    keyed = "Idempotency-Key" in headers
    return Operation(
        words=method_words(operation["operationId"], nouns),
        description=operation["description"],
        method=method.upper(),
        path=path,
        path_fields=tuple(re.findall(r"{(\w+)}", path)),
        query=tuple(_query(document, operation)),
        lists=tuple(_lists(_properties(document, operation))),
        body=_body(document, operation),
        demands=bool(_schema(document, operation).get("required")),
        by_ids=record is not None and IDS in _properties(document, operation),
        result=result,
        begun=_answered(operation["responses"].get("202", {})),
        record=record,
        follows=record is not None and WAIT in _properties(document, operation),
        keyed=keyed,
        conditional="If-Match" in headers and method != "get",
        dry="Dry-Run" in headers and DRY not in _properties(document, operation),
        repeatable=keyed or method != "post" or page_of is not None,
        largest=_largest(_properties(document, operation)),
    )


def _largest(properties: Json) -> int | None:
    most: int = properties.get(LIMIT, {}).get("maximum", USUAL)
    return most if most < USUAL else None


def _headers(document: Json, operation: Json) -> Iterator[str]:
    for parameter in operation["parameters"]:
        told = _resolved(document, parameter)
        if told["in"] == "header":
            yield told["name"]


def _query(document: Json, operation: Json) -> Iterator[tuple[str, str]]:
    for parameter in operation["parameters"]:
        told = _resolved(document, parameter)
        if told["in"] == "query":
            yield told["name"], _name(told["schema"]["items"])


def _lists(properties: Json) -> Iterator[tuple[str, str]]:
    for name in ("expand", "fields"):
        if IDS in properties and name in properties:
            yield name, _name(properties[name]["items"])


def _properties(document: Json, operation: Json) -> Json:
    """The properties of the body."""
    found: Json = _schema(document, operation).get("properties", {})
    return found


def _schema(document: Json, operation: Json) -> Json:
    """The schema of the body; empty for none."""
    content = operation.get("requestBody", {}).get("content", {})
    return _resolved(document, content.get("application/json", {}).get("schema", {}))


def _body(document: Json, operation: Json) -> str | None:
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    schema = content["application/json"]["schema"]
    return _name(schema) if _resolved(document, schema).get("properties") else None


def _result(operation: Json) -> str | None:
    """The type of the successful answer."""
    done = next(
        answer for status, answer in operation["responses"].items() if status[0] == "2"
    )
    return _answered(done)


def _answered(response: Json) -> str | None:
    """The type of an answer's body, None for one without a body."""
    if "content" not in response:
        return None
    return _name(response["content"]["application/json"]["schema"])


def _record(document: Json, result: str | None) -> str | None:
    """The type of the records of a page; None if the result is no page."""
    if result is None:
        return None
    properties = document["components"]["schemas"][result]["properties"]
    if not {"data", "meta"} <= set(properties) or "items" not in properties["data"]:
        return None
    if "cursor" not in _resolved(document, properties["meta"])["properties"]:
        return None  # of a batch: there is no next page
    return _name(properties["data"]["items"])


def _resolved(document: Json, node: Json) -> Json:
    found: Json = node
    while "$ref" in found:
        target: Any = document
        for step in found["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        found = target
    return found


def _name(schema: Json) -> str:
    return str(schema["$ref"].rpartition("/")[2])
