"""Tools: the operations of the API as assistants see them, made once at start.

The arguments of a tool come from the OpenAPI document: the parameters of the path and
the fields of the body, side by side. Further constraints in a body's schema (such as
"one of two fields is required") are omitted, because hosts of assistants refuse them at
the top level; the services check them. Only `figures` and `files` name tools.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from edge.callers.caller import Caller
from edge.mcp import figures, files
from edge.mcp.arguments import (
    DEFAULT_LIMIT,
    DRY_RUN_ARGUMENT,
    IDEMPOTENCY_KEY,
    LARGEST_LIMIT,
)
from edge.mcp.filters import Resolve, plain_filters
from edge.openapi.values import NOT_BLANK
from edge.operations import Operation
from edge.transcoder.routes import Route

# Operations on tokens are no tools: an assistant must not be able to make tokens.
_NOT_FOR_ASSISTANTS = "token."

_REFERENCE = "#/components/schemas/"
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_KEY_SCHEMA = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[!-~]+$",
    "description": (
        "Makes the call safe to repeat: a second one with the same key and arguments "
        "changes nothing and gives the first answer again. Use a new one, e.g. a "
        "UUID, for each thing to be done."
    ),
}

_DRY_RUN_SCHEMA = {
    "type": "boolean",
    "description": "Answers as in earnest, but writes nothing.",
}

# What a read may ask for, and how many sentences of its description are enough.
_ASKED = {"fields": 1, "expand": 2, "ids": 1}

# How the names of further tools begin that may overwrite or delete.
_OVERWRITING = ("batch", "cancel", "change", "erase", "replace", "start", "upsert")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """An operation as a tool; `listed` is its JSON in the list of tools."""

    name: str
    operation: Operation
    listed: orjson.Fragment

    def is_open_to(self, caller: Caller) -> bool:
        """Whether both the caller's scopes and role grant it.

        An operation that asks for the permission of the record it finds is open to
        callers who may write any record, or read any if it only reads; and so is a
        batch to those who may write.
        """
        route = self.operation.route
        granted = caller.scope_permissions & caller.role_permissions
        if route.permission is None and (route.denies or route.is_batch):
            action = ".read" if route.only_reads else ".write"
            return any(each.endswith(action) for each in granted)
        return route.permission is None or route.permission in granted


Tools = Mapping[str, Tool]

# What of a schema says which type a value has.
_SHAPE = ("$ref", "anyOf", "enum", "format", "items", "type")

# What of a schema an assistant does without: `minLength` and the bounds say it, too.
_SAID_TWICE = (("pattern", NOT_BLANK), ("format", "int32"))


def tools_of(operations: Iterable[Operation], document: Json) -> dict[str, Tool]:
    """The tools by their names, those for one resource side by side.

    Args:
        operations: The operations of the API.
        document: The OpenAPI document of the newest contract.

    Raises:
        KeyError: The document lacks an operation.
        ValueError: An operation has two arguments with the same name.
    """
    return {
        tool.name: tool
        for operation in operations
        if not (operation.route.permission or "").startswith(_NOT_FOR_ASSISTANTS)
        # An assistant waits for the end of an answer, which a stream has not.
        and not operation.route.streams
        # One tool does what the batches of all types of record do.
        and not (operation.route.is_batch and operation.route.of_records)
        for tool in [_tool(operation, document)]
    }


def tool_name(route: Route) -> str:
    """The name of a tool, e.g. `search_contacts`."""
    return _WORD.sub("_", route.rpc.rpartition("/")[2]).lower()


def _tool(operation: Operation, document: Json) -> Tool:
    route = operation.route
    told = document["paths"][route.path][route.http_method.lower()]
    name = tool_name(route)
    listed = {
        "name": name,
        "title": told["summary"],
        "description": _description(route, told),
        "inputSchema": _input_schema(route, told, document),
        "annotations": _annotations(route, told["summary"]),
    }
    return Tool(name, operation, orjson.Fragment(orjson.dumps(listed)))


def _description(route: Route, told: Json) -> str:
    about = files.about(route, tool_name(route), told["description"])
    if route.is_search:
        about += f" Gives {DEFAULT_LIMIT} records unless `limit` says otherwise."
    about += figures.described(route)
    if route.beside:
        creates = tool_name(route).replace("upsert", "create", 1)
        about += f" The other fields are those of {creates}."
    return about


def _annotations(route: Route, title: str) -> Json:
    """Hints (MCP, on tools). Overwriting is destructive, too: the old value is lost.
    So is what may overwrite or delete: a batch, an import's start, what ends work.
    """
    name = tool_name(route)
    # Who waits changes nothing, so a host need not ask for each wait.
    reads = route.only_reads or name.startswith("wait")
    replaces = route.http_method in ("DELETE", "PATCH", "PUT")
    hints: Json = {"title": title, "readOnlyHint": reads, "openWorldHint": False}
    if not reads:
        overwrites = name.startswith(_OVERWRITING)
        hints["destructiveHint"] = replaces or overwrites
        hints["idempotentHint"] = route.status != 201
    return hints


def _input_schema(route: Route, told: Json, document: Json) -> Json:
    """The schema of the tool's arguments, with the schemas that it refers to."""
    resolve = partial(_resolved, document)
    schema: Json = {"type": "object", "properties": {}, "required": []}
    for parameter in told["parameters"]:
        if parameter.get("in") == "path":
            about = {"description": parameter["description"]}
            _join(schema, {parameter["name"]: {**parameter["schema"], **about}})
            schema["required"].append(parameter["name"])
        elif parameter.get("in") == "query":
            about = {"description": parameter["description"]}
            _join(schema, {parameter["name"]: {**parameter["schema"], **about}})
    of_file, needed = files.arguments(route)
    _join(schema, of_file)
    schema["required"] += needed
    if "requestBody" in told and not route.is_upload:
        body = resolve(told["requestBody"]["content"]["application/json"]["schema"])
        properties = body.get("properties", {})
        _join(schema, _short(route, properties) if route.beside else properties)
        schema["required"] += body.get("required", [])
    _suit_custom_fields(schema["properties"])
    figures.suit_kept(schema["properties"])
    if route.only_reads:
        _suit_reads(schema["properties"])
    if route.is_search:
        _suit_search(schema["properties"], resolve)
    elif route.counts:
        figures.suit(schema["properties"], route, tool_name(route))
    if route.keyed:
        _join(schema, {IDEMPOTENCY_KEY: _KEY_SCHEMA})
    # An upload has none of its own: what it sends belongs to a dry run, or does not.
    is_own = DRY_RUN_ARGUMENT in schema["properties"] or route.is_upload
    if not (route.only_reads or is_own):
        _join(schema, {DRY_RUN_ARGUMENT: _DRY_RUN_SCHEMA})
    files.suit_dry_run(tool_name(route), schema["properties"])
    definitions = dict(_definitions(schema, document, set()))
    if definitions:
        schema["$defs"] = definitions
    found: Json = _relocated({**schema, "additionalProperties": False})
    return found


def _join(schema: Json, properties: Json) -> None:
    if twice := schema["properties"].keys() & properties.keys():
        raise ValueError(f"two arguments of one tool are called {min(twice)}")
    schema["properties"] |= properties


def _short(route: Route, properties: Json) -> Json:
    """The fields of an upsert. Their rules are told where the record is created."""
    told = route.accepts | route.beside
    return {
        name: schema
        if name in told
        else {key: each for key, each in schema.items() if key in _SHAPE}
        for name, schema in properties.items()
    }


def _suit_custom_fields(properties: Json) -> None:
    """Leaves out what bounds keys and values: an assistant reads every word."""
    for name, each in properties.items():
        if "propertyNames" in each:
            kept = ("type", "description")
            properties[name] = {key: each[key] for key in kept if key in each}


def _suit_reads(properties: Json) -> None:
    """Says briefly what a read may ask for: the services tell which names there are."""
    for name, sentences in _ASKED.items():
        told = properties.get(name, {})
        if "items" not in told:
            continue
        about = files.SENTENCE_END.split(told["description"])[:sentences]
        properties[name] = {
            "type": "array",
            "items": {"type": "string"},
            "description": " ".join(about),
        }


def _suit_search(properties: Json, resolve: Resolve) -> None:
    """Adapts a search's arguments to assistants: fewer records, plainer filters."""
    about = f"How many a page holds, 1 to {LARGEST_LIMIT}; {DEFAULT_LIMIT} by default."
    bounds = {"maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT, "description": about}
    properties["limit"] = {**properties["limit"], **bounds}
    if "filters" in properties:
        properties["filters"] = plain_filters(properties["filters"], resolve)


def _resolved(document: Json, schema: Json) -> Json:
    """The schema itself, or the schema that it refers to."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][_named(schema)]
    return schema


def _named(schema: Json) -> str:
    name: str = schema["$ref"].removeprefix(_REFERENCE)
    return name


def _definitions(
    value: Any, document: Json, seen: set[str]
) -> Iterator[tuple[str, Json]]:
    """The schemas that a schema refers to, directly or indirectly."""
    for reference in _references(value):
        name = _named(reference)
        if name not in seen:
            seen.add(name)
            found = document["components"]["schemas"][name]
            yield name, found
            yield from _definitions(found, document, seen)


def _references(value: Any) -> Iterator[Json]:
    if isinstance(value, dict) and "$ref" in value:
        yield value
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _references(each)


def _relocated(value: Any) -> Any:
    """A schema with its references changed to its own definitions.

    What its lengths and bounds say too is left out: an assistant reads every word.
    """
    if isinstance(value, dict):
        return {
            key: each.replace(_REFERENCE, "#/$defs/")
            if key == "$ref" and isinstance(each, str)
            else _relocated(each)
            for key, each in value.items()
            if (key, each) not in _SAID_TWICE
        }
    return [_relocated(each) for each in value] if isinstance(value, list) else value
