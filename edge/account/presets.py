"""What a new token may do, to begin with: choices of scopes for usual work."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from edge.account.scopes import Offer

_READ, _CHANGE = frozenset({"read"}), frozenset({"read", "write"})
_ALL = frozenset({"read", "write", "delete"})
_SALES = frozenset({"contact", "company", "deal"})
# A token that makes tokens is a choice of its own.
_NEVER = "token"


@dataclass(frozen=True, slots=True)
class Preset:
    """Some actions on some kinds of records.

    `kinds` empty means all of them. `besides` are further scopes.
    """

    words: str
    actions: frozenset[str]
    kinds: frozenset[str] = frozenset()
    besides: frozenset[str] = frozenset()

    def has(self, scope: str) -> bool:
        """Whether a scope is one of it."""
        kind, _, action = scope.partition(".")
        if kind == _NEVER:
            return False
        fits = not self.kinds or kind in self.kinds
        return scope in self.besides or (fits and action in self.actions)


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "read": Preset("Read only", _READ),
        "change": Preset("Read and change", _CHANGE),
        "all": Preset("Read, change and delete", _ALL),
        "sync": Preset(
            "Keep another system in step",
            _CHANGE,
            _SALES | {"webhook"},
            frozenset({"change.read"}),
        ),
        "import": Preset("Import contacts, companies, deals", _CHANGE, _SALES),
    }
)


def preset_scopes(key: str, offers: Iterable[Offer]) -> list[str]:
    """The offered scopes of a preset; none if there is no such preset."""
    preset = PRESETS.get(key)
    if preset is None:
        return []
    choices = (choice for offer in offers for choice in offer.choices)
    return [choice.scope for choice in choices if preset.has(choice.scope)]
