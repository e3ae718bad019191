"""What an app can do, in words that salespeople use: they decide about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from prospectconnect.options.v1 import options_pb2
from prospectconnect.options.v1.options_pb2 import RecordPolicy

from edge.surface import public_services, records_of

ACTIONS = ("read", "write", "delete", "erase")
# What the scope `all` of a resource grants.
ALL = ACTIONS[:3]

# The methods of records that somebody writes.
_WRITTEN = {
    options_pb2.STANDARD_METHOD_CREATE,
    options_pb2.STANDARD_METHOD_UPDATE,
    options_pb2.STANDARD_METHOD_DELETE,
}

Words = dict[str, tuple[str, Mapping[str, str]]]


def words_of(records: Iterable[RecordPolicy]) -> Words:
    """The title of each resource with scopes of its own, and texts for its actions.

    Texts that are not in the proto are made from the plural.
    """
    own = [each for each in records if _has_permissions(each)]
    own.sort(key=lambda each: (not each.place, each.place, each.resource))
    return {each.permission_resource or each.resource: _words(each) for each in own}


def _has_permissions(record: RecordPolicy) -> bool:
    """Whether scopes are the record's own, or those of several that it speaks for."""
    speaks = bool(record.consent.title) or not record.permission_resource
    return speaks and not record.any_token


def _is_only_read(record: RecordPolicy) -> bool:
    """Whether it has no scopes but that to read."""
    return (
        bool(record.consent.title and record.consent.read)
        and set(record.without) >= _WRITTEN
    )


def _words(record: RecordPolicy) -> tuple[str, Mapping[str, str]]:
    many, told = record.plural.replace("_", " "), record.consent
    actions = {
        "read": told.read or f"See {many}",
        "write": told.write or f"Add {many} and change them",
        "delete": told.delete or f"Delete {many}",
    }
    if _is_only_read(record):
        return told.title, {"read": actions["read"]}
    if record.erasable:
        erase = f"Erase {many}: destroy what is known of them"
        actions["erase"] = told.erase or erase
    return told.title or many.capitalize(), actions


WORDS = words_of(records_of(public_services()).values()) | {
    "change": ("Changes", {"read": "Follow what happens to records, as it happens"})
}


# What every token may do, with any scopes: `GET /me`, reading the tenant's users, and
# `GET /limits`.
PEOPLE = (
    "People and limits",
    (
        "See who you are",
        "See who works in {business}: names, e-mail addresses and roles",
        "See the limits of {business}, and how much of them is used",
    ),
)


@dataclass(frozen=True, slots=True)
class Group:
    """An app's actions on a kind of record; `own_only`: on the user's own only."""

    title: str
    lines: Sequence[str]
    own_only: bool


def people(business: str) -> Group:
    """What every app can read about a tenant, whose name is `business`."""
    title, lines = PEOPLE
    return Group(title, [line.format(business=business) for line in lines], False)


def groups(abilities: Iterable[Any], *, refused: bool) -> list[Group]:
    """The abilities from the services: those that the role refuses, or the others."""
    found: dict[tuple[str, bool], list[str]] = {}
    for each in abilities:
        if each.refused_by_role == refused:
            key = each.resource, each.own_only and not refused
            found.setdefault(key, []).append(WORDS[each.resource][1][each.action])
    return [Group(WORDS[name][0], lines, own) for (name, own), lines in found.items()]


def summary(scopes: Iterable[str]) -> list[str]:
    """What scopes allow: a short line for each kind of record."""
    allowed: dict[str, set[str]] = {}
    for scope in scopes:
        resource, _, action = scope.partition(".")
        every = ALL if action == "all" else (action,)
        allowed.setdefault(resource, set()).update(every)
    return [
        f"{title}: {_listed([SHORT[each] for each in words if each in actions])}"
        for resource, (title, words) in WORDS.items()
        if (actions := allowed.get(resource))
    ]


SHORT = MappingProxyType(
    {
        "read": "see",
        "write": "add and change",
        "delete": "delete",
        "erase": "erase for good",
    }
)


def _listed(words: list[str]) -> str:
    return ", ".join(words)
