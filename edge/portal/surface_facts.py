"""The resources and their operations for the front page, taken from the routes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prospectconnect.options.v1 import options_pb2

from edge.transcoder.routes import Route

_STANDARD = ("get", "search", "create", "update", "delete")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: its name in paths, the prefix of its ids, and its actions."""

    name: str
    id_prefix: str
    actions: Sequence[str]

    @property
    def title(self) -> str:
        """Its name in words. Records of own objects have no name in paths."""
        return "custom records" if self.name == "records" else _words(self.name)

    @property
    def slug(self) -> str:
        """The last part of its page's address in the reference."""
        return self.title.replace(" ", "-")


def resources_of(routes: Iterable[Route]) -> list[Resource]:
    """The resources of routes, those with the most actions first."""
    by_name: dict[str, list[Route]] = {}
    for route in routes:
        by_name.setdefault(route.collection, []).append(route)
    found = [_resource(name, theirs) for name, theirs in by_name.items()]
    records = (each for each in found if each.id_prefix)
    return sorted(records, key=lambda each: (-len(each.actions), each.name))


def _resource(name: str, routes: Sequence[Route]) -> Resource:
    records = [
        route.response_class.DESCRIPTOR.GetOptions().Extensions[options_pb2.record]
        for route in routes
    ]
    prefix = next((record.id_prefix for record in records if record.id_prefix), "")
    # The standard ones in one order for all; then those of its own.
    actions = sorted(map(_action, routes), key=_place)
    return Resource(name, prefix, actions)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _place(action: str) -> int:
    return _STANDARD.index(action) if action in _STANDARD else len(_STANDARD)


def _action(route: Route) -> str:
    """The action of a route without the resource: `AddContactTags` is "add tags".

    What is the caller's own keeps its name: `GetCalendar` of users is "get calendar".
    """
    words = _CAPITAL.sub(" ", route.rpc.rpartition("/")[2]).lower().split()
    noun = route.rpc.rpartition(".")[2].removesuffix("Service").partition("Service")[0]
    is_own = "/me/" in route.path
    forms = ("me",) if is_own else (noun.lower(), route.collection)
    return " ".join(word for word in words if word not in forms)
