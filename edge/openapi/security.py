"""Security: a bearer token, personal or of an app, and the scopes that it needs."""

from collections.abc import Iterable, Mapping

from prospectconnect.options.v1.options_pb2 import RecordPolicy

from edge.openapi.values import Schema
from edge.scopes import scopes_of
from edge.transcoder.routes import Route

OAUTH, BEARER = "oauth2", "bearer"

# The actions that a scope grants on a resource; `all` means the three others.
_ACTIONS = {
    "read": "Read {}",
    "write": "Create and change {}",
    "delete": "Delete {}",
    "all": "Read, create, change and delete {}",
}
# Only some resources have these, and `all` does not grant them.
_FURTHER = {"erase": "Erase {}: destroy what is known of them, for good"}


def scheme_components(
    routes: Iterable[Route], records: Mapping[str, RecordPolicy]
) -> Schema:
    """The two ways to get a token."""
    scopes = {scope: _scope(scope, records) for scope in scopes_of(routes)}
    return {
        OAUTH: {
            "type": "oauth2",
            "description": "For apps: OAuth 2.1, the code with PKCE (`S256`). Apps "
            "register themselves at `/oauth/register`.",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": "/oauth/authorize",
                    "tokenUrl": "/oauth/token",
                    "refreshUrl": "/oauth/token",
                    "scopes": scopes,
                }
            },
        },
        BEARER: {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal access token, `pcp_...`, or an app's, "
            "`pca_...`.",
        },
    }


def scope_schema(routes: Iterable[Route]) -> Schema:
    """The schema of a scope: all that a token can have, of an app or personal."""
    needed = {route.permission for route in routes if route.permission}
    resources = sorted({each.partition(".")[0] for each in needed})
    scopes = [
        f"{each}.{action}"
        for each in resources
        for action in (*_ACTIONS, *_FURTHER)
        if f"{each}.{action}" in needed
        or action == "all"
        or (action in _ACTIONS and f"{each}.write" in needed)
    ]
    about = "What a token may do, `resource.action`; `all` is read, write and delete."
    return {"type": "string", "enum": scopes, "description": about}


def _scope(scope: str, records: Mapping[str, RecordPolicy]) -> str:
    resource, _, action = scope.partition(".")
    record = records.get(resource)  # none where several records share their permissions
    return (_ACTIONS | _FURTHER)[action].format(
        record.plural if record else f"the {resource}"
    )


def security_of(route: Route, scopes: Iterable[str]) -> list[Schema]:
    """The security of a route; `scopes` are those that an app may request."""
    needed = [] if route.permission is None else [route.permission]
    by_apps = all(scope in scopes for scope in needed)
    return [{OAUTH: needed}] * by_apps + [{BEARER: needed}]
