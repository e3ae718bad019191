"""The OpenAPI 3.1 document of the newest contract, put together.

It is built when code is generated; the edge reads the file. The date is filled in last,
as in the documents of the older contracts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf.descriptor import ServiceDescriptor

from edge.openapi.comments import sentence
from edge.openapi.headers import header_components, parameter_components
from edge.openapi.operations import operation, tag_of
from edge.openapi.problems import response_components
from edge.openapi.schemas import SCOPE, Schemas
from edge.openapi.security import scheme_components, scope_schema, security_of
from edge.openapi.values import Schema
from edge.scopes import scopes_of
from edge.surface import records_of
from edge.transcoder.routes import Route, routes_of

_ABOUT = """\
A CRM's records over REST: contacts, companies, deals with their pipelines, tasks, notes
and the activity timeline.

- Every request names its token (`Authorization: Bearer ...`) and the dated contract
  that it was written for (`Version`).
- Bodies are JSON. Properties that are not set are `null`, never missing.
- Lists are found by `POST .../search`, with a cursor from page to page.
- `Idempotency-Key` makes a write safe to repeat.
- Every error is a problem document (RFC 9457); its `trace_id` finds it in our logs.
- `traceparent` (W3C) is continued when it is sent.
"""


def build_document(
    services: Iterable[ServiceDescriptor], comments: Mapping[str, str]
) -> Schema:
    """The document of the newest contract.

    Args:
        services: The public services.
        comments: The comments of their elements, by full name.
    """
    services = tuple(services)
    routes = routes_of(services)
    methods = {
        f"/{service.full_name}/{method.name}": method
        for service in services
        for method in service.methods
    }
    schemas = Schemas(comments, records_of(services))
    schemas.refer(SCOPE, lambda: scope_schema(routes))
    paths = _paths(schemas, routes, methods)
    components: Schema = {
        "parameters": parameter_components(),
        "headers": header_components(),
        "responses": response_components(schemas),
        "securitySchemes": scheme_components(routes, schemas.records),
    }
    components["schemas"] = dict(sorted(schemas.named.items()))
    return {
        "openapi": "3.1.1",
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "info": _info(),
        "servers": [{"url": "/"}],
        "tags": _tags(comments, routes, methods),
        "paths": paths,
        "components": components,
    }


def _info() -> Schema:
    return {
        "title": "ProspectConnect API",
        "version": "",
        "summary": "The public API of a CRM.",
        "description": _ABOUT,
        "contact": {
            "name": "ProspectConnect",
            "url": "https://papi.prospectconnect.ai/",
        },
    }


def _paths(
    schemas: Schemas, routes: Iterable[Route], methods: Mapping[str, Any]
) -> Schema:
    scopes, paths = scopes_of(routes), Schema()
    for route in routes:
        made = operation(schemas, route, methods[route.rpc])
        made["security"] = security_of(route, scopes)
        paths.setdefault(route.path, {})[route.http_method.lower()] = made
    return paths


def _tags(
    comments: Mapping[str, str], routes: Iterable[Route], methods: Mapping[str, Any]
) -> list[Schema]:
    """A tag for each group of operations, with the comment of its service."""
    found: dict[str, str] = {}
    for route in routes:
        service = methods[route.rpc].containing_service
        about = sentence(comments[service.full_name], service.name)
        found.setdefault(tag_of(route), about)
    return [{"name": name, "description": about} for name, about in found.items()]
