"""A collection for Postman, in its format 2.1, which other programs read, too."""

from typing import Any

import orjson

from edge.collections.calls import (
    ABOUT,
    BASE,
    NAME,
    TOKEN,
    VERSION,
    Call,
    Value,
    folders_of,
)
from edge.reference.document import Document
from edge.reference.literals import literal

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_PHRASES = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content"}

Json = dict[str, Any]


def collection(document: Document, address: str) -> bytes:
    """The collection of a document for the server at an address."""
    made = {
        "info": {
            "name": f"{NAME} {document.version}",
            "description": ABOUT,
            "schema": _SCHEMA,
        },
        "auth": {
            "type": "bearer",
            "bearer": [_variable(TOKEN, f"{{{{{TOKEN}}}}}")],
        },
        "variable": [
            _variable(BASE, address),
            _variable(VERSION, document.version),
            _variable(TOKEN, ""),
        ],
        "item": [
            {
                "name": folder.name,
                "description": folder.about,
                "item": [_item(each) for each in folder.calls],
            }
            for folder in folders_of(document)
        ],
    }
    return orjson.dumps(made, option=orjson.OPT_INDENT_2)


def _variable(name: str, value: str) -> Json:
    return {"key": name, "value": value, "type": "string"}


def _item(call: Call) -> Json:
    operation = call.operation
    request: Json = {
        "method": operation.method,
        "header": [_value(each) for each in call.headers],
        "url": _url(call),
        "description": operation.about,
    }
    if call.body is not None:
        language = "json" if call.is_json else "text"
        request["body"] = {
            "mode": "raw",
            "raw": call.body,
            "options": {"raw": {"language": language}},
        }
    return {
        "name": operation.summary,
        "request": request,
        "response": [_response(call, request, each) for each in _examples(call)],
    }


def _url(call: Call) -> Json:
    segments = [
        f":{part[1:-1]}" if part.startswith("{") else part
        for part in call.operation.path.strip("/").split("/")
    ]
    url: Json = {
        "raw": f"{{{{{BASE}}}}}/{'/'.join(segments)}",
        "host": [f"{{{{{BASE}}}}}"],
        "path": segments,
    }
    if call.path:
        url["variable"] = [_value(each) for each in call.path]
    if call.query:
        url["query"] = [_value(each) for each in call.query]
    return url


def _value(each: Value) -> Json:
    made: Json = {"key": each.name, "value": each.value}
    if each.about:
        made["description"] = each.about
    return made if each.is_on else {**made, "disabled": True}


def _examples(call: Call) -> list[tuple[str, Any]]:
    return [*call.operation.good.examples]


def _response(call: Call, request: Json, example: tuple[str, Any]) -> Json:
    summary, value = example
    status = call.operation.good.status
    text = value if isinstance(value, str) else literal(value)
    return {
        "name": summary or call.operation.good.about,
        "originalRequest": request,
        "status": _PHRASES.get(status, ""),
        "code": status,
        "_postman_previewlanguage": "text" if isinstance(value, str) else "json",
        "header": [],
        "body": text,
    }
