"""Links lead to records that are there: checked when written, cleared with them.

Which fields are links, and to what, comes from the descriptors alone.
"""

from typing import Any

import pytest

from tests.client import Answer, Client, moment
from tests.end_to_end.scene import timeline
from tests.promises.record_values import UNKNOWN_DIGITS, Maker
from tests.promises.records_suite import LINKS, RESOURCES, WRITTEN, Field, Resource
from tests.world import Tenant

REFERENCES = [
    (resource, field)
    for resource in WRITTEN
    for field in resource.writable
    if field.policy.references in RESOURCES
]
LINKED = [each for each in REFERENCES if each[1].policy.references in LINKS]
OWNED_BY_LINKS = [each for each in WRITTEN if each.policy.owned_by_links]

every_reference = pytest.mark.parametrize(
    ("resource", "field"), REFERENCES, ids=lambda each: each.name
)
every_link = pytest.mark.parametrize(
    ("resource", "field"), LINKED, ids=lambda each: each.name
)
every_owned = pytest.mark.parametrize("resource", OWNED_BY_LINKS, ids=str)


@pytest.fixture
def maker(owner: Client, tenant: Tenant) -> Maker:
    """Makes records as the tenant's owner."""
    return Maker(owner, tenant.users)


def target(field: Field) -> Resource:
    return RESOURCES[field.policy.references]


def refusals(
    client: Client, resource: Resource, field: Field, body: Any, value: str
) -> list[Answer]:
    """How a create and, where there may be one, a patch with a value are answered."""
    answers = [client.post(resource.path, body | {field.name: value})]
    if field.patchable:
        path = f"{resource.path}/{client.create(resource.path, body)['id']}"
        answers.append(client.patch(path, {field.name: value}))
    return answers


@every_reference
def test_a_reference_that_leads_nowhere_is_refused(
    resource: Resource,
    field: Field,
    maker: Maker,
    owner: Client,
    stranger: Client,
    other_tenant: Tenant,
) -> None:
    to = target(field)
    others = Maker(stranger, other_tenant.users).several(to)
    wrong = [
        others[0]["id"],
        to.policy.id_prefix + UNKNOWN_DIGITS,
        to.policy.id_prefix + UNKNOWN_DIGITS.upper(),
        to.policy.id_prefix,
        "1",
        "%",
        maker.create(RESOURCES["company" if to.name == "contact" else "contact"])["id"],
    ]
    if "Delete" in to.verbs:
        wrong.append(maker.create(to)["id"])
        assert owner.delete(f"{to.path}/{wrong[-1]}").status == 204
    body = maker.least(resource)
    problems: dict[bool, set[str]] = {True: set(), False: set()}
    for value in wrong:
        for answer in refusals(owner, resource, field, body, value):
            assert (answer.status, answer.codes) == (422, {field.name: "not_found"})
            # That it is no id of the kind, whoever wrote it knows.
            told = problems[value.startswith(to.policy.id_prefix)]
            told.add(answer.json["detail"].replace(value, "..."))
    assert [len(told) for told in problems.values()] == [1, 1]


@every_link
def test_a_member_links_only_to_what_they_see(
    resource: Resource, field: Field, maker: Maker, member: Client, tenant: Tenant
) -> None:
    to = target(field)
    hidden = maker.create(to)["id"]
    never = to.policy.id_prefix + UNKNOWN_DIGITS
    theirs = Maker(member, tenant.users)
    body = theirs.least(resource)
    for answer, other in zip(
        refusals(member, resource, field, body, hidden),
        refusals(member, resource, field, body, never),
        strict=True,
    ):
        assert (answer.status, answer.codes) == (422, {field.name: "not_found"})
        same = answer.json["errors"][0]["message"].replace(hidden, never)
        assert same == other.json["errors"][0]["message"]
    for seen in (theirs.create(to), maker.create(to, **{to.policy.owner_field: None})):
        made = member.post(resource.path, body | {field.name: seen["id"]})
        assert (made.status, made.json[field.name]) == (201, seen["id"])


@every_link
def test_a_link_to_what_is_out_of_sight_stays_when_it_is_not_touched(
    resource: Resource, field: Field, maker: Maker, member: Client, tenant: Tenant
) -> None:
    """A member may change the rest of a record, whatever it is linked to."""
    linked = maker.create(target(field))["id"]
    body: dict[str, Any] = {field.name: linked}
    own = resource.policy.owner_field
    if own in {each.name for each in resource.writable}:
        body[own] = tenant.users["member"]
    record = maker.create(resource, **body)
    text = next(f.name for f in resource.writable if f.name in ("name", "body", "city"))
    answer = member.patch(f"{resource.path}/{record['id']}", {text: "Changed"})
    if own not in body:
        assert answer.status == 404
        return
    assert answer.json[text] == "Changed"
    assert answer.json[field.name] == linked


@every_link
def test_deleting_a_record_clears_the_links_to_it(
    resource: Resource, field: Field, maker: Maker, owner: Client
) -> None:
    body = maker.full(resource)
    before = owner.post(resource.path, body)
    path = f"{resource.path}/{before.json['id']}"
    assert owner.delete(f"{target(field).path}/{body[field.name]}").status == 204
    after = owner.get(path)
    assert after.status == 200
    assert after.json[field.name] is None
    changed = {name for name in body if after.json[name] != before.json[name]}
    assert changed == {field.name}
    assert after.headers["etag"] != before.headers["etag"]
    assert moment(after.json["updated_at"]) > moment(before.json["updated_at"])
    condition = {"field": field.name, "operator": "eq", "value": body[field.name]}
    assert owner.search(resource.path, filters=[condition])["data"] == []
    assert owner.patch(path, {}, if_match=before.headers["etag"]).status == 412


@every_owned
@pytest.mark.parametrize("linked", list(LINKS))
def test_what_belongs_to_a_record_is_deleted_with_it(
    resource: Resource, linked: str, maker: Maker, owner: Client
) -> None:
    body = {f.name: maker.value(f, 0) for f in resource.writable if f.required}
    gone, kept = (maker.create(RESOURCES[linked])["id"] for _ in range(2))
    paths = [
        f"{resource.path}/{owner.create(resource.path, body | links)['id']}"
        for links in ({LINKS[linked]: gone}, {LINKS[linked]: kept})
    ]
    told = len(timeline(owner, kept))
    assert owner.delete(f"{RESOURCES[linked].path}/{gone}").status == 204
    assert owner.get(paths[0]).status == 404
    assert owner.patch(paths[0], {}).status == 404
    assert owner.delete(paths[0]).status == 404
    assert owner.get(paths[1]).status == 200
    assert timeline(owner, gone) == []
    assert len(timeline(owner, kept)) == told


@every_owned
def test_what_has_several_links_goes_with_the_last(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    body = {f.name: maker.value(f, 0) for f in resource.writable if f.required}
    links = {column: maker.create(RESOURCES[name]) for name, column in LINKS.items()}
    body |= {column: record["id"] for column, record in links.items()}
    path = f"{resource.path}/{owner.create(resource.path, body)['id']}"
    total = owner.search(resource.path, include_total=True)["meta"]["total"]
    left = dict(LINKS)
    for name in ("company", "record", "contact", "deal"):
        assert owner.get(path).status == 200
        column = left.pop(name)
        owner.delete(f"{RESOURCES[name].path}/{body[column]}")
        answer = owner.get(path)
        if left:
            assert answer.json[column] is None
            assert all(answer.json[c] == body[c] for c in left.values())
    assert answer.status == 404
    after = owner.search(resource.path, include_total=True)["meta"]["total"]
    assert after < total


def test_a_task_outlives_all_that_it_was_about(owner: Client, maker: Maker) -> None:
    body = maker.full(RESOURCES["task"])
    path = f"/tasks/{owner.create('/tasks', body)['id']}"
    for name, column in LINKS.items():
        owner.delete(f"{RESOURCES[name].path}/{body[column]}")
    task = owner.get(path).json
    assert [task[column] for column in LINKS.values()] == [None] * len(LINKS)
    assert owner.post(f"{path}/complete", {}).json["status"] == "completed"


def test_deleting_twice_and_deleting_what_is_stale_clears_nothing(
    owner: Client, maker: Maker
) -> None:
    contact = maker.create(RESOURCES["contact"])["id"]
    note = maker.create(RESOURCES["note"], contact_id=contact)
    assert owner.delete(f"/contacts/{contact}", if_match='"0"').status == 412
    assert owner.get(f"/notes/{note['id']}").json == note
    assert owner.delete(f"/contacts/{contact}").status == 204
    assert owner.delete(f"/contacts/{contact}").status == 404
