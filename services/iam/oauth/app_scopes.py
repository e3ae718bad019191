"""The scopes that apps may have, as OAuth writes them: separated by spaces."""

from collections.abc import Iterable

from services.roles import RESERVED, RESOURCES, actions_of, scope_permissions

# Apps get no scope for a user's own tokens, because such tokens would outlive the app.
APP_SCOPES = frozenset(
    f"{resource}.{action}"
    for resource in RESOURCES
    for action in (*actions_of(resource), "all")
)
# The scopes of an app that neither registers nor requests any.
DEFAULT_SCOPES = tuple(
    f"{resource}.read" for resource in RESOURCES if resource not in RESERVED
)

MOST_CHARACTERS = 2_000


def read_scopes(text: str) -> tuple[str, ...] | None:
    """Parses the scopes in a text, each once, in order. None if one is unknown."""
    if len(text) > MOST_CHARACTERS:
        return None
    scopes = tuple(dict.fromkeys(text.split(" "))) if text else ()
    return scopes if APP_SCOPES.issuperset(scopes) else None


def within(asked: Iterable[str], granted: Iterable[str]) -> bool:
    """Whether the scopes `asked` grant nothing beyond the scopes `granted`."""
    return scope_permissions(asked) <= scope_permissions(granted)
