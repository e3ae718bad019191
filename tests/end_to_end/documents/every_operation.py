"""A good request of every public operation, made from the descriptors.

A pass asks every operation once. Two passes differ so that each write finds something
to change: what one pins, tags or moves, the next does anew or moves back. Every other
pass sends idempotency keys, and repeats what it sent with one.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from edge.transcoder.routes import Route
from tests.end_to_end.changes.following import let_all_be_told
from tests.end_to_end.documents.scenes import PAGE, Body, Sample, Scene, create
from tests.end_to_end.rights.probes import (
    ROUTES,
    action_body,
    body_about,
    ends_record,
    path_of,
    resource_of,
)
from tests.end_to_end.rights.request_fields import request_of
from tests.promises import booked, mailed, record_values
from tests.promises.record_values import BEGUN, FEW, SYSTEM, Maker, value
from tests.promises.records_suite import Resource

# The record that is written with external ids too. They cost the same with all, and a
# connection keeps no more than a hundred statements.
WITH_IDS = "contact"

# What a search may ask of its answer.
ASKED: Mapping[str, Body] = {
    "some fields": {"fields": ["name", "email", "phone"]},
    "two expansions": {"expand": ["company", "owner"]},
}
# What becomes of a meeting that has begun.
MEETS = ("/held", "/no_show")


def one_pass(scene: Scene, number: int) -> Iterator[Sample]:
    """Every operation on what is in the scene; `number` counts the passes from 0.

    Operations on no record belong to users.
    """
    for route in ROUTES:
        if route.streams:  # it has no end
            continue
        if route.is_file or route.is_upload:  # of bytes, and of what a job has made
            continue
        if "delivery_id" in route.path_parameters:
            continue  # nothing is delivered here
        if route.path.endswith(MEETS) and scene.begin is None:
            continue  # no meeting has begun
        if route.path.endswith("/imports/{id}/undo") and not scene.maker.waits:
            continue  # no import has ended
        resource = resource_of(route)
        if ("user" if resource is None else resource.name) not in scene.records:
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
    if (part := _of_part(scene, route, resource, sample)) is not None:
        yield part
        return
    record = _record(scene, route, resource)
    sample = replace(sample, path=path_of(route, record))
    if route.is_search:  # the oldest are the same in every pass
        is_of_part = "id" in route.path_parameters
        is_filled = resource.name in scene.bodies and resource.name not in FEW
        body: Body = {"limit": PAGE if is_filled else 1}
        body |= {} if is_of_part else {"sort_direction": "asc"}
        yield replace(sample, body=body)
        if resource.name == WITH_IDS:
            for asked, what in ASKED.items():
                yield replace(sample, name=f"{name}, {asked}", body=body | what)
    elif route.body_field == "*":
        yield replace(sample, body=_asked(scene, route, record, n))
    elif route.http_method == "PATCH":
        yield replace(sample, body=_changes(resource, n)[0])
    elif "id" in route.accepts:
        yield from _upserts(scene, resource, sample, _changes(resource, n)[-1])
    elif route.body_field:
        yield from _creations(scene, resource, sample, n)
    else:
        yield sample


def _creations(
    scene: Scene, resource: Resource, sample: Sample, n: int
) -> Iterator[Sample]:
    """The creation of a record; of one kind a second one, with external ids."""
    if resource.name in BEGUN:
        yield replace(sample, body=dict(BEGUN[resource.name]))
        return
    if resource.name == "email":
        yield replace(sample, body=mailed.request(scene.maker.client))
        return
    body = scene.bodies[resource.name][n] if resource.name in scene.bodies else {}
    body = scene.maker.another(resource, body or scene.maker.full(resource, n))
    yield replace(sample, body=body)
    if resource.name != WITH_IDS:
        return
    named = {f.name: value(f, n) for f in resource.writable if f.is_unique}
    yield replace(sample, name=f"{sample.name}, with ids", body={**body, **named})


def _record(scene: Scene, route: Route, resource: Resource) -> str:
    """The record that an operation is about: one that it may delete, or restore."""
    is_deleted = resource.name in scene.bodies and not resource.policy.archives
    restores = "/restore" in route.path and is_deleted
    if route.path.endswith(("/imports/{id}/start", "/imports/{id}/cancel")):
        return scene.maker.sent_import()
    if route.path.endswith("/imports/{id}/undo"):
        return scene.maker.ended_import()
    if route.permission == "booking.write":  # each becomes something else
        booking = str(scene.maker.reference("booking", 0))
        if route.path.endswith(MEETS) and scene.begin is not None:
            scene.begin(booking)
        return booking
    if route.permission == "email.write":  # one that is queued is cancelled
        return str(scene.maker.reference("email", 0))
    if route.path.endswith("/verify"):  # few links of one sender are mailed
        return create(scene.maker, resource, scene.bodies[resource.name][0])
    if route.path.endswith("/replay"):  # few of one webhook may be under way
        return create(scene.maker, resource, scene.bodies[resource.name][0])
    if route.path.endswith("/clock") and route.body_field:  # it is moved already
        return _new_one(scene, resource)
    is_reset = route.path.endswith("/reset")  # what is still being reset is not again
    if not (restores or is_reset or ends_record(route)):
        return scene.records[resource.name]
    record = _of_its_own(scene, resource)
    if restores:
        deleted = scene.maker.client.delete(f"{resource.path}/{record}")
        assert deleted.status == 204, deleted.body
    return record


def _of_its_own(scene: Scene, resource: Resource) -> str:
    """A record that nothing else in the scene is about: a new one, or of few the last.

    What a pass creates of few, the next one deletes.
    """
    if resource.name in scene.bodies:
        return create(scene.maker, resource, scene.bodies[resource.name][0])
    there = [each["id"] for each in scene.maker.client.pages(resource.path)]
    others = [each for each in there if each != scene.records[resource.name]]
    made = dict(BEGUN[resource.name])
    return str(others[0] if others else scene.maker.made(resource, made)["id"])


def _new_one(scene: Scene, resource: Resource) -> str:
    """A new record of few, for which another one goes."""
    client = scene.maker.client
    for each in client.pages(resource.path):
        if each["id"] != scene.records[resource.name]:
            assert client.delete(f"{resource.path}/{each['id']}").status == 204
    made = scene.maker.made(resource, dict(BEGUN[resource.name]))
    return str(made["id"])


def _of_part(
    scene: Scene, route: Route, resource: Resource, sample: Sample
) -> Sample | None:
    """The request about a part of a record, None for other operations."""
    if "/holds" in route.path:
        return _of_hold(scene, route, sample)
    if "value" not in route.path_parameters:
        return None
    record = _record(scene, route, resource)
    sample = replace(sample, path=path_of(route, record))
    return _of_option(scene, resource, sample, record)


def _of_hold(scene: Scene, route: Route, sample: Sample) -> Sample:
    """The request about a hold, or for one of a meeting type with free slots."""
    client = scene.maker.client
    if route.body_field:
        path = path_of(route, booked.meeting_type(client))
        return replace(sample, path=path, body={"starts_at": booked.time()})
    hold = booked.hold(client)
    path = f"/meeting_types/{hold['meeting_type_id']}/holds/{hold['id']}"
    return replace(sample, path=path)


def _of_option(scene: Scene, resource: Resource, sample: Sample, like: str) -> Sample:
    """The request that replaces an option, of a field that has two."""
    options = [{"value": each, "label": each} for each in ("gold", "iron")]
    kind = {"type": "select", "max_length": None, "options": options}
    made = create(scene.maker, resource, scene.bodies[resource.name][0] | kind)
    path = sample.path.replace(like, made).replace("VIP", "gold")
    return replace(sample, path=path, body={"with": "iron"})


def _upserts(
    scene: Scene, resource: Resource, sample: Sample, change: Body
) -> Iterator[Sample]:
    """Upserts by each kind of value: what is there, and what is not."""
    name, record = sample.name, scene.records[resource.name]
    new = _new(scene.maker, resource)
    if resource.policy.match_on_optional:
        yield replace(sample, name=f"{name}, new", body=new)
    change = {"id": record, "match_on": "id", **change}
    yield replace(sample, name=f"{name}, by id", body=change)
    if resource.name != WITH_IDS:
        return
    match_on = f"external_ids.{SYSTEM}"
    body = {
        "external_ids": {SYSTEM: record_values.new_id()},
        "match_on": match_on,
        **new,
    }
    yield replace(sample, name=f"{name}, new external id", body=body)


def _asked(scene: Scene, route: Route, record: str, n: int) -> dict[str, Any]:
    """What is asked for, the same in every pass: a history is longer in each."""
    if "/duplicates" in route.path:
        return {} if route.path.endswith("/search") else {"record": {}}
    body = body_about(route, scene.maker, record, n)
    return body or {"limit": 1} if route.is_past else body


def _of_no_record(scene: Scene, route: Route, sample: Sample) -> Sample:
    """The request of an operation that is about the caller or the caller's tokens."""
    made = {"scopes": ["deal.read"]}
    if "id" in route.path_parameters:
        token = scene.maker.client.create("/tokens", made)
        return replace(sample, path=path_of(route, token["id"]))
    if route.is_search:
        return replace(sample, body={"limit": 1})
    if route.is_batch:
        return replace(sample, body=action_body(route, scene.maker))
    if route.is_feed:  # the first change is the same in every pass
        let_all_be_told(scene.maker.client)
        body = {"start": "earliest", "limit": 1, "include": ["changed", "state"]}
        return replace(sample, body=body)
    if not route.body_field:
        return sample
    says_all = len(request_of(route).fields) == len(route.path_parameters)
    return replace(sample, body={} if says_all else made)  # the path says all


def _new(maker: Maker, resource: Resource) -> Body:
    """A body with no more than it must have, of a record that is not there yet."""
    least, n = maker.least(resource), secrets.randbits(32)
    fresh = {
        f.name: value(f, n)
        for f in resource.writable
        if f.name in least and not (f.choices or f.policy.references)
    }
    return least | fresh


def _changes(resource: Resource, n: int) -> list[Body]:
    """Changes of one field each, to its nth value."""
    fields = [f for f in resource.writable if f.patchable and not f.policy.references]
    return [{f.name: value(f, n)} for f in fields if not f.is_unique]
