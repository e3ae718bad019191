"""What an app can do, in the words of those who decide about it: people who sell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from prospectconnect.options.v1.options_pb2 import RecordPolicy

from edge.surface import public_services, records_of

ACTIONS = ("read", "write", "delete")

Words = Mapping[str, tuple[str, Mapping[str, str]]]


def words_of(records: Iterable[RecordPolicy]) -> Words:
    """The title of each resource that has scopes of its own, and what its actions mean.

    The plural makes the words that the proto does not have.
    """
    own = [each for each in records if _has_permissions(each)]
    own.sort(key=lambda each: (not each.place, each.place, each.resource))
    return {each.permission_resource or each.resource: _words(each) for each in own}


def _has_permissions(record: RecordPolicy) -> bool:
    """Whether scopes are the record's own, or those of several that it speaks for."""
    speaks = bool(record.consent.title) or not record.permission_resource
    return speaks and not record.any_token


def _words(record: RecordPolicy) -> tuple[str, Mapping[str, str]]:
    many, told = record.plural.replace("_", " "), record.consent
    actions = {
        "read": told.read or f"See {many}",
        "write": told.write or f"Add {many} and change them",
        "delete": told.delete or f"Delete {many}",
    }
    return told.title or many.capitalize(), actions


WORDS = words_of(records_of(public_services()).values())


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
