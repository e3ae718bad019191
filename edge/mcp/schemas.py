"""The schema of a tool's arguments, made from the OpenAPI document.

The arguments are the parameters of the path and the fields of the body, side by side.
An assistant reads every word each time, so what the services check and explain anyway
is left out: lengths, patterns, and the forms of ids.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from edge.mcp import figures, files
from edge.mcp.arguments import (
    DRY_RUN_ARGUMENT,
    IDEMPOTENCY_KEY,
    LARGEST_LIMIT,
)
from edge.mcp.destructive import CONFIRMATION, is_destructive
from edge.mcp.filters import Resolve, plain_filters
from edge.mcp.terse import SHAPE, short_schema
from edge.transcoder.routes import Route

Json = dict[str, Any]

_TEXTS: Json = {"type": "array", "items": {"type": "string"}}

_REFERENCE = "#/components/schemas/"

# The instructions of the server say what these are: they are in many tools.
_PLAIN_TEXT: Json = {"type": "string"}
_PLAIN_FLAG: Json = {"type": "boolean"}
# Arguments of reads that are said by their names.
_PLAIN = {
    "fields": _TEXTS,
    "ids": _TEXTS,
    "cursor": _PLAIN_TEXT,
    "include_total": _PLAIN_FLAG,
    "deleted": {**_PLAIN_FLAG, "description": "Those of the last 30 days."},
    "record": {"type": "object"},
}


def input_schema(route: Route, name: str, told: Json, document: Json) -> Json:
    """The schema of the arguments of a tool, with the schemas that it refers to.

    Args:
        route: The route of its operation.
        name: Its name.
        told: The operation in the document.
        document: The OpenAPI document of the newest contract.

    Raises:
        ValueError: Two arguments have the same name.
    """
    resolve = partial(_resolved, document)
    schema: Json = {"type": "object", "properties": {}, "required": []}
    _join_parameters(schema, told["parameters"])
    of_file, needed = files.arguments(route)
    _join(schema, of_file)
    schema["required"] += needed
    if "requestBody" in told and not route.is_upload:
        body = resolve(told["requestBody"]["content"]["application/json"]["schema"])
        properties = body.get("properties", {})
        is_short = repeats(route, name)
        _join(schema, _short(route, properties) if is_short else properties)
        schema["required"] += body.get("required", [])
    _suit_custom_fields(schema["properties"])
    figures.suit_kept(schema["properties"])
    if route.only_reads:
        _suit_reads(schema["properties"])
    if route.is_search:
        _suit_search(schema["properties"], resolve)
    elif route.counts:
        figures.suit(schema["properties"], route, name)
    _add_own(schema, route, name)
    definitions = dict(_definitions(schema, document, set()))
    if definitions:
        schema["$defs"] = definitions
    kept = {key: each for key, each in schema.items() if each or key == "properties"}
    has_null = repeats(route, name)
    return short_schema(_relocated(kept), has_null=has_null)


def repeats(route: Route, name: str) -> bool:
    """Whether a tool takes the fields of the one that creates, and clears by null."""
    return route.has_update_mask or name.startswith("upsert")


def _join_parameters(schema: Json, parameters: list[Json]) -> None:
    for parameter in parameters:
        if parameter.get("in") not in ("path", "query"):
            continue
        about = {"description": parameter["description"]}
        _join(schema, {parameter["name"]: {**parameter["schema"], **about}})
        if parameter["in"] == "path":
            schema["required"].append(parameter["name"])


def _add_own(schema: Json, route: Route, name: str) -> None:
    """Adds the arguments that stand for headers, and the confirmation."""
    if route.keyed:
        _join(schema, {IDEMPOTENCY_KEY: _PLAIN_TEXT})
    # An upload has none of its own: what it sends belongs to a dry run, or does not.
    is_own = DRY_RUN_ARGUMENT in schema["properties"] or route.is_upload
    if not (route.only_reads or is_own):
        _join(schema, {DRY_RUN_ARGUMENT: _PLAIN_FLAG})
    files.suit_dry_run(name, schema["properties"])
    if is_destructive(route, name):
        _join(schema, {CONFIRMATION: _PLAIN_TEXT})


def _join(schema: Json, properties: Json) -> None:
    if twice := schema["properties"].keys() & properties.keys():
        raise ValueError(f"two arguments of one tool are called {min(twice)}")
    schema["properties"] |= properties


def _short(route: Route, properties: Json) -> Json:
    """The fields of an upsert or update: they are told where a record is created."""
    told = route.accepts | route.beside
    return {
        name: schema
        if name in told
        else {key: each for key, each in schema.items() if key in SHAPE}
        for name, schema in properties.items()
    }


def _suit_custom_fields(properties: Json) -> None:
    """Leaves out what bounds keys and values."""
    for name, each in properties.items():
        if "propertyNames" in each:
            first = files.SENTENCE_END.split(each.get("description", ""))[0]
            about = first.partition(": ")[0].partition(", each")[0].rstrip(".")
            told = {"description": f"{about}, by key."} if about else {}
            properties[name] = {"type": each["type"], **told}


def _suit_reads(properties: Json) -> None:
    """Says briefly what a read may ask for: the services tell which names there are."""
    for name in _PLAIN.keys() & properties.keys():
        # What a record is compared by is told by the operation.
        told = {"description": d} if (d := properties[name].get("description")) else {}
        properties[name] = (told if name == "record" else {}) | _PLAIN[name]
    if "items" in (expand := properties.get("expand", {})):
        # The last sentence names the paths.
        about = files.SENTENCE_END.split(expand["description"])[:2][-1]
        about = about.replace("The first step is one of ", "").replace("`", "")
        properties["expand"] = {**_TEXTS, "description": about}


def _suit_search(properties: Json, resolve: Resolve) -> None:
    """Adapts a search's arguments to assistants: fewer records, plainer filters."""
    properties["limit"] = {"type": "integer", "maximum": LARGEST_LIMIT}
    if "sort_direction" in properties:
        properties["sort_direction"] = {"enum": ["asc", "desc"]}
    if "order_by" in properties:
        properties["order_by"] = _order(properties["order_by"])
    if "search_text" in properties:
        about = properties["search_text"]["description"].partition(", without")[0]
        about = about.replace("`", "").replace("that must all occur in", "in")
        properties["search_text"] = {"type": "string", "description": about}
    if "filters" in properties:
        properties["filters"] = plain_filters(properties["filters"], resolve)


def _order(told: Json) -> Json:
    """What a search orders by: its description begins with newest first."""
    own = told.get("anyOf")
    names = [each for each in (own[0] if own else told)["enum"] if each]
    if not own:
        return {"enum": names}
    about = f"{', '.join(names)}, custom_fields.KEY"
    return {"type": "string", "description": about}


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
    """A schema with its references changed to its own definitions."""
    if isinstance(value, dict):
        return {
            key: each.replace(_REFERENCE, "#/$defs/")
            if key == "$ref" and isinstance(each, str)
            else _relocated(each)
            for key, each in value.items()
        }
    return [_relocated(each) for each in value] if isinstance(value, list) else value
