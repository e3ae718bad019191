"""What an app can do, in the words of those who decide about it: people who sell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

ACTIONS = ("read", "write", "delete")

# A resource's title, and what its actions mean.
WORDS: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "contact": (
            "Contacts",
            {
                "read": "See contacts, with their e-mail addresses and phone numbers",
                "write": "Add contacts and change them",
                "delete": "Delete contacts",
            },
        ),
        "company": (
            "Companies",
            {
                "read": "See companies",
                "write": "Add companies and change them",
                "delete": "Delete companies",
            },
        ),
        "deal": (
            "Deals",
            {
                "read": "See deals, what they are worth and how far they are",
                "write": "Add deals, change them and move them along the pipeline",
                "delete": "Delete deals",
            },
        ),
        "task": (
            "Tasks",
            {
                "read": "See tasks",
                "write": "Add tasks, change them and tick them off",
                "delete": "Delete tasks",
            },
        ),
        "note": (
            "Notes",
            {
                "read": "Read notes",
                "write": "Write notes and change them",
                "delete": "Delete notes",
            },
        ),
        "activity": (
            "Emails, calls and meetings",
            {
                "read": "See emails, calls and meetings on record",
                "write": "Record emails, calls and meetings",
                "delete": "Delete emails, calls and meetings from the record",
            },
        ),
    }
)


# What any token is for, whatever its scopes: `GET /me` and the users of the tenant.
PEOPLE = (
    "People",
    (
        "See who you are",
        "See who works in {business}: names, e-mail addresses and roles",
    ),
)


@dataclass(frozen=True, slots=True)
class Group:
    """What an app can do with one kind of record; `own_only`: with the user's alone."""

    title: str
    lines: Sequence[str]
    own_only: bool


def people(business: str) -> Group:
    """What every app sees of the people of a tenant, by the tenant's name."""
    title, lines = PEOPLE
    return Group(title, [line.format(business=business) for line in lines], False)


def groups(abilities: Iterable[Any], *, refused: bool) -> list[Group]:
    """What the services tell of abilities: those that the role refuses, or the rest."""
    found: dict[tuple[str, bool], list[str]] = {}
    for each in abilities:
        if each.refused_by_role == refused:
            key = each.resource, each.own_only and not refused
            found.setdefault(key, []).append(WORDS[each.resource][1][each.action])
    return [Group(WORDS[name][0], lines, own) for (name, own), lines in found.items()]


def summary(scopes: Iterable[str]) -> list[str]:
    """What scopes allow, a short line for each kind of record."""
    allowed: dict[str, set[str]] = {}
    for scope in scopes:
        resource, _, action = scope.partition(".")
        every = ACTIONS if action == "all" else (action,)
        allowed.setdefault(resource, set()).update(every)
    return [
        f"{title}: {_listed([SHORT[each] for each in ACTIONS if each in actions])}"
        for resource, (title, _) in WORDS.items()
        if (actions := allowed.get(resource))
    ]


SHORT = MappingProxyType({"read": "see", "write": "add and change", "delete": "delete"})


def _listed(words: list[str]) -> str:
    return ", ".join(words)
