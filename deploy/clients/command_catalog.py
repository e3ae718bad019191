"""Writes what the command line knows of the API, from an OpenAPI document.

One file lists the resources and their commands, for help; each resource has a file of
its own. So a command reads a few kilobytes, and not the document of two megabytes.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.clients.operations import Json, Operation, resources

# JSON that is made here.
Made = dict[str, Any]

_WORD = re.compile(r"[A-Z]?[a-z]+")
# Kinds of fields that filters compare, by the type and format of the values.
_KINDS = {"integer": "number", "date-time": "timestamp", "date": "date"}


def catalog(document: Json) -> dict[str, Made]:
    """The files by their names: `index`, and one for each resource."""
    told = {
        (each.method.lower(), each.path): each
        for resource in resources(document)
        for each in resource.operations
    }
    found: dict[str, Made] = {
        _slug(tag["name"]): {"description": tag["description"], "commands": {}}
        for tag in document["tags"]
    }
    for path, item in document["paths"].items():
        for method, operation in item.items():
            slug = _slug(operation["tags"][0])
            known = told.get((method, path))
            words = known.words if known else _words(operation, slug)
            command = _command(document, (method, path, operation), known)
            if filters := _filters(document, operation):
                command["filters"] = filters
            found[slug]["commands"]["-".join(words)] = command
    made = {name: each for name, each in found.items() if each["commands"]}
    return {"index": _index(document, made), **made}


def _index(document: Json, made: dict[str, Made]) -> Made:
    return {
        "version": document["info"]["version"],
        "resources": {
            name: {
                "description": each["description"],
                "commands": {
                    command: told["summary"]
                    for command, told in each["commands"].items()
                },
            }
            for name, each in made.items()
        },
    }


def _slug(tag: str) -> str:
    return tag.lower().replace(" ", "-")


def _words(operation: Json, slug: str) -> tuple[str, ...]:
    """The words of an operation that clients have by hand, without its resource."""
    words = [each.lower() for each in _WORD.findall(operation["operationId"])]
    return tuple(each for each in words if each not in {slug, slug.removesuffix("s")})


def _command(
    document: Json, found: tuple[str, str, Json], known: Operation | None
) -> Made:
    method, path, operation = found
    parameters = [_resolved(document, each) for each in operation["parameters"]]
    body = _body(document, operation)
    required = set(body.get("required", ()))
    headers = {each["name"] for each in parameters if each["in"] == "header"}
    return {
        "operation": operation["operationId"],
        "summary": operation["summary"],
        "description": operation["description"],
        "method": method.upper(),
        "path": path,
        "kind": _kind(operation, known),
        "arguments": [
            {"name": each["name"], "description": each.get("description", "")}
            for each in parameters
            if each["in"] == "path"
        ],
        "query": [
            _field(document, each["name"], each["schema"], each)
            for each in parameters
            if each["in"] == "query"
        ],
        "fields": [
            _field(document, name, schema, {"required": name in required})
            for name, schema in body.get("properties", {}).items()
        ],
        "has_body": bool(operation.get("requestBody")),
        "keyed": "Idempotency-Key" in headers,
        "conditional": "If-Match" in headers and method != "get",
        "dry": known is not None and known.dry,
        "repeatable": known is None or known.repeatable,
        "follows": known is not None and known.follows,
    }


def _kind(operation: Json, known: Operation | None) -> str:
    """What comes back: a page, a record, nothing, a file, a stream; or what goes."""
    if known is not None:
        if known.record is not None:
            return "page"
        return "nothing" if known.result is None else "record"
    if "requestBody" in operation:
        return "upload"
    return "file" if "206" in operation["responses"] else "stream"


def _body(document: Json, operation: Json) -> Made:
    content = operation.get("requestBody", {}).get("content", {})
    found: Json = content.get("application/json", {}).get("schema", {})
    return _resolved(document, found)


def _field(document: Json, name: str, schema: Json, told: Json) -> Made:
    found = _plain(document, schema)
    made: Made = {
        "name": name,
        "description": schema.get("description") or told.get("description", ""),
        "type": found["type"],
        "required": bool(told.get("required")),
    }
    items = found.get("items")
    if items:
        inner = _plain(document, items)
        made["item"] = inner["type"]
        if choices := _choices(inner):
            made["choices"] = choices
    elif choices := _choices(found):
        made["choices"] = choices
    return made


def _plain(document: Json, schema: Json) -> Made:
    """A schema without null: its `type`, which is `json` where several are taken."""
    found = _resolved(document, schema)
    options = [_resolved(document, each) for each in found.get("anyOf", ())]
    options = [each for each in options if each.get("type") != "null"]
    if options and all("string" in _types(each) for each in options):
        known = [choice for each in options for choice in _choices(each)]
        return {"type": "string", "enum": known}
    if len(options) == 1:
        return _plain(document, options[0])
    types = _types(found)
    kind = types[0] if len(types) == 1 and not options else "json"
    return {**found, "type": kind}


def _types(schema: Json) -> list[str]:
    told = schema.get("type", "string" if "enum" in schema else "json")
    return [
        each for each in ([told] if isinstance(told, str) else told) if each != "null"
    ]


def _choices(schema: Json) -> list[str]:
    return [each for each in schema.get("enum", ()) if isinstance(each, str)]


def _filters(document: Json, operation: Json) -> Made:
    """The fields that a search's filters compare, each with its kind and operators."""
    schema = _body(document, operation).get("properties", {}).get("filters", {})
    items = schema.get("items", {})
    if "$ref" not in items:
        return {}
    made: Made = {}
    for option in _resolved(document, items)["oneOf"]:
        properties = _resolved(document, option)["properties"]
        if "operator" not in properties:
            continue
        operators = properties["operator"]["enum"]
        for name in _names(properties["field"]):
            each = made.setdefault(name, {"kind": "text", "operators": []})
            each["operators"] += [
                one for one in operators if one not in each["operators"]
            ]
            if "value" in properties:
                each.update(_compared(document, properties["value"], each))
    return made


def _names(field: Json) -> Iterator[str]:
    """The names that a condition's field may have; `custom_fields.` for a pattern."""
    for option in field.get("anyOf", [field]):
        if "enum" in option:
            yield from option["enum"]
        else:
            yield option["pattern"].partition("\\")[0].removeprefix("^") + "."


def _compared(document: Json, value: Json, known: Json) -> Made:
    found = _resolved(document, value)
    types = _types(found)
    if len(types) > 1 or known["kind"] == "any":
        return {"kind": "any"}
    if choices := _choices(found):
        return {"kind": "choice", "choices": choices}
    told = _KINDS.get(found.get("format", types[0]), types[0])
    return {"kind": "text" if told == "string" else told}


def _resolved(document: Json, node: Json) -> Made:
    found: Any = node
    while "$ref" in found:
        target: Any = document
        for step in found["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        found = target
    return dict(found)


def main(document: str, folder: str) -> None:
    """Writes the files of a document into a folder."""
    made = catalog(json.loads(Path(document).read_text()))
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, each in made.items():
        text = json.dumps(each, indent=1, ensure_ascii=False)
        (Path(folder) / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
