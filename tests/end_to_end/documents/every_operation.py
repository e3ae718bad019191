"""A good request of every public operation, made from the descriptors.

A pass asks every operation once. Two passes differ so that each write finds something
to change: what one pins, tags or moves, the next does anew or moves back. Every other
pass sends idempotency keys, and repeats what it sent with one.
"""

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from edge.transcoder.routes import Route
from tests.end_to_end.rights.probes import ROUTES, action_body, path_of, resource_of
from tests.promises.record_values import Maker, value
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


@dataclass(frozen=True, slots=True)
class Scene:
    """What the requests are about: of each resource a record that they work on, and
    two bodies that give every field a value."""

    maker: Maker
    records: Mapping[str, str]
    bodies: Mapping[str, tuple[Body, Body]]


def set_scene(maker: Maker, names: Collection[str] = tuple(RESOURCES)) -> Scene:
    """Fills a tenant: a page of every resource, or of some, that can be created."""
    written = [each for each in WRITTEN if each.name in names]
    bodies = {r.name: (maker.full(r, 0), maker.full(r, 1)) for r in written}
    for resource in written:
        for _ in range(PAGE):
            _create(maker, resource, bodies[resource.name][0])
    records = {
        name: _create(maker, each, bodies[name][0])
        if name in bodies
        else maker.reference(name, 0)
        for name, each in RESOURCES.items()
        if name in names
    }
    return Scene(maker, records, bodies)


def one_pass(scene: Scene, number: int) -> Iterator[Sample]:
    """Every operation on what is in the scene; `number` counts the passes from 0."""
    for route in ROUTES:
        resource = resource_of(route)
        if resource is not None and resource.name not in scene.records:
            continue
        for sample in _samples(scene, route, (number + 1) % 2):
            if not route.keyed or number % 2 == 0:
                yield sample
                continue
            keyed = replace(sample, key=secrets.token_hex(8))
            yield replace(keyed, name=f"{sample.name}, keyed")
            yield replace(keyed, name=f"{sample.name}, replayed")


def _samples(scene: Scene, route: Route, n: int) -> Iterator[Sample]:
    """The requests of an operation, with the nth value of what they set."""
    name, resource = route.rpc.rpartition("/")[2], resource_of(route)
    sample = Sample(name, route.http_method, path_of(route, ""), route.status, None)
    if resource is None:
        yield _of_no_record(scene, route, sample)
        return
    record = scene.records[resource.name]
    if route.http_method == "DELETE" and route.path_parameters == ("id",):
        record = _create(scene.maker, resource, scene.bodies[resource.name][0])
    sample = replace(sample, path=path_of(route, record))
    if route.is_search:  # the oldest are the same in every pass
        yield replace(sample, body={"limit": PAGE, "sort_direction": "asc"})
    elif route.body_field == "*":
        yield replace(sample, body=action_body(route, scene.maker, n))
    elif route.has_update_mask and route.path_parameters:
        yield replace(sample, body=_changes(resource, n)[0])
    elif "id" in route.accepts:
        yield replace(sample, name=f"{name}, new", body=_new(scene.maker, resource))
        change = {"id": record, **_changes(resource, n)[-1]}
        yield replace(sample, name=f"{name}, by id", body=change)
    elif route.body_field:
        body = scene.maker.another(resource, scene.bodies[resource.name][n])
        yield replace(sample, body=body)
    else:
        yield sample


def _create(maker: Maker, resource: Resource, body: Body) -> str:
    """Creates a record like others and returns its id."""
    created = maker.client.create(resource.path, maker.another(resource, body))
    return str(created["id"])


def _of_no_record(scene: Scene, route: Route, sample: Sample) -> Sample:
    """The request of an operation that is about the caller or the caller's tokens."""
    made = {"scopes": ["deal.read"]}
    if route.path_parameters:
        token = scene.maker.client.create("/tokens", made)
        return replace(sample, path=path_of(route, token["id"]))
    if route.is_search:
        return replace(sample, body={"limit": 1})
    return replace(sample, body=made) if route.body_field else sample


def _new(maker: Maker, resource: Resource) -> Body:
    """A body with no more than it must have, of a record that is not there yet."""
    least, n = maker.least(resource), secrets.randbits(32)
    return {f.name: value(f, n) for f in resource.writable if f.name in least}


def _changes(resource: Resource, n: int) -> list[Body]:
    """Changes of one field each, to its nth value."""
    fields = (f for f in resource.writable if f.patchable and not f.policy.references)
    return [{field.name: value(field, n)} for field in fields]
