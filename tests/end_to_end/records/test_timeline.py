"""The timeline: what happened is told once, in order, with what was and what is."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.scene import Pipeline, pipeline, timeline, told
from tests.world import Tenant

# The records that have a timeline: path, link, and the least that makes one.
KEPT: dict[str, tuple[str, dict[str, Any]]] = {
    "/contacts": ("contact_id", {"email": "ada@example.com"}),
    "/companies": ("company_id", {"name": "Acme"}),
    "/deals": ("deal_id", {"name": "Pump"}),
}
CREATED = {"event": "created"}
LINKS = ("contact_id", "company_id", "deal_id")

each_kept = pytest.mark.parametrize("path", KEPT)


@pytest.fixture
def sales(owner: Client) -> Pipeline:
    """The tenant's default pipeline."""
    return pipeline(owner)


@pytest.fixture
def links(owner: Client) -> dict[str, str]:
    """A contact, a company and a deal, as links."""
    return {
        link: str(owner.create(path, body)["id"]) for path, (link, body) in KEPT.items()
    }


def make(client: Client, path: str, **more: object) -> str:
    return str(client.create(path, KEPT[path][1] | more)["id"])


@each_kept
def test_a_record_begins_its_timeline(
    owner: Client, tenant: Tenant, open_client: OpenClient, path: str
) -> None:
    admin = open_client(tenant.tokens["admin"])
    before = owner.search("/activities")["data"]
    record = admin.create(path, KEPT[path][1])
    (activity,) = timeline(owner, record["id"])
    assert (activity["type"], activity["source"]) == ("system", "system")
    assert activity["metadata"] == CREATED
    assert activity["actor_id"] == tenant.users["admin"]
    link = KEPT[path][0]
    assert {name: activity[name] for name in LINKS} == {
        name: record["id"] if name == link else None for name in LINKS
    }
    assert activity["occurred_at"] == record["created_at"]
    assert len(owner.search("/activities")["data"]) == len(before) + 1


@each_kept
def test_owner_and_tags_are_told_with_both_values(
    owner: Client, tenant: Tenant, path: str
) -> None:
    made = make(owner, path, tags=["VIP"])
    me, viewer = tenant.users["owner"], tenant.users["viewer"]
    for change in (
        {"owner_id": viewer},
        {"owner_id": None},
        {"owner_id": me, "tags": ["VIP", "new"]},
        {"tags": None},
        {"tags": ["Vip"]},
    ):
        assert owner.patch(f"{path}/{made}", change).status == 200
    assert told(owner, made) == [
        CREATED,
        {"event": "owner_changed", "from": me, "to": viewer},
        {"event": "owner_changed", "from": viewer},
        {"event": "owner_changed", "to": me},
        {"event": "tags_changed", "from": ["VIP"], "to": ["VIP", "new"]},
        {"event": "tags_changed", "from": ["VIP", "new"], "to": []},
        {"event": "tags_changed", "from": [], "to": ["Vip"]},
    ]


def test_tags_that_are_added_and_removed_are_told(owner: Client) -> None:
    made = make(owner, "/contacts", tags=["VIP"])
    path = f"/contacts/{made}"
    owner.post(f"{path}/tags", {"tags": ["new", "vip"]}, idempotency_key="k")
    owner.post(f"{path}/tags", {"tags": ["new", "vip"]}, idempotency_key="k")
    owner.post("/contacts/upsert", {"email": "ADA@example.com", "tags": ["other"]})
    owner.delete(f"{path}/tags/OTHER")
    assert told(owner, made) == [
        CREATED,
        {"event": "tags_changed", "from": ["VIP"], "to": ["VIP", "new"]},
        {"event": "tags_changed", "from": ["VIP", "new"], "to": ["other"]},
        {"event": "tags_changed", "from": ["other"], "to": []},
    ]


def test_an_upsert_creates_too(owner: Client) -> None:
    body = {"email": "new@example.com"}
    made = owner.post("/contacts/upsert", body).json["data"]["id"]
    owner.post("/contacts/upsert", body)
    assert told(owner, made) == [CREATED]


def test_a_deal_tells_of_its_way(owner: Client, sales: Pipeline) -> None:
    made = make(owner, "/deals")
    way = ("New", "Proposal", "Won", "Lost", "Won", "New", "Lost", "Qualified")
    for stage in way[1:]:
        answer = owner.post(f"/deals/{made}/stage", {"stage_id": sales[stage]})
        assert answer.status == 200
    became = (None, "won", "lost", "won", "reopened", "lost", "reopened")
    expected = [CREATED]
    for before, after, event in zip(way, way[1:], became, strict=False):
        step = {"from": sales[before], "to": sales[after]}
        expected.append({"event": "stage_changed", **step})
        expected += [{"event": event}] if event else []
    assert told(owner, made) == expected


def test_a_deal_that_begins_won_tells_only_that_it_began(
    owner: Client, sales: Pipeline
) -> None:
    made = make(owner, "/deals", stage_id=sales["Won"])
    assert told(owner, made) == [CREATED]


def test_notes_and_tasks_are_told_on_all_that_they_are_linked_to(
    owner: Client, tenant: Tenant, open_client: OpenClient, links: dict[str, str]
) -> None:
    admin = open_client(tenant.tokens["admin"])
    note = owner.create("/notes", {"body": "x", **links})["id"]
    task = owner.create("/tasks", {"name": "x", **links})["id"]
    path = f"/tasks/{task}"
    for action in ("complete", "complete", "reopen"):
        assert admin.post(f"{path}/{action}", {}).status == 200
    owner.post(f"{path}/complete", {}, idempotency_key="k")
    owner.post(f"{path}/complete", {}, idempotency_key="k")
    events: list[dict[str, str]] = [
        {"event": "note_added", "note_id": note},
        {"event": "task_completed", "task_id": task},
        {"event": "task_reopened", "task_id": task},
        {"event": "task_completed", "task_id": task},
    ]
    for record_id in links.values():
        of_record = timeline(owner, record_id)
        assert [a["metadata"] for a in of_record[1:]] == events
        actors = [a["actor_id"] for a in of_record[1:]]
        me, them = tenant.users["owner"], tenant.users["admin"]
        assert actors == [me, them, them, me]


def test_the_links_that_count_are_those_of_the_moment(
    owner: Client, links: dict[str, str]
) -> None:
    body = {"body": "x", "contact_id": links["contact_id"]}
    note = owner.create("/notes", body)["id"]
    owner.patch(f"/notes/{note}", {"deal_id": links["deal_id"]})
    task = owner.create("/tasks", {"name": "x", "contact_id": links["contact_id"]})
    path = f"/tasks/{task['id']}"
    moved = {"contact_id": None, "company_id": links["company_id"]}
    owner.patch(path, moved)
    owner.post(f"{path}/complete", {})
    added = {"event": "note_added", "note_id": note}
    done = {"event": "task_completed", "task_id": task["id"]}
    assert told(owner, links["contact_id"]) == [CREATED, added]
    assert told(owner, links["company_id"]) == [CREATED, done]
    assert told(owner, links["deal_id"]) == [CREATED]


@each_kept
def test_what_changes_nothing_tells_nothing(
    owner: Client, tenant: Tenant, path: str
) -> None:
    made = f"{path}/{make(owner, path, tags=['VIP'])}"
    same = {"tags": ["VIP", "vip"], "owner_id": tenant.users["owner"]}
    assert owner.patch(made, same).status == 200
    assert owner.patch(made, {}).status == 200
    assert owner.patch(made, {"custom_fields": {"plan": "gold"}}).status == 200
    assert owner.patch(made, {"tags": [5]}).status == 422
    assert owner.patch(made, {"tags": ["a"], "owner_id": "usr_1"}).status == 422
    assert owner.patch(made, {"tags": ["a"]}, if_match='"0"').status == 412
    assert told(owner, made.rpartition("/")[2]) == [CREATED]


@each_kept
def test_a_replay_tells_nothing(owner: Client, path: str) -> None:
    answers = [owner.post(path, KEPT[path][1], idempotency_key="k") for _ in range(3)]
    assert len({answer.body for answer in answers}) == 1
    assert told(owner, answers[0].json["id"]) == [CREATED]
    assert len(owner.search("/activities")["data"]) == 1


def test_a_replayed_note_and_move_tell_nothing(
    owner: Client, links: dict[str, str], sales: Pipeline
) -> None:
    note = {"body": "x", "deal_id": links["deal_id"]}
    won = {"stage_id": sales["Won"]}
    for _ in range(2):
        owner.post("/notes", note, idempotency_key="note")
        owner.post(f"/deals/{links['deal_id']}/stage", won, idempotency_key="won")
    names = [each["event"] for each in told(owner, links["deal_id"])]
    assert names == ["created", "note_added", "stage_changed", "won"]


def test_what_people_tell_stands_where_it_happened(
    owner: Client, links: dict[str, str]
) -> None:
    deal = {"deal_id": links["deal_id"]}
    days = ("2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z")
    for day in days:
        body = {"type": "call", "subject": day, "occurred_at": day, **deal}
        owner.create("/activities", body)
    subjects = [a["subject"] for a in timeline(owner, links["deal_id"])]
    assert subjects == [days[0], None, days[1]]
    by_time = {"order_by": "occurred_at", "filters": [record_is(links["deal_id"])]}
    latest = owner.pages("/activities", limit=1, **by_time)
    assert [a["subject"] for a in latest] == [days[1], None, days[0]]
    newest = owner.search("/activities", filters=[record_is(links["deal_id"])])
    assert [a["subject"] for a in newest["data"]] == [days[1], days[0], None]


def record_is(record_id: str) -> dict[str, Any]:
    return {"field": "record_id", "operator": "eq", "value": record_id}


def test_record_id_is_any_of_the_links(owner: Client, links: dict[str, str]) -> None:
    for name, record_id in links.items():
        owner.create("/tasks", {"name": name, name: record_id})
    owner.create("/tasks", {"name": "all", **links})
    owner.create("/tasks", {"name": "none"})
    contact, company, deal = links.values()
    everything = {*LINKS, "all", "none"}
    for condition, expected in (
        ({"operator": "eq", "value": contact}, {"contact_id", "all"}),
        ({"operator": "eq", "value": deal}, {"deal_id", "all"}),
        (
            {"operator": "in", "values": [contact, company, "x"]},
            everything - {"deal_id", "none"},
        ),
        ({"operator": "neq", "value": company}, everything - {"company_id", "all"}),
        ({"operator": "not_in", "values": [contact, deal]}, {"company_id", "none"}),
        ({"operator": "is_empty"}, {"none"}),
        ({"operator": "is_not_empty"}, everything - {"none"}),
        ({"operator": "eq", "value": "con_nonsense"}, set[str]()),
        ({"operator": "eq", "value": contact.upper()}, set[str]()),
    ):
        filters = [{"field": "record_id", **condition}]
        found = owner.search("/tasks", filters=filters)["data"]
        assert {task["name"] for task in found} == expected, condition
    for path in ("/contacts", "/companies", "/deals"):
        answer = owner.post(f"{path}/search", {"filters": [record_is(contact)]})
        assert answer.codes == {"filters[0].field": "invalid_choice"}
