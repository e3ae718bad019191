"""gRPC and the tools of assistants refuse what REST refuses, and hide what it hides.

Everybody tries each way to undo, to join and to look back through each door. Who may do
it gets the answer of a dry run, so that all find the same.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from prospectconnect.crm.v1 import batches_pb2, contacts_pb2

from edge.problems import PROBLEMS
from tests.client import Client
from tests.edge.mcp.assistant import head
from tests.end_to_end.merging.merged import contact, merge
from tests.end_to_end.rights.probes import ROUTES
from tests.end_to_end.scene import grant
from tests.harness.wire.grpc_calls import bearer, refusal
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.stacks import Stack
from tests.world import ALL_SCOPES, Tenant, new_tenant

BY_NAME = {route.rpc.rpartition("/")[2]: route for route in ROUTES}
ALL_BUT_READ = ["contact.write", "contact.delete", "contact.erase"]
EVERYTHING = [*ALL_SCOPES, "contact.erase"]
SALARY, NAME = 123_457, "Kovalevskaya"
AT = "2100-01-01T00:00:00Z"

# Roles without `schema.write`, which `readable_by` does not name.
MASKED = ("member", "viewer", "own role", "own records", "another tenant")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: the status that REST has for it, and all that was told."""

    status: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A call: an operation by the name of its method, the id in its path, its body."""

    name: str
    id: str
    body: dict[str, Any]

    @property
    def tool(self) -> str:
        """The name of the tool."""
        words = "".join(f"_{c.lower()}" if c.isupper() else c for c in self.name)
        return words[1:]


def by_rest(client: Client, way: Way) -> Outcome:
    route = BY_NAME[way.name]
    body = way.body if route.body_field else None
    path = route.path.removeprefix("/v1").format(id=way.id)
    answer = client.send(route.http_method, path, body, Dry_Run="true")
    return Outcome(answer.status, answer.body.decode())


def by_tool(client: Client, way: Way) -> Outcome:
    arguments = way.body | ({"id": way.id} if way.id else {})
    params = {"name": way.tool, "arguments": arguments}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = head(token=str(client.token), Dry_Run="true")
    answer = client.raw("POST", "/mcp", json.dumps(asked).encode(), headers)
    told = answer.json
    if answer.status != 200:
        return Outcome(answer.status, answer.body.decode())
    result = told["result"]
    content = result["structuredContent"]
    in_part = way.name == "Batch" and content.get("meta", {}).get("failed")
    status = content["status"] if result.get("isError") else 207 if in_part else 200
    return Outcome(status, answer.body.decode())


def by_grpc(channel: grpc.Channel, client: Client, way: Way) -> Outcome:
    route = BY_NAME[way.name]
    request: Any = route.request_class()
    if "operations" in way.body:
        for each in way.body["operations"]:
            request.operations.add().request.Pack(_request(each))
    else:
        json_format.ParseDict(way.body, request)
        if way.id:
            request.id = way.id
    call = channel.unary_unary(
        route.rpc,
        request_serializer=route.request_class.SerializeToString,
        response_deserializer=route.response_class.FromString,
    )
    metadata = bearer(str(client.token), dry_run="true")
    try:
        answer: Any = call(request, metadata=metadata, timeout=60)
    except grpc.RpcError as error:
        found = refusal(error)
        return Outcome(PROBLEMS[found.reason].status, str(found))
    if isinstance(answer, batches_pb2.BatchResponse):
        text = " ".join(str(each.answer.value) for each in answer.data)
        return Outcome(207 if answer.meta.failed else 200, text)
    return Outcome(200, json_format.MessageToJson(answer))


def _request(operation: dict[str, Any]) -> Any:
    if operation["method"] == "get":
        return contacts_pb2.GetContactRequest(id=operation["id"])
    if operation["method"] == "restore":
        return contacts_pb2.RestoreContactRequest(id=operation["id"])
    return contacts_pb2.DeleteContactRequest(id=operation["id"])


@dataclass(slots=True)
class Scene:
    """A tenant with a merged, a deleted and two living contacts, and their people."""

    owner: Client
    found: dict[tuple[str, Way], dict[str, Outcome]]


def ways_of(owner: Client) -> list[Way]:
    own = {"custom_fields": {"salary": SALARY}, "last_name": NAME}
    ada, other, third, gone = (contact(owner, n, **own) for n in "abcd")
    merge_id = merge(owner, ada, third)["merge_id"]
    assert owner.delete(f"/contacts/{gone}").status == 204
    operations = [{"method": "get", "id": ada}, {"method": "restore", "id": gone}]
    operations.append({"method": "delete", "id": other})
    operations = [{"resource": "contacts", **each} for each in operations]
    return [
        Way("MergeContact", ada, {"ids": [other]}),
        Way("MergeContact", other, {"ids": [third]}),
        Way("MergeContact", ada, {"ids": [other] * 11}),
        Way("UnmergeContact", ada, {"merge_id": merge_id}),
        Way("RestoreContact", gone, {}),
        Way("EraseContact", ada, {"reason": "Asked"}),
        Way("EraseContact", third, {"reason": "x" * 10_000}),
        Way("FindContactDuplicates", "", {"id": ada}),
        Way("FindContactDuplicates", "", {"record": {"last_name": NAME}}),
        Way("ListContactDuplicates", "", {}),
        Way("ReadContactHistory", ada, {}),
        Way("ReadContactHistory", ada, {"fields": ["custom_fields.salary"]}),
        Way("ReadContactHistory", gone, {}),
        Way("ReadContactAsOf", ada, {"at": AT}),
        Way("ReadContactAsOf", gone, {"at": AT}),
        Way("Batch", "", {"operations": operations}),
        Way("Batch", "", {"operations": operations[:1] * 201}),
        Way("GetMerge", merge_id, {}),
        Way("MergeContact", f"con_{UNKNOWN_DIGITS}", {"ids": [ada]}),
    ]


def people_of(tenant: Tenant, other: Tenant) -> dict[str, str]:
    """The tokens of everybody."""
    _, eraser = grant(tenant, {"contact": {"actions": ["read", "erase"]}})
    _, alone = grant(
        tenant,
        {"*": {"actions": ["read", "write", "delete"], "visibility": "own"}},
    )
    return {
        "owner": tenant.token(EVERYTHING),
        "member": tenant.token(EVERYTHING, "member"),
        "viewer": tenant.token(EVERYTHING, "viewer"),
        "own role": eraser,
        "own records": alone,
        "no erasure": tenant.token(),
        "reads": tenant.token(["contact.read"]),
        "no read": tenant.token(ALL_BUT_READ),
        "another tenant": other.token(EVERYTHING),
    }


@pytest.fixture(scope="module")
def scene(running_stacks: Callable[[str], Stack]) -> Iterator[Scene]:
    stack = running_stacks("split")
    tenant, other = new_tenant(stack), new_tenant(stack)
    with ExitStack() as opened:
        owner = tenant.client()
        opened.callback(owner.close)
        salary = {"object": "contacts", "key": "salary", "label": "Salary"}
        hidden = {"sensitive": True, "readable_by": ["owner"], "type": "integer"}
        owner.create("/fields", salary | hidden)
        people = {}
        for name, token in people_of(tenant, other).items():
            people[name] = Client(stack.http, token)
            opened.callback(people[name].close)
        channel = opened.enter_context(grpc.insecure_channel(stack.grpc))
        doors: dict[str, Callable[[Client, Way], Outcome]] = {
            "rest": by_rest,
            "tool": by_tool,
            "grpc": partial(by_grpc, channel),
        }
        found = {
            (who, way): {name: door(client, way) for name, door in doors.items()}
            for way in ways_of(owner)
            for who, client in people.items()
        }
        yield Scene(owner, found)


def test_every_door_says_the_same(scene: Scene) -> None:
    differ, seen = [], set()
    for (who, way), found in scene.found.items():
        statuses = {door: each.status for door, each in found.items()}
        seen |= {(way.name, status) for status in statuses.values()}
        if len(set(statuses.values())) > 1:
            differ.append((who, way.name, statuses))
    assert differ == []
    for name in ("MergeContact", "EraseContact", "ReadContactHistory"):
        assert {(name, 200), (name, 403), (name, 404)} <= seen


def test_no_door_tells_what_the_caller_may_not_read(scene: Scene) -> None:
    for (who, way), found in scene.found.items():
        for door, each in found.items():
            if who in MASKED:
                assert str(SALARY) not in each.text, (who, way.name, door)
            if who == "another tenant":
                assert NAME not in each.text, (way.name, door)


def test_nothing_was_done(scene: Scene) -> None:
    """No dry run keeps anything, at any door."""
    owner = scene.owner
    assert owner.search("/contacts", include_total=True)["meta"]["total"] == 2
    assert owner.search("/contacts", deleted=True)["data"][0]["last_name"] == NAME
    (merged,) = owner.search("/merges")["data"]
    assert merged["undone_at"] is None
