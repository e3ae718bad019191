"""Probes: every way to ask by an id, made from the descriptors of all operations.

A probe sends one id to one operation, in its path, in its body or in a filter. No
operation is named here, so that a new one is probed as soon as it is there.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from edge.surface import public_services
from edge.transcoder.routes import Route, routes_of
from services.kinds.record_type import RECORD_ID
from tests.client import VERSION, Answer
from tests.end_to_end.rights.request_fields import field_of, request_of, target_of
from tests.end_to_end.rights.said_bodies import RECENT, said_body
from tests.end_to_end.rights.single_answers import only
from tests.promises.record_values import BEGUN, ENDS, SYSTEM, Maker, new_id, value
from tests.promises.records_suite import LINKS, OBJECT, RESOURCES, Field, Resource

ROUTES = routes_of(public_services())

# What a path names, other than tags: a type of record, a part, a contract.
_NAMED = {"slug": OBJECT, "object": OBJECT, "number": "1", "date": VERSION}
# A file that an import takes.
_FILE = b"email\nada@engine.example\n"

# What an id is compared by: operators and groups around it.
_CONDITIONS: dict[str, Callable[[str, str], Any]] = {
    "eq": lambda f, i: {"field": f, "operator": "eq", "value": i},
    "in": lambda f, i: {"field": f, "operator": "in", "values": [i]},
    "not neq": lambda f, i: {"not": {"field": f, "operator": "neq", "value": i}},
    "not_in": lambda f, i: {"field": f, "operator": "not_in", "values": [i]},
    "neq": lambda f, i: {"field": f, "operator": "neq", "value": i},
}


@dataclass(frozen=True, slots=True)
class Probe:
    """One place for one id. `kind` is the resource whose id belongs there.

    `send` asks as a maker's client.
    """

    name: str
    kind: str
    send: Callable[[Maker, str], Answer]

    def __str__(self) -> str:
        return self.name


def probes_of(route: Route) -> list[Probe]:
    """Every probe that an operation's descriptors allow."""
    makes = (_in_path, _in_body, _in_filters, _in_batch, _as_duplicate)
    return [probe for make in makes for probe in make(route)]


def resource_of(route: Route) -> Resource | None:
    """The resource whose collection a route's path begins with."""
    head = route.collection_path.replace("{object}", OBJECT).removeprefix("/v1")
    return next((each for each in RESOURCES.values() if each.path == head), None)


def ends_record(route: Route) -> bool:
    """Whether nothing can be done with a record after it: a deletion, an erasure."""
    if route.http_method == "DELETE":
        return route.path.endswith("/{id}")
    return (route.permission or "").endswith(".erase")


def _name(route: Route, place: str) -> str:
    return f"{route.http_method} {route.path} {place}"


def _in_path(route: Route) -> Iterator[Probe]:
    resource = resource_of(route)
    is_of_part = {"value", "delivery_id", "hold_id"} & set(route.path_parameters)
    if resource is None or "id" not in route.path_parameters or is_of_part:
        return
    has_body = route.body_field == "*" and not route.is_upload
    headed = [("", ""), ("if_match", '"1"'), ("idempotency_key", "")]
    for header, text in headed[:1] if route.is_file or route.is_upload else headed:

        def send(
            maker: Maker, each: str, header: str = header, text: str = text
        ) -> Answer:
            headers = {header: text or secrets.token_hex(8)} if header else {}
            body: Any = body_about(route, maker, each) if has_body else {}
            is_changing = MERGE in body or resource.name in BEGUN
            if header == "if_match" and is_changing:
                headers[header] = "*"  # a merge, or a job, has just changed the record
            path, sent = path_of(route, each), _FILE if route.is_upload else body
            return maker.client.send(route.http_method, path, sent, **headers)

        yield Probe(_name(route, f"path {header}"), resource.name, send)


def path_of(route: Route, record_id: str) -> str:
    """An operation's path to a record, below `/v1`."""
    path = route.path.removeprefix("/v1").replace("{id}", record_id)
    for name in route.path_parameters:
        path = path.replace(f"{{{name}}}", _NAMED.get(name, "VIP"))
    return path


# What merges are given: other records; to undo one, the merge itself.
MERGED, MERGE, CHECKED = "ids", "merge_id", "contact_ids"

# A moment after all that was done.
LATEST = "2100-01-01T00:00:00Z"
BEGIN = "2095-01-01T00:00:00Z"
_TIMESTAMP = "google.protobuf.Timestamp"


def action_body(
    route: Route, maker: Maker, n: int = 0, /, **given: str
) -> dict[str, Any]:
    """What an action must be given, beside what is given here: the nth of each."""
    if (said := said_body(route, maker.client, given)) is not None:
        return said
    if route.is_batch:
        return {**given, "operations": [operation_of(route, maker)]}
    body: dict[str, Any] = dict(given)
    resource = resource_of(route)
    if route.path.endswith("/duplicates") and resource is not None:
        return {"id": maker.reference(resource.name, n), **body}
    for field in map(field_of, request_of(route).fields):
        is_there = field.name in (*route.path_parameters, *given)
        if field.required and field.message == _TIMESTAMP:
            begin = BEGIN if route.path.endswith("/funnel") else RECENT
            body.setdefault(field.name, begin if field.name == "from" else LATEST)
        elif field.name == "only":  # a webhook with filters replays these alone
            body.setdefault(field.name, "failed")
        elif field.name in (MERGED, CHECKED):
            named = RESOURCES["contact"] if field.name == CHECKED else resource
            assert named is not None
            body.setdefault(field.name, [maker.create(named)["id"]])
        elif field.required and not field.message and not is_there:
            target = target_of(field.descriptor)
            body[field.name] = maker.reference(target, n) if target else value(field, n)
    return body


def body_about(
    route: Route, maker: Maker, record_id: str, n: int = 0
) -> dict[str, Any]:
    """What an action on a record must be given. A merge that is undone is its own."""
    body, resource = action_body(route, maker, n), resource_of(route)
    if MERGE in body and resource is not None:
        body[MERGE] = maker.merge(resource, record_id)[MERGE]
    return body


def operation_of(route: Route, maker: Maker) -> dict[str, Any]:
    """An operation of a batch that creates a record: a contact, if it may be any."""
    resource = resource_of(route) or RESOURCES["contact"]
    named = {} if route.of_records else {"resource": resource.policy.plural}
    return {"method": "create", **named, "body": maker.least(resource)}


def _as_duplicate(route: Route) -> Iterator[Probe]:
    """The record whose duplicates are asked for."""
    resource = resource_of(route)
    if resource is None or not route.path.endswith("/duplicates"):
        return

    def send(maker: Maker, each: str) -> Answer:
        return maker.client.post(path_of(route, ""), {"id": each})

    yield Probe(_name(route, "body id"), resource.name, send)


def _in_batch(route: Route) -> Iterator[Probe]:
    """The operations of a batch that name a record; each answers as a single one."""
    resource = resource_of(route)
    if not route.is_batch or resource is None:
        return
    for method in ("get", "update", "delete", "restore"):
        if method.title() not in resource.verbs:
            continue

        def send(maker: Maker, each: str, method: str = method) -> Answer:
            operation: dict[str, Any] = {"method": method, "id": each}
            if method == "update":
                operation["body"] = {}
            path = path_of(route, "")
            return only(maker.client.post(path, {"operations": [operation]}))

        yield Probe(_name(route, f"operation {method}"), resource.name, send)


def _in_body(route: Route) -> Iterator[Probe]:
    resource = resource_of(route)
    if resource is None or route.only_reads or not route.body_field or route.is_batch:
        return
    if route.body_field == "*":
        yield from _in_action(route, resource)
        return
    if "id" in route.accepts:

        def by_id(maker: Maker, each: str) -> Answer:
            kept = {field.name for field in resource.writable if not field.patchable}
            least = maker.least(resource).items()
            body = {name: value for name, value in least if name not in kept}
            body |= {"id": each, "match_on": "id"}
            return maker.client.send("POST", path_of(route, ""), body)

        yield Probe(_name(route, "body id"), resource.name, by_id)
    for field in resource.writable:
        if _refers_to(field) and (field.patchable or "id" not in route.path_parameters):
            yield _reference(route, resource, field)


def _reference(route: Route, resource: Resource, field: Field) -> Probe:
    def send(maker: Maker, each: str) -> Answer:
        body: dict[str, Any] = {field.name: each}
        path = path_of(route, "")
        if "id" in route.path_parameters:
            path = path_of(route, maker.create(resource)["id"])
        else:
            body = maker.requested(resource, **body)
        if "id" in route.accepts:
            body["external_ids"] = {SYSTEM: new_id()}
            body["match_on"] = f"external_ids.{SYSTEM}"
        return maker.client.send(route.http_method, path, body)

    name = _name(route, f"body {field.name}")
    return Probe(name, _refers_to(field), send)


def _refers_to(field: Field) -> str:
    """The resource whose id a field holds, as its option says or our associations."""
    return field.policy.references or (ENDS[field.name] if field.policy.end else "")


def _in_action(route: Route, resource: Resource) -> Iterator[Probe]:
    for item in request_of(route).fields:
        target = target_of(item)
        if not target or item.name in route.path_parameters or item.name == MERGE:
            continue  # a merge has its survivor: `merging/test_who_may.py`

        def send(maker: Maker, each: str, name: str = item.name) -> Answer:
            path = path_of(route, maker.create(resource)["id"])
            body = action_body(route, maker, **{name: each})
            return maker.client.send(route.http_method, path, body)

        yield Probe(_name(route, f"body {item.name}"), target, send)


def _deleted(route: Route, resource: Resource) -> Probe:
    """Looks for a deleted record."""

    def send(maker: Maker, each: str) -> Answer:
        body = {"deleted": True, "filters": [_CONDITIONS["eq"]("id", each)]}
        return maker.client.post(f"{resource.path}/search", body)

    return Probe(_name(route, "filter deleted id"), resource.name, send)


def _in_filters(route: Route) -> Iterator[Probe]:
    resource = resource_of(route)
    if resource is None or not route.is_search:
        return
    fields = {
        field.name: _refers_to(field) or resource.name
        for field in resource.fields
        if field.policy.filterable and (_refers_to(field) or field.name == "id")
    }
    places = list(fields.items())
    places += [(RECORD_ID, kind) for name, kind in ENDS.items() if name in fields]
    if resource.policy.shared_by_links:
        places += [(RECORD_ID, kind) for kind in LINKS]
    if "deleted" in request_of(route).fields_by_name:
        yield _deleted(route, resource)
    for name, kind in places:
        for operator, condition in _CONDITIONS.items():

            def send(
                maker: Maker, each: str, c: Any = condition, f: str = name
            ) -> Answer:
                body = {"filters": [c(f, each)], "include_total": True}
                return maker.client.post(f"{resource.path}/search", body)

            yield Probe(_name(route, f"filter {name} {operator} {kind}"), kind, send)
