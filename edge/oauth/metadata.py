"""What an app can learn about this server before it knows it (RFC 8414, RFC 9728).

A 401 of the API names the address of its metadata, and these name the server's.
"""

from collections.abc import Iterable

import orjson
from sanic import HTTPResponse

from edge.answers import METADATA_PATH
from edge.parts import Edge
from edge.transcoder.routes import Route
from edge.web.visit import Visit

# By RFC 8414, section 3.1, the first; the other is asked for by clients that know the
# address of the API alone.
SERVER_PATH = "/.well-known/oauth-authorization-server"
SERVER_PATHS = (SERVER_PATH, f"{SERVER_PATH}/v1")
RESOURCE_PATHS = (METADATA_PATH, METADATA_PATH.removesuffix("/v1"))

_HEADERS = {"Cache-Control": "max-age=3600"}

# Scopes of this resource are for a user's own tokens; no app can get one.
_NOT_FOR_APPS = "token."


def scopes_of(routes: Iterable[Route]) -> tuple[str, ...]:
    """The scopes that an app may ask for, with `all` of each resource, sorted."""
    permissions = {
        route.permission
        for route in routes
        if route.permission and not route.permission.startswith(_NOT_FOR_APPS)
    }
    every = {f"{each.partition('.')[0]}.all" for each in permissions}
    return tuple(sorted(permissions | every))


async def about_server(edge: Edge, visit: Visit) -> HTTPResponse:
    """The metadata of the authorization server (RFC 8414, section 2)."""
    issuer = visit.base
    secrets = ["client_secret_basic", "client_secret_post"]
    return _answer(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/oauth/authorize",
            "token_endpoint": f"{issuer}/oauth/token",
            "registration_endpoint": f"{issuer}/oauth/register",
            "revocation_endpoint": f"{issuer}/oauth/revoke",
            "introspection_endpoint": f"{issuer}/oauth/introspect",
            "scopes_supported": edge.scopes,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none", *secrets],
            "revocation_endpoint_auth_methods_supported": ["none", *secrets],
            "introspection_endpoint_auth_methods_supported": secrets,
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "protected_resources": [f"{issuer}/v1"],
        }
    )


async def about_resource(edge: Edge, visit: Visit) -> HTTPResponse:
    """The metadata of the protected resource, which is `/v1` of this server."""
    base = visit.base
    return _answer(
        {
            "resource": f"{base}/v1",
            "resource_name": "ProspectConnect",
            "authorization_servers": [base],
            "bearer_methods_supported": ["header"],
            "scopes_supported": edge.scopes,
        }
    )


def _answer(metadata: dict[str, object]) -> HTTPResponse:
    body = orjson.dumps(metadata)
    return HTTPResponse(body, 200, dict(_HEADERS), "application/json")
