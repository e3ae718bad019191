"""A history and a past state tell nobody more than the record of today would."""

from typing import Any

import pytest
from prospectconnect.options.v1.options_pb2 import STANDARD_METHOD_AS_OF

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.defining import contact, define
from tests.promises.record_values import UNKNOWN_DIGITS, Maker
from tests.promises.records_suite import RESOURCES, WRITTEN, Resource
from tests.world import Tenant

# The types of record that have a history: whoever defines them has them at once.
# Objects that are told as one value.
AS_ONE = ("metadata", "location", "smtp")
LOGGED = tuple(each for each in WRITTEN if each.policy.permission_resource != "schema")
LATER = "2100-01-01T00:00:00Z"
IT = "custom_fields.it"


@pytest.fixture
def maker(owner: Client, tenant: Tenant) -> Maker:
    """Makes records as the owner."""
    return Maker(owner, tenant.users)


def told(client: Client, path: str, **body: Any) -> list[tuple[Any, Any, Any]]:
    answer = client.post(f"{path}/history", {"limit": 100, **body})
    assert answer.status == 200, answer.body
    return [(e["field"], e["from"], e["to"]) for e in answer.json["data"]]


def check_as_of(resource: Resource, client: Client, made: Any) -> None:
    """Holds a new record against its past state, where the kind tells such."""
    path = f"{resource.path}/{made['id']}/as_of"
    then = client.post(path, {"at": made["created_at"]})
    if STANDARD_METHOD_AS_OF in resource.policy.without:
        assert (then.status, then.json["detail"]) == (404, "There is no such route.")
        return
    assert (then.status, then.json) == (200, made)
    assert then.headers["etag"] == '"1"'
    early = client.post(path, {"at": "2000-01-01T00:00:00Z"})
    assert early.status == 404


@pytest.mark.parametrize("resource", LOGGED, ids=str)
def test_every_record_has_a_past(resource: Resource, maker: Maker) -> None:
    maker.prepare(resource)
    body = maker.full(resource, 0)
    made = maker.client.create(resource.path, body)
    path = f"{resource.path}/{made['id']}"
    check_as_of(resource, maker.client, made)
    entries = told(maker.client, path)
    assert all(was is None and now is not None for _, was, now in entries)
    found = {field: now for field, _, now in entries}
    for name, value in body.items():
        if name in ("aggregate", "items"):  # told as what was given of it
            continue
        if isinstance(value, dict) and name not in AS_ONE:
            assert {f"{name}.{key}" for key in value} <= found.keys()
        elif name not in ("type", "cardinality"):
            assert found[name] == made[name], name
    answer = maker.client.post(f"{path}/history", {"limit": 1})
    (entry,) = answer.json["data"]
    assert (entry["operation"], entry["at"]) == ("created", made["created_at"])
    assert entry["user_id"] == made["created_by"]


@pytest.mark.parametrize("way", ["history", "as_of"])
def test_a_stranger_is_told_nothing(
    way: str, owner: Client, stranger: Client, member: Client, tenant: Tenant
) -> None:
    owned = {"email": "ada@engine.example", "owner_id": tenant.users["owner"]}
    path = f"/contacts/{owner.create('/contacts', owned)['id']}"
    body = {"at": LATER} if way == "as_of" else {}
    assert owner.post(f"{path}/{way}", body).status == 200
    nothing = stranger.post(f"/contacts/con_{UNKNOWN_DIGITS}/{way}", body)
    for client in (stranger, member):
        answer = client.post(f"{path}/{way}", body)
        assert answer.status == nothing.status == 404
        assert answer.json["detail"] == nothing.json["detail"]
    without = Client(owner.address, tenant.token(["contact.write"]))
    assert without.post(f"{path}/{way}", body).status == 403
    without.close()


def test_a_deleted_record_is_told_to_who_may_delete(
    owner: Client, member: Client, tenant: Tenant
) -> None:
    own = {"email": "ada@engine.example", "owner_id": tenant.users["member"]}
    made = owner.create("/contacts", own)
    path = f"/contacts/{made['id']}"
    assert told(member, path)
    assert owner.delete(path).status == 204
    (field, was, at), *_ = told(owner, path)
    assert (field, was) == ("deleted_at", None)
    assert at >= made["updated_at"]
    assert owner.post(f"{path}/as_of", {"at": LATER}).json["email"] == made["email"]
    for way, body in (("history", {}), ("as_of", {"at": made["updated_at"]})):
        assert member.post(f"{path}/{way}", body).status == 404


def test_a_sensitive_field_stays_hidden_in_the_past(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    define(owner, "text", sensitive=True)
    made = owner.create("/contacts", contact(it="secret", open="x"))
    path = f"/contacts/{made['id']}"
    owner.patch(path, {"custom_fields": {"it": "another"}})
    assert told(owner, path)[0] == (IT, "secret", "another")
    manager = open_client(tenant.tokens["manager"])
    assert [e for e in told(manager, path) if e[0].startswith("custom")] == [
        ("custom_fields.open", None, "x")
    ]
    assert told(manager, path, fields=[IT]) == []
    then = manager.post(f"{path}/as_of", {"at": made["updated_at"]}).json
    assert then["custom_fields"] == {"it": None, "open": "x"}
    assert then["masked"] == [IT]
    shown = owner.post(f"{path}/as_of", {"at": made["updated_at"]}).json
    assert shown["custom_fields"]["it"] == "secret"


def test_an_archived_field_is_hidden(owner: Client) -> None:
    field = define(owner, "text")
    made = owner.create("/contacts", contact(it="kept", open="x"))
    path = f"/contacts/{made['id']}"
    assert owner.delete(f"/fields/{field['id']}").status == 204
    assert IT not in [each[0] for each in told(owner, path)]
    then = owner.post(f"{path}/as_of", {"at": made["updated_at"]}).json
    assert then["custom_fields"] == {"open": "x"}


def test_a_formula_is_told_like_other_fields(owner: Client) -> None:
    define(owner, "formula", expression="lead_score * 2")
    made = owner.create("/contacts", {**contact(), "lead_score": 4})
    path = f"/contacts/{made['id']}"
    owner.patch(path, {"lead_score": 5})
    assert told(owner, path)[:2] == [("lead_score", 4, 5), (IT, 8, 10)]


@pytest.mark.parametrize(
    ("way", "body", "codes"),
    [
        ("as_of", {}, {"at": "required"}),
        ("as_of", {"at": "yesterday"}, {"at": "invalid_format"}),
        ("history", {"fields": ["etag"]}, {"fields[0]": "invalid_choice"}),
        ("history", {"fields": ["city", "x.y"]}, {"fields[1]": "invalid_choice"}),
        ("history", {"fields": ["x" * 101]}, {"fields[0]": "too_long"}),
        ("history", {"limit": 101}, {"limit": "too_large"}),
        ("history", {"since": "x"}, {"since": "unknown_field"}),
    ],
)
def test_what_makes_no_sense_is_refused(
    way: str, body: Any, codes: dict[str, str], owner: Client
) -> None:
    made = owner.create("/contacts", {"email": "ada@engine.example"})
    answer = owner.post(f"/contacts/{made['id']}/{way}", body)
    assert (answer.status, answer.codes) == (422, codes)


def test_a_cursor_goes_with_its_history(owner: Client) -> None:
    paths = [
        f"/contacts/{owner.create('/contacts', {'email': each})['id']}"
        for each in ("a@x.example", "b@x.example")
    ]
    body = {"limit": 1}
    page = owner.post(f"{paths[0]}/history", body).json
    body["cursor"] = page["meta"]["cursor"]["next"]
    assert owner.post(f"{paths[0]}/history", body).status == 200
    assert owner.post(f"{paths[1]}/history", body).status == 400
    other = {**body, "fields": ["email"]}
    assert owner.post(f"{paths[0]}/history", other).status == 400


def test_the_trace_of_a_request_is_told(owner: Client) -> None:
    made = owner.create("/contacts", {"email": "ada@engine.example"})
    path = f"/contacts/{made['id']}"
    trace = "0af7651916cd43dd8448eb211c80319c"
    owner.patch(path, {"city": "Rome"}, traceparent=f"00-{trace}-b7ad6b7169203331-01")
    newest = owner.post(f"{path}/history", {"limit": 1}).json["data"][0]
    assert (newest["trace_id"], newest["client_id"]) == (trace, None)


def test_custom_objects_keep_to_themselves(owner: Client, maker: Maker) -> None:
    resource = RESOURCES["record"]
    maker.prepare(resource)
    made = owner.create(resource.path, {"name": "One"})
    other = resource.path.replace("licenses", "nothing")
    assert owner.post(f"{other}/{made['id']}/history", {}).status == 404
    assert owner.post(f"{resource.path}/{made['id']}/history", {}).status == 200


def test_a_period_does_not_end_before_it_begins(owner: Client) -> None:
    made = owner.create("/contacts", {"email": "ada@x.example"})
    at, before = "2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z"
    path = f"/contacts/{made['id']}/history"
    answer = owner.post(path, {"from": at, "to": before})
    assert (answer.status, answer.codes) == (422, {"to": "invalid"})
    assert owner.post(path, {"from": at, "to": at}).json["data"] == []
