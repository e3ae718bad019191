"""Tools: the operations of the API as assistants are told of them, made once at start.

What a tool takes stands in the OpenAPI document: the parameters of the path and the
fields of the body side by side. What a body's schema says beyond them (that one of two
must be there) is left to the rules: hosts of assistants refuse more at the top. No
operation is named here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from edge.callers.caller import Caller
from edge.mcp.arguments import DEFAULT_LIMIT, IDEMPOTENCY_KEY, LARGEST_LIMIT
from edge.mcp.filters import Resolve, plain_filters
from edge.operations import Operation
from edge.transcoder.routes import Route

# A token is what an assistant is let in by. None can make itself another.
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

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """An operation as a tool; `listed` is how a list tells of it, as JSON."""

    name: str
    operation: Operation
    listed: orjson.Fragment

    def is_open_to(self, caller: Caller) -> bool:
        """Whether the caller's scopes and role both grant it."""
        needed = self.operation.route.permission
        return needed is None or (
            needed in caller.scope_permissions and needed in caller.role_permissions
        )


Tools = Mapping[str, Tool]


def tools_of(operations: Iterable[Operation], document: Json) -> dict[str, Tool]:
    """The tools by their names, those for one resource side by side.

    Args:
        operations: The operations of the API.
        document: The OpenAPI document of the newest contract.

    Raises:
        KeyError: The document leaves out an operation.
        ValueError: An operation has two arguments of one name.
    """
    return {
        tool.name: tool
        for operation in operations
        if not (operation.route.permission or "").startswith(_NOT_FOR_ASSISTANTS)
        for tool in [_tool(operation, document)]
    }


def tool_name(route: Route) -> str:
    """What a tool is called, e.g. `search_contacts`."""
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
    about: str = told["description"]
    if route.is_search:
        about += f" Gives {DEFAULT_LIMIT} records unless `limit` says otherwise."
    return about


def _annotations(route: Route, title: str) -> Json:
    """Hints (MCP, on tools). What overwrites is destructive, too: it takes away."""
    reads, replaces = route.only_reads, route.http_method in ("DELETE", "PATCH")
    hints: Json = {"title": title, "readOnlyHint": reads, "openWorldHint": False}
    if not reads:
        hints["destructiveHint"] = replaces or tool_name(route).startswith("upsert")
        hints["idempotentHint"] = route.status != 201
    return hints


def _input_schema(route: Route, told: Json, document: Json) -> Json:
    """What the tool takes: all arguments side by side, and what they refer to."""
    resolve = partial(_resolved, document)
    schema: Json = {"type": "object", "properties": {}, "required": []}
    for parameter in told["parameters"]:
        if parameter.get("in") == "path":
            about = {"description": parameter["description"]}
            _join(schema, {parameter["name"]: {**parameter["schema"], **about}})
            schema["required"].append(parameter["name"])
    if "requestBody" in told:
        body = resolve(told["requestBody"]["content"]["application/json"]["schema"])
        _join(schema, body.get("properties", {}))
        schema["required"] += body.get("required", [])
    _suit_custom_fields(schema["properties"])
    if route.is_search:
        _suit_search(schema["properties"], resolve)
    if route.keyed:
        _join(schema, {IDEMPOTENCY_KEY: _KEY_SCHEMA})
    definitions = dict(_definitions(schema, document, set()))
    if definitions:
        schema["$defs"] = definitions
    found: Json = _relocated({**schema, "additionalProperties": False})
    return found


def _join(schema: Json, properties: Json) -> None:
    if twice := schema["properties"].keys() & properties.keys():
        raise ValueError(f"two arguments of one tool are called {min(twice)}")
    schema["properties"] |= properties


def _suit_custom_fields(properties: Json) -> None:
    """Leaves out what bounds keys and values: an assistant reads every word."""
    for name, each in properties.items():
        if "propertyNames" in each:
            kept = ("type", "description")
            properties[name] = {key: each[key] for key in kept if key in each}


def _suit_search(properties: Json, resolve: Resolve) -> None:
    """What a search's arguments are to an assistant: fewer records, plainer filters."""
    about = f"How many a page holds, 1 to {LARGEST_LIMIT}; {DEFAULT_LIMIT} by default."
    bounds = {"maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT, "description": about}
    properties["limit"] = {**properties["limit"], **bounds}
    properties["filters"] = plain_filters(properties["filters"], resolve)


def _resolved(document: Json, schema: Json) -> Json:
    """A schema for itself, or what it refers to."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][_named(schema)]
    return schema


def _named(schema: Json) -> str:
    name: str = schema["$ref"].removeprefix(_REFERENCE)
    return name


def _definitions(
    value: Any, document: Json, seen: set[str]
) -> Iterator[tuple[str, Json]]:
    """The schemas that a schema refers to, and those that these refer to."""
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
    """A schema whose references lead into itself."""
    if isinstance(value, dict):
        return {
            key: each.replace(_REFERENCE, "#/$defs/")
            if key == "$ref" and isinstance(each, str)
            else _relocated(each)
            for key, each in value.items()
        }
    return [_relocated(each) for each in value] if isinstance(value, list) else value
