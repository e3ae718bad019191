"""The operations of a document: their requests and answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from edge.reference.client_names import method_words, nouns_of
from edge.reference.document import Document, Schema, example_of, examples_of
from edge.reference.fields import Field, fields_of
from edge.reference.filters import Condition, conditions_of
from edge.reference.rules import anchor_of, type_of

JSON, EVENTS = "application/json", "text/event-stream"
KEY = "Idempotency-Key"
_METHODS = ("get", "post", "patch", "put", "delete")
_CREATED = 201
_FIRST_PROBLEM = 400
_PART = "206"  # only files are answered in parts


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of the path, or a header; `pattern` is for the check in the browser."""

    name: str
    type: str
    about: str
    required: bool
    pattern: str
    example: str


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request.

    Attributes:
        fields: Its fields.
        conditions: The conditions of a search's filters.
        orders: The fields that a search can be ordered by.
        rule: A further rule, as a sentence.
        example: An example that works, as JSON; of a file the text.
        media: Its type of media.
        schema: The name of its schema.
    """

    fields: tuple[Field, ...]
    conditions: tuple[Condition, ...]
    orders: tuple[str, ...]
    rule: str
    example: Any
    media: str
    schema: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is a file, of no fields."""
        return self.media != JSON


@dataclass(frozen=True, slots=True)
class Answer:
    """A possible answer.

    `target` is the address where it is described. `own` means that only this operation
    has the answer. `examples` are values, each with a description.
    """

    status: int
    about: str
    headers: tuple[str, ...]
    type: str
    target: str
    fields: tuple[Field, ...]
    examples: tuple[tuple[str, Any], ...]
    own: bool

    @property
    def is_problem(self) -> bool:
        """Whether it is a problem document."""
        return self.status >= _FIRST_PROBLEM


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation; `scope` is empty where any valid token will do.

    `streams`: its answer is events, without an end. `is_file`: its answer is a file.
    `words`: its name in the clients, without the name of the resource.
    """

    name: str
    method: str
    path: str
    tag: str
    summary: str
    about: str
    scope: str
    for_apps: bool
    parameters: tuple[Parameter, ...]
    query: tuple[Parameter, ...]
    headers: tuple[Parameter, ...]
    body: Body | None
    answers: tuple[Answer, ...]
    streams: bool
    is_file: bool
    words: tuple[str, ...]

    @property
    def is_paged(self) -> bool:
        """Whether it answers with a page of records, after which there may be more."""
        taken = {field.name for field in self.body.fields} if self.body else set()
        inner = {field.name: field.fields for field in self.good.fields}
        meta = {field.name for field in inner.get("meta", ())}
        return "limit" in taken and "data" in inner and "cursor" in meta

    @property
    def has_key(self) -> bool:
        """Whether it accepts an idempotency key."""
        return any(each.name == KEY for each in self.headers)

    @property
    def anchor(self) -> str:
        """Its anchor on its page."""
        return anchor_of(self.name)

    @property
    def good(self) -> Answer:
        """The answer of a call that succeeded."""
        created = (each for each in self.answers if each.status == _CREATED)
        return next(created, self.answers[0])


def operations_of(
    document: Document, targets: Mapping[str, str]
) -> Iterator[Operation]:
    """All operations.

    Args:
        document: The document.
        targets: The addresses of schemas that are described elsewhere, by name.
    """
    nouns = _nouns(document)
    for path, item in document.content["paths"].items():
        for method in _METHODS:
            if method in item:
                left_out = nouns[item[method]["tags"][0]]
                yield _operation(
                    document, targets, left_out, method, path, item[method]
                )


def _nouns(document: Document) -> dict[str, frozenset[str]]:
    """By tag, what the names of its operations in the clients leave out."""
    names: dict[str, list[str]] = {}
    for item in document.content["paths"].values():
        for told in item.values():
            names.setdefault(told["tags"][0], []).append(told["operationId"])
    return {tag: nouns_of(tag, found) for tag, found in names.items()}


def _operation(
    document: Document,
    targets: Mapping[str, str],
    nouns: frozenset[str],
    method: str,
    path: str,
    told: Schema,
) -> Operation:
    parameters = [document.resolved(each) for each in told["parameters"]]
    schemes: Schema = {}
    for each in told["security"]:
        schemes |= each
    scopes = [scope for needed in schemes.values() for scope in needed]
    return Operation(
        name=told["operationId"],
        method=method.upper(),
        path=path,
        tag=told["tags"][0],
        summary=told["summary"],
        about=told["description"],
        scope=scopes[0] if scopes else "",
        for_apps="oauth2" in schemes,
        parameters=tuple(_parameters(document, parameters, "path")),
        query=tuple(_parameters(document, parameters, "query")),
        headers=tuple(_parameters(document, parameters, "header")),
        body=_body(document, targets, told.get("requestBody"), _either(document, path)),
        answers=tuple(
            _answer(document, targets, int(status), each)
            for status, each in sorted(told["responses"].items())
        ),
        streams=EVENTS in told["responses"].get("200", {}).get("content", {}),
        is_file=_PART in told["responses"],
        words=method_words(told["operationId"], nouns),
    )


def _parameters(
    document: Document, parameters: list[Schema], place: str
) -> Iterator[Parameter]:
    for each in parameters:
        if each["in"] == place:
            schema, example = each["schema"], example_of(each)
            yield Parameter(
                name=each["name"],
                type=type_of(document, schema),
                about=each["description"],
                required=each.get("required", False),
                pattern=schema.get("pattern", "").strip("^$"),
                example="" if example is None else str(example),
            )


def _either(document: Document, path: str) -> tuple[str, ...]:
    """A create needs one of these fields; an upsert may create, too."""
    create = document.content["paths"].get(path.removesuffix("/upsert"), {}).get("post")
    if create is None or "requestBody" not in create:
        return ()
    schema = document.resolved(create["requestBody"]["content"][JSON]["schema"])
    return tuple(schema.get("not", {}).get("properties", ()))


def _body(
    document: Document,
    targets: Mapping[str, str],
    told: Schema | None,
    either: tuple[str, ...],
) -> Body | None:
    if told is None:
        return None
    kind = JSON if JSON in told["content"] else next(iter(told["content"]))
    media = told["content"][kind]
    if kind != JSON:
        return Body((), (), (), "", example_of(media) or "", kind)
    schema = document.resolved(media["schema"])
    order = schema.get("properties", {}).get("order_by", {})
    names = [
        name for each in order.get("anyOf", (order,)) for name in each.get("enum", ())
    ]
    return Body(
        fields=fields_of(document, schema, targets, asked=True),
        conditions=tuple(conditions_of(document, schema)),
        orders=tuple(filter(None, names)),
        rule=_rule(schema),
        example=_on_its_own(document, schema, example_of(media) or {}, either),
        media=kind,
        schema=document.name_of(media["schema"]),
    )


def _rule(schema: Schema) -> str:
    """The rule in a schema's `not`: these fields are not all null."""
    names = [f"`{name}`" for name in schema.get("not", {}).get("properties", ())]
    if not names:
        return ""
    listed = " and ".join([", ".join(names[:-1]), names[-1]]) if names[1:] else names[0]
    return f"At least one of {listed} is always set."


def _on_its_own(
    document: Document, schema: Schema, example: Schema, either: tuple[str, ...]
) -> Schema:
    """An example without the references that it does not need.

    They are ids of records of another tenant, which the reader does not have.
    """
    # If one of several fields is required, it keeps the first that the example has.
    first = next((name for name in either if name in example), "")
    needed = {*schema.get("required", ()), first}
    return {
        name: value
        for name, value in example.items()
        if name in needed or not _is_link(document, schema["properties"][name])
    }


def _is_link(document: Document, schema: Schema) -> bool:
    bare, _ = document.without_null(schema)
    return str(document.resolved(bare).get("format", "")).endswith("-id")


def _answer(
    document: Document, targets: Mapping[str, str], status: int, part: Schema
) -> Answer:
    told = document.resolved(part)
    media: Schema = next(iter(told.get("content", {}).values()), {})
    schema = media.get("schema", {})
    target = targets.get(document.name_of(schema), "")
    own = status < _FIRST_PROBLEM
    return Answer(
        status=status,
        about=told["description"],
        headers=tuple(told.get("headers", ())),
        type=type_of(document, schema) if schema else "",
        target=target,
        fields=fields_of(document, schema, targets) if own and not target else (),
        examples=examples_of(media),
        own="$ref" not in part,
    )
