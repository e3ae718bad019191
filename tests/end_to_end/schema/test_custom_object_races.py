"""Objects that are archived while others write to them: nothing slips in."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Answer, Client
from tests.end_to_end.schema.custom import PATH, RECORDS, define_field, define_object
from tests.harness.at_once import at_once, crowd
from tests.harness.promptly import within
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

Act = Callable[[Client], Answer]

UPSERT = {
    "match_on": "external_ids.x",
    "external_ids": {"x": "1"},
    "name": "Upserted",
}


def posting(path: str, body: Any) -> Act:
    return lambda client: client.post(path, body)


def patching(path: str, body: Any) -> Act:
    return lambda client: client.patch(path, body)


def deleting(path: str) -> Act:
    return lambda client: client.delete(path)


def all_at_once(acts: list[Act], clients: list[Client]) -> list[Answer]:
    pairs = list(zip(acts, clients, strict=True))
    return at_once(lambda pair: pair[0](pair[1]), pairs)


@pytest.mark.usefixtures("no_deadlock")
def test_no_write_slips_into_an_object_that_is_archived(tenant: Tenant) -> None:
    """What was answered with success is there after the object is restored."""
    with crowd(tenant, 5) as clients:
        owner = clients[0]
        define_object(owner)
        old, gone = (owner.create(RECORDS, {"name": "Old"})["id"] for _ in range(2))
        made = {old}
        for number in range(rounds("OBJECT_RACES")):
            name = f"N{number}"
            acts = [
                deleting(PATH),
                posting(RECORDS, {"name": name}),
                patching(f"{RECORDS}/{old}", {"name": name}),
                deleting(f"{RECORDS}/{gone}"),
                posting(f"{RECORDS}/upsert", UPSERT),
            ]
            archived, created, changed, deleted, upserted = all_at_once(acts, clients)
            assert archived.status == 204
            assert created.status in (201, 404)
            assert {changed.status, upserted.status} <= {200, 404}
            assert deleted.status in (204, 404)
            assert owner.post(RECORDS, {"name": "Late"}).status == 404
            assert owner.post(f"{PATH}/restore").status == 200
            if created.status == 201:
                made.add(created.json["id"])
            if upserted.status == 200:
                made.add(upserted.json["data"]["id"])
            if changed.status == 200:
                assert owner.get(f"{RECORDS}/{old}").json["name"] == name
            there = {each["id"] for each in owner.pages(RECORDS, limit=100)}
            left = set() if deleted.status == 204 else {gone}
            assert there == made | left
            if not left:
                gone = owner.create(RECORDS, {"name": "Old"})["id"]


@pytest.mark.usefixtures("no_deadlock")
def test_no_field_comes_to_lead_to_an_object_that_is_archived(tenant: Tenant) -> None:
    with crowd(tenant, 3) as clients:
        owner = clients[0]
        define_object(owner)
        owner.create(RECORDS, {"name": "Old"})
        for number in range(rounds("OBJECT_RACES")):
            leading = {
                "object": "deals",
                "key": f"s{number}",
                "type": "record",
                "label": "S",
                "target": "licenses",
            }
            own = leading | {"object": "licenses", "type": "text", "target": None}
            acts = [
                deleting(PATH),
                posting("/fields", leading),
                posting("/fields", own),
            ]
            archived, defined, own_defined = all_at_once(acts, clients)
            assert {archived.status, defined.status} in ({204, 422}, {409, 201})
            assert own_defined.status in (201, 422)
            if defined.status == 201:
                owner.delete(f"/fields/{defined.json['id']}")
            else:
                assert defined.codes == {"target": "invalid_choice"}
                owner.post(f"{PATH}/restore")


def test_of_two_hundred_objects_one_more_is_refused(owner: Client) -> None:
    def define(number: int) -> Answer:
        client = Client(owner.address, owner.token)
        try:
            body = {"singular_label": "T", "plural_label": "Ts"}
            return client.post("/objects", body | {"slug": f"things_{number}"})
        finally:
            client.close()

    for begin in range(0, 192, 8):
        for answer in at_once(define, range(begin, begin + 8)):
            assert answer.status == 201
    answers = at_once(define, range(192, 204))
    assert sorted(each.status for each in answers) == [201] * 8 + [422] * 4
    refused = next(each for each in answers if each.status == 422)
    assert refused.codes == {"slug": "too_many"}
    assert owner.delete("/objects/things_0").status == 204
    assert owner.post("/objects", {"slug": "more"}).status == 422
    assert define(300).codes == {"slug": "too_many"}


def test_records_refer_to_each_other_across_objects_in_any_order(
    tenant: Tenant,
) -> None:
    """Two records that come to lead to each other wait in turn; one begins again."""
    with crowd(tenant, 4) as clients:
        owner = clients[0]
        for slug in ("licenses", "projects"):
            define_object(owner, slug)
        define_field(owner, "other", "record", target="projects")
        define_field(owner, "other", "record", "projects", target="licenses")
        projects = "/objects/projects/records"
        for _ in range(rounds("CIRCLES")):
            one = owner.create(RECORDS, {"name": "S"})["id"]
            two = owner.create(projects, {"name": "P"})["id"]
            to_one = {"custom_fields": {"other": one}}
            to_two = {"custom_fields": {"other": two}}
            acts = [
                patching(f"{RECORDS}/{one}", to_two),
                patching(f"{projects}/{two}", to_one),
                posting(RECORDS, {"name": "S2"} | to_two),
                posting(projects, {"name": "P2"} | to_one),
            ]
            for answer in all_at_once(acts, clients):
                assert answer.status in (200, 201)
            assert owner.delete(f"{RECORDS}/{one}").status == 204
            left = owner.get(f"{projects}/{two}").json
            assert left["custom_fields"] == {}


@pytest.mark.every_topology
def test_everybody_sees_a_new_object_at_once_and_its_end_within_a_second(
    stack: Stack,
) -> None:
    tenant = new_tenant(stack)
    with crowd(tenant, 2) as (owner, other):
        define_object(owner)
        assert other.post(RECORDS, {"name": "x"}).status == 201
        owner.delete(PATH)
        assert within(1, lambda: other.post(f"{RECORDS}/search", {}).status == 404)
