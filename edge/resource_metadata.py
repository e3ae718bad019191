"""What a client that was refused can learn about this API (RFC 9728).

The address stands in the `WWW-Authenticate` header of every 401.
"""

from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any

import orjson
from sanic import HTTPResponse, Request

from edge.answers import base_url
from edge.http_date import http_date
from edge.settings import EdgeSettings
from edge.transcoder.routes import Route

# Scopes of this resource are for a user's own tokens; no app can get one.
_NOT_FOR_APPS = "token."


def scopes_of(routes: Iterable[Route]) -> list[str]:
    """The scopes that an app may ask for, with `all` of each resource, sorted."""
    permissions = {
        route.permission
        for route in routes
        if route.permission and not route.permission.startswith(_NOT_FOR_APPS)
    }
    every = {f"{each.partition('.')[0]}.all" for each in permissions}
    return sorted(permissions | every)


async def answer(
    settings: EdgeSettings, scopes: list[str], request: Request
) -> HTTPResponse:
    """The metadata of the protected resource, which is `/v1` of this server."""
    metadata = {
        "resource": f"{base_url(request, settings) or ''}/v1",
        "resource_name": "ProspectConnect",
        "bearer_methods_supported": ["header"],
        "scopes_supported": scopes,
    }
    headers = {"Date": http_date(), "Cache-Control": "max-age=3600"}
    return HTTPResponse(orjson.dumps(metadata), 200, headers, "application/json")


Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


def handler(settings: EdgeSettings, routes: Iterable[Route]) -> Handler:
    """The handler, with what it tells worked out once."""
    return partial(answer, settings, scopes_of(routes))
