"""The behaviour that every resource owes, for every field of it.

What is tested comes from the descriptors alone, so a new resource is tested too.
"""

from typing import Any

import pytest

from edge.surface import public_services
from edge.transcoder.routes import routes_of
from tests.client import Answer, Client
from tests.promises.record_values import (
    BESIDE,
    UNKNOWN_DIGITS,
    Maker,
)
from tests.promises.records_suite import RESOURCES, WRITTEN, Field, Resource
from tests.promises.said_values import NEEDED
from tests.promises.wrong_values import wrong_values
from tests.world import Tenant

CREATED_BY_ACTIONS = {
    each.path.removeprefix("/v1")
    for each in routes_of(public_services())
    if each.http_method == "POST" and each.body_field == "*"
}

every = pytest.mark.parametrize(
    "resource", [each for each in RESOURCES.values() if each.by_id], ids=str
)
written = pytest.mark.parametrize("resource", WRITTEN, ids=str)
each_written_field = pytest.mark.parametrize(
    ("resource", "field"),
    [
        pytest.param(
            *(resource, field),
            id=f"{resource.name}.{field.name}",
            marks=pytest.mark.sampled(4, each="resource"),
        )
        for resource in WRITTEN
        for field in resource.writable
    ],
)


@pytest.fixture
def maker(owner: Client, tenant: Tenant) -> Maker:
    """Makes records as the tenant's owner."""
    return Maker(owner, tenant.users)


def names(fields: tuple[Field, ...]) -> set[str]:
    return {field.name for field in fields}


@written
def test_a_record_is_read_back_as_it_was_written(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    for n in (0, 1):
        given = maker.full(resource, n)
        answer = owner.post(resource.path, given)
        assert answer.status == 201
        assert {name: answer.json[name] for name in given} == given
        location = f"/v1{resource.path}/{answer.json['id']}"
        assert answer.headers["location"] == location
        got = owner.get(location.removeprefix("/v1"))
        assert got.status == 200
        assert got.body == resource.later(answer.body)
        assert got.headers["etag"] == answer.headers["etag"]


@written
def test_what_is_not_given_is_there_all_the_same(
    resource: Resource, maker: Maker, tenant: Tenant
) -> None:
    given = maker.least(resource)
    record = maker.create(resource)
    always = [each for each in resource.fields if not each.policy.omit_unset]
    once = {f.name for f in resource.fields if f.policy.shown_once}
    assert record.keys() == names(tuple(always)) | once
    for field in resource.writable:
        if field.policy.default_caller:
            assert record[field.name] == tenant.users["owner"]
        elif field.name not in given:
            assert record[field.name] == field.empty, field.name


@written
def test_the_server_says_who_created_it_and_when(
    resource: Resource, maker: Maker, tenant: Tenant
) -> None:
    record = maker.create(resource)
    assert record["id"].startswith(resource.policy.id_prefix)
    assert record["created_by"] == tenant.users["owner"]
    assert record["created_at"] == record["updated_at"]


@each_written_field
def test_null_clears_a_field(
    resource: Resource, field: Field, maker: Maker, owner: Client
) -> None:
    body = maker.full(resource)
    others = {body[n] for n in resource.policy.require_any if n != field.name}
    is_needed = field.required or field.descriptor.full_name in NEEDED
    kept = is_needed or (
        field.name in resource.policy.require_any and not others - {None}
    )
    path = f"{resource.path}/{owner.create(resource.path, body)['id']}"
    again = maker.another(resource, body) | {field.name: None}
    answers = [owner.post(resource.path, again)]
    if field.patchable:
        answers.append(owner.patch(path, {field.name: None}))
    for answer in answers:
        if kept:
            assert answer.codes == {field.name: "required"}
        else:
            assert answer.status in (200, 201)
            assert answer.json[field.name] == field.empty


@each_written_field
def test_a_patch_changes_its_field_alone(
    resource: Resource, field: Field, maker: Maker, owner: Client
) -> None:
    created = owner.post(resource.path, maker.full(resource))
    path = f"{resource.path}/{created.json['id']}"
    given = {field.name: maker.value(field, 1)}
    changed = owner.patch(path, given)
    if not field.patchable:
        assert changed.codes == {field.name: "read_only"}
        return
    assert changed.status == 200
    kept = names(resource.writable) - given.keys()
    assert _only(changed.json, kept) == _only(created.json, kept)
    assert _only(changed.json, given.keys()) == given
    assert owner.get(path).body == changed.body
    if given[field.name] != created.json[field.name]:
        assert changed.headers["etag"] != created.headers["etag"]
        assert changed.json["updated_at"] != created.json["updated_at"]


def _only(record: Any, kept: Any) -> dict[str, Any]:
    return {name: record[name] for name in kept}


@each_written_field
def test_every_rule_of_a_field_is_kept(
    resource: Resource, field: Field, maker: Maker, owner: Client
) -> None:
    body = maker.least(resource)
    path = f"{resource.path}/{owner.create(resource.path, body)['id']}"
    before = _total(owner, resource)
    for value, where, code in wrong_values(field):
        expected = (422, {field.name + where: code})
        given = {**BESIDE.get(field.name, {}), field.name: value}
        refused = owner.post(resource.path, body | given)
        assert (refused.status, refused.codes) == expected, value
        if field.patchable:
            refused = owner.patch(path, given)
            assert (refused.status, refused.codes) == expected, value
    assert _total(owner, resource) == before


@written
def test_a_body_holds_no_field_that_is_read_only_or_unknown(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    record = maker.create(resource)
    read_only = names(resource.fields) - names(resource.writable)
    echoed = {name: record.get(name) for name in read_only}
    expected = dict.fromkeys(read_only, "read_only")
    strange = {"etag": "1", "business_id": "biz_1", "Email": "", "": 1, "__proto__": {}}
    expected |= dict.fromkeys(strange, "unknown_field")
    body = maker.least(resource) | echoed | strange
    assert owner.post(resource.path, body).codes == expected
    kept = {f.name for f in resource.writable if f.name in body and not f.patchable}
    path = f"{resource.path}/{record['id']}"
    assert owner.patch(path, body).codes == expected | dict.fromkeys(kept, "read_only")


@written
def test_a_patch_of_nothing_changes_nothing(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    created = owner.post(resource.path, maker.full(resource))
    path = f"{resource.path}/{created.json['id']}"
    patchable = {field.name for field in resource.writable if field.patchable}
    for body in ({}, _only(created.json, patchable)):
        answer = owner.patch(path, body)
        assert (answer.status, answer.body) == (200, resource.later(created.body))
        assert answer.headers["etag"] == created.headers["etag"]


@every
def test_a_record_that_is_not_there_cannot_be_told_from_another(
    resource: Resource,
    maker: Maker,
    owner: Client,
    stranger: Client,
    other_tenant: Tenant,
    member: Client,
) -> None:
    ids = [resource.policy.id_prefix + UNKNOWN_DIGITS, "nonsense", "%00", "con_"]
    ids.append(Maker(stranger, other_tenant.users).several(resource)[0]["id"])
    deleted = []
    if "Delete" in resource.verbs and not resource.policy.archives:
        deleted.append(maker.create(resource)["id"])
        assert owner.delete(f"{resource.path}/{deleted[0]}").status == 204
    answers = _refusals(owner, resource, ids + deleted)
    if resource.policy.owner_field:
        hidden = maker.reference(resource.name, 0)
        answers += _refusals(member, resource, [hidden])
    for answer in answers:
        assert _comparable(answer) == _comparable(answers[0])
    assert answers[0].status == 404


def _refusals(client: Client, resource: Resource, ids: list[str]) -> list[Answer]:
    answers = []
    for each in ids:
        path = f"{resource.path}/{each}"
        answers.append(client.get(path))
        if "Update" in resource.verbs:
            answers.append(client.patch(path, {}, if_match='"1"'))
    return answers


def _comparable(answer: Answer) -> Any:
    """All of an answer but what differs between any two requests."""
    own = ("trace_id", "instance")
    varying = ("date", "x-trace-id", "content-length")
    headers = {
        name: text
        for name, text in answer.headers.items()
        if name not in varying and "ratelimit" not in name
    }
    document = {name: text for name, text in answer.json.items() if name not in own}
    return answer.status, headers, document


@written
def test_what_is_deleted_is_gone(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    path = f"{resource.path}/{maker.create(resource)['id']}"
    if resource.policy.archives:
        _is_archived_and_restored(owner, path)
        return
    before = _total(owner, resource)
    gone = owner.delete(path)
    assert (gone.status, gone.body) == (204, b"")
    assert owner.get(path).status == 404
    assert owner.delete(path).status == 404
    assert owner.patch(path, {}).status == 404
    assert _total(owner, resource) == before - 1


def _is_archived_and_restored(client: Client, path: str) -> None:
    for _ in range(2):
        assert client.delete(path).status == 204
        assert client.get(path).json["archived"] is True
    restored = client.post(f"{path}/restore")
    assert (restored.status, restored.json["archived"]) == (200, False)
    assert client.get(path).body == restored.body


def _total(client: Client, resource: Resource) -> int:
    total = client.search(resource.path, include_total=True)["meta"]["total"]
    assert isinstance(total, int)
    return total


@every
def test_an_etag_stands_for_what_was_read(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    path = f"{resource.path}/{maker.several(resource)[0]['id']}"
    etag = owner.get(path).headers["etag"]
    unchanged = owner.get(path, if_none_match=etag)
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert owner.get(path, if_none_match='"0"').status == 200
    if "Update" in resource.verbs:
        assert owner.patch(path, {}, if_match='"0"').status == 412


@every
def test_what_a_resource_cannot_do_is_no_method_of_it(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    path = f"{resource.path}/{maker.several(resource)[0]['id']}"
    assert owner.get(resource.path).status in (404, 405)
    if "Create" not in resource.verbs and resource.path not in CREATED_BY_ACTIONS:
        assert owner.post(resource.path, {}).status in (404, 405)
    for verb, method in (("Update", "PATCH"), ("Delete", "DELETE")):
        if verb not in resource.verbs:
            assert owner.send(method, path).status == 405
