"""Performs every operation once, on records whose values read well."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edge.openapi.operations import operation_id
from edge.transcoder.routes import Route
from tests.client import VERSION, Answer, Client
from tests.end_to_end.rights.probes import (
    ROUTES,
    ends_record,
    resource_of,
)
from tests.openapi.bodies import IMPORT, TOKEN, Body, anew, body_sent, new_body
from tests.promises import booked
from tests.promises.record_values import BEGUN, ENDS, Maker, repeatable
from tests.promises.records_suite import OBJECT, RESOURCES, WRITTEN, Resource

_TAG = "VIP"
# It tells of requests some seconds after them, so it comes before all others.
_REPORT = "/ReadContractReport"
# What else a path names: an option of the field, a type of record, a contract.
_NAMED = {"value": "none", "slug": OBJECT, "object": OBJECT, "date": VERSION}


@dataclass(frozen=True, slots=True)
class Example:
    """An operation that was performed: what was sent, and the answer."""

    operation: str
    path: dict[str, str]
    body: Body | None
    answer: Answer


def perform_all(
    client: Client,
    user: str,
    end_imports: Callable[[], None],
    begin: Callable[[str], None],
) -> Iterator[Example]:
    """Performs every operation as a user, those that delete or erase last.

    No job runs: `end_imports` lets all imports end that have begun. `begin` lets the
    meeting of a booking begin.

    Streams have no example: their answer does not end. Nor have files, which are no
    JSON.
    """
    maker = Maker(client, {}, waits=False)

    def is_late(route: Route) -> bool:
        is_reset = route.path.endswith("/reset")  # nothing is done meanwhile
        return is_reset or route.http_method == "DELETE" or ends_record(route)

    answered = [
        route
        for route in ROUTES
        if not (route.streams or route.is_file or route.is_upload)
    ]
    (report,) = (each for each in answered if each.rpc.endswith(_REPORT))
    answered.remove(report)
    yield _perform(maker, report, {})
    records = make_records(client, user)
    for route in sorted(answered, key=is_late):
        if route.path.endswith("/imports/{id}/undo"):
            end_imports()
        if route.permission == "booking.write":
            records["booking"] = booked.booking(client)
        if route.permission == "email.write":
            records["email"] = {"id": maker.reference("email", 0)}
        if route.path.endswith(("/held", "/no_show")):
            begin(records["booking"]["id"])
        yield _perform(maker, route, records)


def make_records(client: Client, user: str, n: int = 0) -> dict[str, Body]:
    """A body for each resource that can be created, and a record of each.

    Each is linked to those before it, of the kinds that it links to. `n` tells what is
    made anew from what was made before.
    """
    maker = Maker(client, {}, waits=False)
    records = dict[str, Body](user={"id": user})
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
        body = new_body(maker, resource, records)
        body = anew(maker, resource, body, n) if n else body
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


def _perform(maker: Maker, route: Route, records: dict[str, Body]) -> Example:
    resource = resource_of(route)
    values = {name: _NAMED.get(name, _TAG) for name in route.path_parameters}
    if "id" in values:
        values["id"] = _record(maker, route, resource, records)
    if "/deliveries/" in route.path or route.path.endswith("/replay"):
        values |= _delivered(maker, values)
    if "/holds" in route.path:
        values |= _held(maker, values)
    if route.path.endswith(("/start", "/imports/{id}/cancel")):
        values["id"] = _sent_content(maker)
    if route.path.endswith("/imports/{id}/undo"):
        values["id"] = _ended_import(maker)
    body = body_sent(maker, route, resource, records)
    path = route.path.removeprefix("/v1")
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    answer = maker.client.send(route.http_method, path, body)
    assert answer.status == route.status, (route.path, answer.body)
    return Example(operation_id(route), values, body, answer)


def _sent_content(maker: Maker) -> str:
    """An import with a part, which has not started."""
    found: str = maker.client.create("/imports", dict(IMPORT))["id"]
    part = f"/imports/{found}/content/1"
    sent = maker.client.send("PUT", part, b"email\nada@engine.example\n")
    assert sent.status == 200, sent.body
    return found


def _ended_import(maker: Maker) -> str:
    """An import that has ended."""
    ended = (e for e in maker.client.pages("/imports") if e["state"] == "succeeded")
    return str(next(ended)["id"])


def _delivered(maker: Maker, values: dict[str, str]) -> dict[str, str]:
    """A webhook that has delivered something, and where it is asked for, what."""
    for webhook in maker.client.pages("/webhooks"):
        path = f"/webhooks/{webhook['id']}/deliveries"
        found = maker.client.search(path, limit=1)["data"]
        if found:
            named = {"id": webhook["id"], "delivery_id": found[0]["id"]}
            return {name: named[name] for name in values}
    raise AssertionError("no webhook has delivered anything")


def _held(maker: Maker, values: dict[str, str]) -> dict[str, str]:
    """A meeting type with a free slot, or with a hold where that is asked for."""
    if "hold_id" not in values:
        return {"id": booked.meeting_type(maker.client)}
    hold = booked.hold(maker.client)
    return {"id": hold["meeting_type_id"], "hold_id": hold["id"]}


def _record(
    maker: Maker, route: Route, resource: Resource | None, records: dict[str, Body]
) -> str:
    """The id of what an operation is about; what is deleted is made for it.

    What is restored is made for it too, and deleted.
    """
    path, body, restores = "/tokens", TOKEN, False
    if resource is not None:
        record = records[resource.name]
        is_deleted = "body" in record and not resource.policy.archives
        restores = route.path.endswith("/restore") and is_deleted
        if not (restores or ends_record(route)):
            return str(record["id"])
        body = repeatable(resource, record.get("body") or BEGUN[resource.name])
        path, body = resource.path, anew(maker, resource, body, 5 if restores else 3)
    made = str(maker.client.create(path, body)["id"])
    if restores:
        assert maker.client.delete(f"{path}/{made}").status == 204
    return made
