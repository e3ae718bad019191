"""Performs every operation once, on records whose values read well."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from edge.openapi.operations import operation_id
from edge.transcoder.routes import Route
from tests.client import Answer, Client
from tests.end_to_end.rights.probes import (
    MERGE,
    MERGED,
    ROUTES,
    body_about,
    ends_record,
    resource_of,
)
from tests.openapi.samples import (
    CHANGES,
    COUNTED,
    FIGURES,
    SEARCHES,
    VALUES,
    sample,
)
from tests.promises.record_values import ENDS, SYSTEM, Maker, repeatable
from tests.promises.records_suite import OBJECT, RESOURCES, WRITTEN, Resource

Body = dict[str, Any]

_TOKEN: Body = {"name": "Nightly import", "scopes": ["contact.write", "deal.read"]}
_TAG = "VIP"
# What else a path names: an option of the field, a type of record.
_NAMED = {"value": "none", "slug": OBJECT, "object": OBJECT}
_NEW_ID = "00Q5g00000LmNoPEAV"
# What is searched for among the parts of one record.
_ROWS_SEARCH: Body = {"status": "failed", "limit": 1}
_PART_SEARCH: Body = {"states": ["given_up"], "limit": 1}


@dataclass(frozen=True, slots=True)
class Example:
    """An operation that was performed: what was sent, and the answer."""

    operation: str
    path: dict[str, str]
    body: Body | None
    answer: Answer


_IMPORT: Body = {"resource": "contacts", "mode": "create", "format": "csv"}
_EXPORT: Body = {"resource": "contacts", "format": "csv", "compression": "gzip"}
_BEGUN = {"import": _IMPORT, "export": _EXPORT}


def perform_all(client: Client, user: str) -> Iterator[Example]:
    """Performs every operation as a user, those that delete or erase last.

    Streams have no example: their answer does not end. Nor have files, which are no
    JSON.
    """
    maker = Maker(client, {})
    records = make_records(client, user)

    def is_late(route: Route) -> bool:
        return route.http_method == "DELETE" or ends_record(route)

    answered = (
        route
        for route in ROUTES
        if not (route.streams or route.is_file or route.is_upload)
    )
    for route in sorted(answered, key=is_late):
        yield _perform(maker, route, records)


def make_records(client: Client, user: str, n: int = 0) -> dict[str, Body]:
    """A body for each resource that can be created, and a record of each.

    Each is linked to those before it, of the kinds that it links to. `n` tells what is
    made anew from what was made before.
    """
    maker, records = Maker(client, {}), dict[str, Body](user={"id": user})
    for name, resource in RESOURCES.items():
        if resource not in WRITTEN and name not in records:
            if not maker.client.pages(resource.path):
                maker.reference(name, 0)
            records[name] = maker.client.pages(resource.path)[0]
    stages = records["pipeline"]["stages"]
    records["stage"] = {"id": stages[1]["id"]}
    for name in _linked_last():
        resource = RESOURCES[name]
        maker.prepare(resource)
        body = _body(maker, resource, records)
        body = _anew(maker, resource, body, n) if n else body
        made = maker.client.create(resource.path, repeatable(resource, body))
        records[name] = {"id": made["id"], "body": body}
    return records


def _linked_last() -> list[str]:
    """The resources that can be created, each after those that it links to."""
    names = [resource.name for resource in WRITTEN]
    done: list[str] = []
    while len(done) < len(names):
        for resource in WRITTEN:
            links = {field.policy.references for field in resource.writable}
            links |= {kind for field, kind in ENDS.items() if _has(resource, field)}
            if resource.name not in done and not (links & set(names)) - set(done):
                done.append(resource.name)
    return done


def _has(resource: Resource, name: str) -> bool:
    return any(field.name == name and field.policy.end for field in resource.writable)


def _body(maker: Maker, resource: Resource, records: dict[str, Body]) -> Body:
    body = {}
    for field in resource.writable:
        value = sample(maker, resource, field)
        if field.policy.references:
            value = records[field.policy.references]["id"]
        if field.policy.end:
            value = records[ENDS[field.name]]["id"]
        if resource.name == "dashboard" and field.name == "items":
            value = _items(maker)
        if value is not None:
            body[field.name] = value
    return body


def _items(maker: Maker) -> list[Body]:
    """The places of two reports beside each other."""
    # Those that a tenant begins with are of one moment, so they come in any order.
    reports = sorted(maker.client.pages("/reports"), key=itemgetter("name"))[:2]
    places: list[Body] = [{"x": 0}, {"x": 6}]
    return [
        {"report_id": each["id"], **place, "y": 0, "w": 6, "h": 4}
        for each, place in zip(reports, places, strict=True)
    ]


def _perform(maker: Maker, route: Route, records: dict[str, Body]) -> Example:
    resource = resource_of(route)
    values = {name: _NAMED.get(name, _TAG) for name in route.path_parameters}
    if "id" in values:
        values["id"] = _record(maker, route, resource, records)
    if "/deliveries/" in route.path or route.path.endswith("/replay"):
        values |= _delivered(maker, values)
    if route.path.endswith("/start"):
        values["id"] = _sent_content(maker)
    body = _sent(maker, route, resource, records)
    path = route.path.removeprefix("/v1")
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    answer = maker.client.send(route.http_method, path, body)
    assert answer.status == route.status, (route.path, answer.body)
    return Example(operation_id(route), values, body, answer)


def _sent_content(maker: Maker) -> str:
    """An import with a part, which has not started."""
    found: str = maker.client.create("/imports", dict(_IMPORT))["id"]
    part = f"/imports/{found}/content/1"
    sent = maker.client.send("PUT", part, b"email\nada@engine.example\n")
    assert sent.status == 200, sent.body
    return found


def _delivered(maker: Maker, values: dict[str, str]) -> dict[str, str]:
    """A webhook that has delivered something, and where it is asked for, what."""
    for webhook in maker.client.pages("/webhooks"):
        path = f"/webhooks/{webhook['id']}/deliveries"
        found = maker.client.search(path, limit=1)["data"]
        if found:
            named = {"id": webhook["id"], "delivery_id": found[0]["id"]}
            return {name: named[name] for name in values}
    raise AssertionError("no webhook has delivered anything")


def _record(
    maker: Maker, route: Route, resource: Resource | None, records: dict[str, Body]
) -> str:
    """The id of what an operation is about; what is deleted is made for it.

    What is restored is made for it too, and deleted.
    """
    path, body, restores = "/tokens", _TOKEN, False
    if resource is not None:
        record = records[resource.name]
        is_deleted = "body" in record and not resource.policy.archives
        restores = route.path.endswith("/restore") and is_deleted
        if not (restores or ends_record(route)):
            return str(record["id"])
        body = repeatable(resource, record["body"])
        path, body = resource.path, _anew(maker, resource, body, 5 if restores else 3)
    made = str(maker.client.create(path, body)["id"])
    if restores:
        assert maker.client.delete(f"{path}/{made}").status == 204
    return made


def _sent(
    maker: Maker, route: Route, resource: Resource | None, records: dict[str, Body]
) -> Body | None:
    if not route.body_field:
        return None
    if route.is_batch:
        return _batch(maker, route, records)
    if route.is_feed:
        kinds = {"types": ["contact.created"], "include": ["changed", "state"]}
        return {"start": "earliest", "limit": 1, **kinds}
    if resource is None:
        return {"limit": 1} if route.is_search else _TOKEN
    record = records[resource.name]
    if asked := _asked(route, resource):
        return asked
    if route.body_field == "*":
        return _action(maker, route, records)
    if route.http_method == "PATCH":
        return dict(CHANGES.get(resource.name) or _change(resource, record["body"]))
    if "id" in route.accepts:
        return _upsert(resource, record["body"])
    if resource.name in _BEGUN:
        return dict(_BEGUN[resource.name])
    if "body" not in record:
        return _body(maker, resource, records)
    # The reference sends it as it is shown, as often as the reader likes.
    return _anew(maker, resource, repeatable(resource, record["body"]), 2)


def _asked(route: Route, resource: Resource) -> Body | None:
    """What a read of many records is asked for, None for other operations."""
    if route.is_search:
        is_of_part = "{" in route.path.removeprefix(f"{route.collection_path}/")
        part = _ROWS_SEARCH if resource.name == "import" else _PART_SEARCH
        return part if is_of_part else dict(SEARCHES[resource.name])
    if route.makes_figures:
        return dict(FIGURES.get(resource.name, COUNTED))
    if route.path.endswith("/history"):
        return {"limit": 3}  # a whole history would fill pages of the reference
    return _finding(route) if route.finds else None


def _finding(route: Route) -> Body:
    """Asks for the duplicates of the record of the examples, or for the first group."""
    if route.path.endswith("/search"):  # by a score that one group alone has
        least = {"contacts": 0.97, "companies": 0.9}
        return {"min_score": least[route.collection], "limit": 1}
    names = ("first_name", "last_name", "email")
    if route.collection == "companies":
        return {"record": {"name": VALUES["company.name"]}}
    return {"record": {name: VALUES[name] for name in names}}


def _batch(maker: Maker, route: Route, records: dict[str, Body]) -> Body:
    """A record that is created, and one that is read.

    Where records are of any types, a company with a contact.
    """
    resource = resource_of(route)
    if resource is None:
        company: Body = {"ref": "acme", "body": {"name": VALUES["company.name"]}}
        contact: Body = {"body": {"email": VALUES["email"], "company_id": "@acme"}}
        made = {"companies": company, "contacts": contact}
        return {
            "atomic": True,
            "operations": [
                {"method": "create", "resource": name, **each}
                for name, each in made.items()
            ],
        }
    body = records[resource.name]["body"]
    body = _anew(maker, resource, repeatable(resource, body), 4)
    needed = [f.name for f in resource.writable if f.required or f.policy.end]
    kept = dict.fromkeys([*needed, *resource.policy.require_any[:1]])
    create = {"method": "create", "body": {name: body[name] for name in kept}}
    got = {"method": "get", "id": records[resource.name]["id"]}
    return {"operations": [create, got]}


def _anew(maker: Maker, resource: Resource, body: Body, n: int) -> Body:
    """The body of the nth record like another, with keys that no two records share.

    An association connects other records.
    """
    ends = [field for field in resource.writable if field.policy.end]
    if ends:
        return {**body, **{field.name: maker.value(field, n) for field in ends}}
    keys = [f.name for f in resource.writable if f.is_key]
    return {**body, **{name: f"{body[name]}_{n}" for name in keys}}


def _upsert(resource: Resource, body: Body) -> Body:
    """An external id that no record has yet, and what is short of a record."""
    names = [field.name for field in resource.writable if not field.is_unique]
    short = [name for name in names if name in body and len(str(body[name])) < 40]
    named = {"match_on": f"external_ids.{SYSTEM}", "external_ids": {SYSTEM: _NEW_ID}}
    needed = [f.name for f in resource.writable if f.required]
    kept = dict.fromkeys([*needed, *resource.policy.require_any[:1], *short])
    return {**named, **{name: body[name] for name in list(kept)[:4]}}


def _action(maker: Maker, route: Route, records: dict[str, Body]) -> Body:
    """What an action must be given, in values that read well."""
    resource = resource_of(route)
    record_id = "" if resource is None else str(records[resource.name]["id"])
    body = body_about(route, maker, record_id)
    for name in body:
        if name in (MERGED, MERGE):
            continue
        kind = name.removesuffix("_id")
        body[name] = records[kind]["id"] if kind in records else body[name]
        body[name] = VALUES.get(name, body[name])
    return body


def _change(resource: Resource, body: Body) -> Body:
    """The first text that an update takes, as it is."""
    for field in resource.writable:
        if field.patchable and field.is_text and field.name in body:
            return {field.name: body[field.name]}
    return {}
