"""The scopes that apps may ask for, found in the permissions of the routes."""

from collections.abc import Iterable

from edge.transcoder.routes import Route

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
