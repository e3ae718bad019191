"""Metadata: what an app needs to know to use this server (RFC 8414, RFC 9728).

A 401 of the API contains the address of the API's metadata. These contain the address
of the authorization server, whose metadata are here as well.
"""

from collections.abc import Sequence

import orjson
from sanic import HTTPResponse

from edge.calls.answers import METADATA_PATH
from edge.oauth.registration import PATH as REGISTRATION_PATH
from edge.oauth.resources import API, ASSISTANTS
from edge.state import Edge
from edge.web.visit import Visit

# The first is from RFC 8414, section 3.1. Clients that know only the address of the
# resource request the others.
SERVER_PATH = "/.well-known/oauth-authorization-server"
SERVER_PATHS = (SERVER_PATH, f"{SERVER_PATH}{API}", f"{SERVER_PATH}{ASSISTANTS}")
RESOURCE_PATHS = (METADATA_PATH, METADATA_PATH.removesuffix(API))
ASSISTANTS_PATH = f"{METADATA_PATH.removesuffix(API)}{ASSISTANTS}"

_HEADERS = {"Cache-Control": "max-age=3600"}

# Assistants' apps request every scope in the metadata. Deleted records cannot be
# restored, so the metadata leave out the scopes to delete.
_FOR_ASSISTANTS = (".read", ".write")

Scopes = tuple[str, ...]


async def about_server(scopes: Scopes, edge: Edge, visit: Visit) -> HTTPResponse:
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
            "scopes_supported": scopes,
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


async def about_api(scopes: Scopes, edge: Edge, visit: Visit) -> HTTPResponse:
    """The metadata of the protected resource, which is `/v1` of this server."""
    return _resource(visit, API, "ProspectConnect", scopes)


async def about_assistants(scopes: Scopes, edge: Edge, visit: Visit) -> HTTPResponse:
    """The metadata of the same API at `/mcp`, where assistants call it."""
    theirs = [each for each in scopes if each.endswith(_FOR_ASSISTANTS)]
    return _resource(visit, ASSISTANTS, "ProspectConnect for assistants", theirs)


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
