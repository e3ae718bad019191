"""What requests of every operation are about: a tenant with a page of everything."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tests.promises.record_values import FEW, Maker, repeatable
from tests.promises.records_suite import RESOURCES, WRITTEN, Resource

PAGE = 25

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """A request, by the name of its operation and what is special about it."""

    name: str
    method: str
    path: str
    status: int
    body: Body | None
    key: str = ""


# Given the id of a booking.
Begin = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """What the requests are about: of each resource a record that they work on, and
    two bodies that give every field a value which others may have too. `begin` lets
    the meeting of a booking begin."""

    maker: Maker
    records: Mapping[str, str]
    bodies: Mapping[str, tuple[Body, Body]]
    begin: Begin | None = None


def set_scene(
    maker: Maker,
    names: Collection[str] = tuple(RESOURCES),
    page: int = PAGE,
    begin: Begin | None = None,
) -> Scene:
    """Fills a tenant: a page of every resource, or of some, that can be created."""
    if "object" in names:
        maker.prepare(RESOURCES["record"])
    written = [each for each in WRITTEN if each.name in names]
    bodies = {r.name: (_full(maker, r, 0), _full(maker, r, 1)) for r in written}
    for resource in written:
        for _ in range(1 if resource.name in FEW else page):
            create(maker, resource, bodies[resource.name][0])
    records = {
        name: create(maker, each, bodies[name][0])
        if name in bodies
        else maker.reference(name, 0)
        for name, each in RESOURCES.items()
        if name in names
    }
    return Scene(maker, records, bodies, begin)


def _full(maker: Maker, resource: Resource, n: int) -> Body:
    return repeatable(resource, maker.full(resource, n))


def create(maker: Maker, resource: Resource, body: Body) -> str:
    """Creates a record like others and returns its id."""
    created = maker.client.create(resource.path, maker.another(resource, body))
    return str(created["id"])
