"""The scopes that apps may have, as OAuth writes them: words with spaces between."""

from collections.abc import Iterable

from services.roles import ACTIONS, RESOURCES, scope_permissions

# Apps get no scope on a user's own tokens: what they made would outlive them.
APP_SCOPES = frozenset(
    f"{resource}.{action}" for resource in RESOURCES for action in (*ACTIONS, "all")
)
# Of an app that neither registers nor asks for any.
DEFAULT_SCOPES = tuple(f"{resource}.read" for resource in RESOURCES)

MOST_CHARACTERS = 2_000


def read_scopes(text: str) -> tuple[str, ...] | None:
    """The scopes in a text, each once and in their order; None when one is unknown."""
    if len(text) > MOST_CHARACTERS:
        return None
    scopes = tuple(dict.fromkeys(text.split(" "))) if text else ()
    return scopes if APP_SCOPES.issuperset(scopes) else None


def within(asked: Iterable[str], granted: Iterable[str]) -> bool:
    """Whether scopes grant nothing that others do not."""
    return scope_permissions(asked) <= scope_permissions(granted)
