"""What each operation is sent, in values that read well."""

from operator import itemgetter
from typing import Any

from edge.transcoder.routes import Route
from tests.end_to_end.rights.probes import (
    MERGE,
    MERGED,
    body_about,
    resource_of,
)
from tests.openapi.samples import CHANGES, VALUES, sample
from tests.openapi.searches import COUNTED, FIGURES, SEARCHES
from tests.promises import mailed
from tests.promises.record_values import ENDS, SYSTEM, Maker, repeatable
from tests.promises.records_suite import Resource

Body = dict[str, Any]

TOKEN: Body = {"name": "Nightly import", "scopes": ["contact.write", "deal.read"]}
IMPORT: Body = {"resource": "contacts", "mode": "create", "format": "csv"}
_EXPORT: Body = {"resource": "contacts", "format": "csv", "compression": "gzip"}
_FAULT: Body = {
    "match": {"operation": "createContact", "share": 0.5},
    "answer": 503,
    "for_requests": 10,
}
_OF_SANDBOXES = {"faults": _FAULT, "clock": {"advance": "P1M"}}
_BEGUN = {"import": IMPORT, "export": _EXPORT}
_NEW_ID = "00Q5g00000LmNoPEAV"
# What is searched for among the parts of one record.
_ROWS_SEARCH: Body = {"status": "failed", "limit": 1}
_PART_SEARCH: Body = {"states": ["given_up"], "limit": 1}


def new_body(maker: Maker, resource: Resource, records: dict[str, Body]) -> Body:
    """The body of a new record, linked to the records of other kinds."""
    if resource.name == "email":
        return _email(maker)
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


def body_sent(
    maker: Maker, route: Route, resource: Resource | None, records: dict[str, Body]
) -> Body | None:
    """What an operation is sent, None for no body."""
    if not route.body_field:
        return None
    if (end := route.path.rpartition("/")[2]) in _OF_SANDBOXES:
        return dict(_OF_SANDBOXES[end])
    if route.is_batch:
        return _batch(maker, route, records)
    if route.is_feed:
        kinds = {"types": ["contact.created"], "include": ["changed", "state"]}
        return {"start": "earliest", "limit": 1, **kinds}
    if len(route.request_class.DESCRIPTOR.fields) == len(route.path_parameters):
        return {}  # the path says all
    if resource is None:
        return {"limit": 1} if route.is_search else TOKEN
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
        return new_body(maker, resource, records)
    # The reference sends it as it is shown, as often as the reader likes.
    return anew(maker, resource, repeatable(resource, record["body"]), 2)


def _email(maker: Maker) -> Body:
    """An e-mail from a verified sender, without a template."""
    texts = {name: VALUES[f"email.{name}"] for name in ("subject", "html")}
    body = mailed.request(maker.client, **texts)
    return {name: each for name, each in body.items() if name != "send_at"}


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
    return _finding(route) if "/duplicates" in route.path else None


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
    body = records[resource.name].get("body") or new_body(maker, resource, records)
    body = anew(maker, resource, repeatable(resource, body), 4)
    needed = [f.name for f in resource.writable if f.required or f.policy.end]
    kept = dict.fromkeys([*needed, *resource.policy.require_any[:1]])
    create = {"method": "create", "body": {name: body[name] for name in kept}}
    got = {"method": "get", "id": records[resource.name]["id"]}
    return {"operations": [create, got]}


def anew(maker: Maker, resource: Resource, body: Body, n: int) -> Body:
    """The body of the nth record like another, with keys that no two records share.

    An association connects other records.
    """
    ends = [field for field in resource.writable if field.policy.end]
    if ends:
        return {**body, **{field.name: maker.value(field, n) for field in ends}}
    keys = [f.name for f in resource.writable if f.is_key]
    return {**body, **{name: _marked(body[name], n) for name in keys}}


def _marked(text: str, n: int) -> str:
    """Another text of the same form."""
    if "@" in text:
        return f"{n}-{text}"
    return f"{text}{'-' if '-' in text else '_'}{n}"


def _upsert(resource: Resource, body: Body) -> Body:
    """An external id that no record has yet, and what is short of a record."""
    names = [field.name for field in resource.writable if not field.is_unique]
    short = [name for name in names if name in body and len(str(body[name])) < 40]
    named = {"match_on": f"external_ids.{SYSTEM}", "external_ids": {SYSTEM: _NEW_ID}}
    needed = [f.name for f in resource.writable if f.required]
    kept = dict.fromkeys([*needed, *resource.policy.require_any[:1], *short])
    given = {name: body[name] for name in list(kept)[:4]}
    keys = {
        f.name: _marked(given[f.name], 9)
        for f in resource.writable
        if f.is_key and f.name in given
    }
    return {**named, **given, **keys}


def _action(maker: Maker, route: Route, records: dict[str, Body]) -> Body:
    """What an action must be given, in values that read well."""
    resource = resource_of(route)
    record_id = "" if resource is None else str(records[resource.name]["id"])
    body = body_about(route, maker, record_id)
    if resource is not None and resource.name == "booking":
        return body  # at a time at which its host is free
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
