"""What an app can learn about this server before it knows it (RFC 8414, RFC 9728).

A 401 of the API names the address of its metadata, and these name the server's.
"""

from collections.abc import Iterable, Sequence

import orjson
from sanic import HTTPResponse

from edge.calls.answers import METADATA_PATH
from edge.oauth.registration import PATH as REGISTRATION_PATH
from edge.oauth.resources import API, ASSISTANTS
from edge.parts import Edge
from edge.transcoder.routes import Route
from edge.web.visit import Visit

# By RFC 8414, section 3.1, the first; the others are asked for by clients that know the
# address of the resource alone.
SERVER_PATH = "/.well-known/oauth-authorization-server"
SERVER_PATHS = (SERVER_PATH, f"{SERVER_PATH}{API}", f"{SERVER_PATH}{ASSISTANTS}")
RESOURCE_PATHS = (METADATA_PATH, METADATA_PATH.removesuffix(API))
ASSISTANTS_PATH = f"{METADATA_PATH.removesuffix(API)}{ASSISTANTS}"

_HEADERS = {"Cache-Control": "max-age=3600"}

# What an app for assistants asks for unless it is told otherwise: they ask for all that
# the metadata name, and nothing that they delete comes back.
_FOR_ASSISTANTS = (".read", ".write")

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
    registration = {"registration_endpoint": f"{issuer}{REGISTRATION_PATH}"}
    return _answer(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/oauth/authorize",
            "token_endpoint": f"{issuer}/oauth/token",
            **(registration if edge.settings.registration_is_open else {}),
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
            "protected_resources": [f"{issuer}{API}", f"{issuer}{ASSISTANTS}"],
        }
    )


async def about_api(edge: Edge, visit: Visit) -> HTTPResponse:
    """The metadata of the protected resource, which is `/v1` of this server."""
    return _resource(visit, API, "ProspectConnect", edge.scopes)


async def about_assistants(edge: Edge, visit: Visit) -> HTTPResponse:
    """The metadata of the same API as assistants call it, at `/mcp`."""
    scopes = [each for each in edge.scopes if each.endswith(_FOR_ASSISTANTS)]
    return _resource(visit, ASSISTANTS, "ProspectConnect for assistants", scopes)


def _resource(
    visit: Visit, path: str, name: str, scopes: Sequence[str]
) -> HTTPResponse:
    """The metadata of a protected resource (RFC 9728, section 2)."""
    return _answer(
        {
            "resource": f"{visit.base}{path}",
            "resource_name": name,
            "authorization_servers": [visit.base],
            "bearer_methods_supported": ["header"],
            "scopes_supported": scopes,
        }
    )


def _answer(metadata: dict[str, object]) -> HTTPResponse:
    body = orjson.dumps(metadata)
    return HTTPResponse(body, 200, dict(_HEADERS), "application/json")
