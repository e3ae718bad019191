"""Scopes in words, for the user who makes a token: what it may do within their role."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from edge.pages.words import ACTIONS, SHORT, WORDS, summary

# Apps cannot request scopes on tokens, so only these pages have words for them.
_TOKEN = "token"  # noqa: S105 - a resource's name
_TOKEN_TITLE = "Personal access tokens"  # noqa: S105 - a title
_TOKEN_WORDS: Mapping[str, str] = MappingProxyType(
    {"read": "list", "write": "make and revoke"}
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One scope that may be chosen."""

    scope: str
    words: str


@dataclass(frozen=True, slots=True)
class Offer:
    """The scopes on one kind of record; `own_only`: only on the user's own."""

    title: str
    choices: tuple[Choice, ...]
    own_only: bool


def offers(permissions: Collection[str], own_only: Collection[str]) -> list[Offer]:
    """The scopes that a role allows; kinds without any are left out."""
    found = (
        Offer(
            title,
            tuple(
                Choice(f"{name}.{action}", words[action].capitalize())
                for action in ACTIONS
                if action in words and f"{name}.{action}" in permissions
            ),
            name in own_only,
        )
        for name, title, words in _all_words()
    )
    return [offer for offer in found if offer.choices]


def is_limited(permissions: Collection[str]) -> bool:
    """Whether a role does not allow all scopes."""
    return any(
        f"{name}.{action}" not in permissions
        for name, _, words in _all_words()
        for action in words
    )


def in_words(scopes: Iterable[str]) -> list[str]:
    """What a token may do: a short line for each kind of record."""
    given = list(scopes)
    lines = summary(given)
    of_tokens = {scope.partition(".")[2] for scope in given if scope[:6] == "token."}
    if of_tokens & {"write", "all"}:
        lines.append(f"{_TOKEN_TITLE}: make and revoke")
    elif "read" in of_tokens:
        lines.append(f"{_TOKEN_TITLE}: list")
    return lines


def _all_words() -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Each resource, its title, and its actions in one or two words."""
    for name, (title, words) in WORDS.items():
        yield name, title, {action: SHORT[action] for action in words}
    yield _TOKEN, _TOKEN_TITLE, _TOKEN_WORDS
