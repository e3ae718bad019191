"""Searches find what was deleted within 30 days, for those who may delete."""

from typing import Any

import pytest

from tests.client import Client, moment
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.restoring.kinds import EVERY, Kind, made
from tests.end_to_end.restoring.rows import change
from tests.end_to_end.scene import grant
from tests.world import Tenant

OWN = {"*": {"actions": ["read", "write", "delete"], "visibility": "own"}}


def deleted(client: Client, path: str, **body: Any) -> list[Any]:
    return client.pages(path, deleted=True, **body)


def names(records: list[Any]) -> list[str]:
    return [each["name"] for each in records]


def ended(client: Client, path: str, *bodies: Any) -> list[Any]:
    """Creates records and deletes them, one after the other."""
    records = [client.create(path, body) for body in bodies]
    for each in records:
        assert client.delete(f"{path}/{each['id']}").status == 204
    return records


@pytest.mark.parametrize("kind", EVERY, ids=str)
def test_a_deleted_record_is_found_with_its_deletion(owner: Client, kind: Kind) -> None:
    path, before = made(owner, kind)
    assert deleted(owner, path) == []
    assert owner.delete(f"{path}/{before['id']}").status == 204
    (found,) = deleted(owner, path)
    assert found["deleted_by"] == owner.get("/me").json["user"]["id"]
    assert moment(found["deleted_at"]) > moment(before["created_at"])
    assert found["updated_at"] == found["deleted_at"]
    told = ("deleted_at", "deleted_by", "updated_at")
    for each in (before, found):
        for name in told:
            each.pop(name, None)
    assert found == before
    for body in ({}, {"deleted": False}):
        assert before["id"] not in [e["id"] for e in owner.pages(path, **body)]
    assert owner.post(f"{path}/{before['id']}/restore").status == 200
    assert deleted(owner, path) == []
    for living in owner.pages(path):
        assert not {"deleted_at", "deleted_by"} & living.keys()


def test_filters_words_and_orders_find_deleted_records(owner: Client) -> None:
    plan = {"object": "contacts", "key": "seats", "type": "integer", "label": "Seats"}
    owner.create("/fields", plan)
    bodies = [
        {
            "first_name": name,
            "email": f"{name}@x.example",
            "tags": [name],
            "lead_score": score,
            "custom_fields": {"seats": score, "free": name},
            "external_ids": {"crm": name},
        }
        for name, score in (("ada", 3), ("bob", 1), ("cyd", 2))
    ]
    ended(owner, "/contacts", *bodies)
    owner.create("/contacts", {"email": "dan@x.example", "lead_score": 9})
    conditions = [
        ("email", "eq", "BOB@x.example"),
        ("tags", "contains", "Bob"),
        ("lead_score", "lt", 2),
        ("custom_fields.seats", "lte", 1),
        ("custom_fields.free", "eq", "bob"),
        ("external_ids.crm", "eq", "bob"),
    ]
    for field, operator, value in conditions:
        one = {"field": field, "operator": operator, "value": value}
        assert names(deleted(owner, "/contacts", filters=[one])) == ["bob"], field
        rest = deleted(owner, "/contacts", filters=[{"not": one}])
        assert sorted(names(rest)) == ["ada", "cyd"], field
    assert names(deleted(owner, "/contacts", search_text="bo x.ex")) == ["bob"]
    orders = {
        "lead_score": ["ada", "cyd", "bob"],
        "name": ["cyd", "bob", "ada"],
        "created_at": ["cyd", "bob", "ada"],
        "deleted_at": ["cyd", "bob", "ada"],
    }
    for order, expected in orders.items():
        for direction, wanted in (("desc", expected), ("asc", expected[::-1])):
            way = {"order_by": order, "sort_direction": direction}
            assert names(deleted(owner, "/contacts", limit=1, **way)) == wanted
    counted = owner.search("/contacts", deleted=True, include_total=True, limit=1)
    assert counted["meta"]["total"] == 3


def test_what_cannot_be_asked_of_deleted_records_is_refused(owner: Client) -> None:
    plan = {"object": "contacts", "key": "seats", "type": "integer", "label": "Seats"}
    owner.create("/fields", plan)
    associated = {"field": "associations.deal_contacts", "operator": "is_empty"}
    asked = owner.post(
        "/contacts/search",
        {
            "deleted": True,
            "order_by": "custom_fields.seats",
            "filters": [associated | {"field": "associations.deal_contacts.id"}],
        },
    )
    assert asked.codes == {"order_by": "invalid_choice", "filters[0].field": "invalid"}
    named = owner.post("/contacts/search", {"deleted": True, "ids": ["con_1"]})
    assert named.codes == {"ids": "invalid"}
    living = owner.post("/contacts/search", {"order_by": "deleted_at"})
    assert living.codes == {"order_by": "invalid_choice"}
    for path in ("/users", "/pipelines", "/fields"):
        refused = owner.post(f"{path}/search", {"deleted": True})
        assert refused.codes == {"deleted": "unknown_field"}


def test_parts_of_deleted_records(owner: Client) -> None:
    (company,) = ended(owner, "/companies", {"name": "Engines"})
    living = owner.create("/companies", {"name": "Other"})
    body = {"email": "a@x.example", "company_id": living["id"]}
    (contact,) = ended(owner, "/contacts", body)
    (found,) = deleted(owner, "/companies", fields=["name", "deleted_at"])
    assert found.keys() == {"id", "name", "deleted_at"}
    assert found["id"] == company["id"]
    (found,) = deleted(owner, "/contacts", expand=["company"])
    assert (found["id"], found["company"]) == (contact["id"], living)
    read = owner.get(f"/companies/{living['id']}?fields=name,deleted_at,deleted_by")
    assert read.json == {"id": living["id"], "name": "Other"}


def test_who_may_not_delete_finds_and_restores_nothing(
    owner: Client, member: Client, stranger: Client
) -> None:
    (contact,) = ended(owner, "/contacts", {"email": "a@x.example", "owner_id": None})
    at = f"/contacts/{contact['id']}/restore"
    for refused in (
        member.post("/contacts/search", {"deleted": True, "order_by": "no"}),
        member.post(at),
    ):
        assert refused.status == 403
        assert refused.json["required"] == "contact.delete"
    assert deleted(stranger, "/contacts") == []
    assert stranger.post(at).status == 404
    assert member.search("/contacts", deleted=False)["data"] == []


def test_after_thirty_days_a_deleted_record_is_gone(
    owner: Client, tenant: Tenant
) -> None:
    early, late = ended(owner, "/companies", {"name": "Early"}, {"name": "Late"})
    for record, age in ((early, "29 days 23 hours"), (late, "30 days 1 hour")):
        change(
            tenant,
            "UPDATE companies SET deleted_at = now() - $3::text::interval"
            " WHERE business_id = $1 AND id = $2",
            record["id"],
            age,
        )
    assert names(deleted(owner, "/companies")) == ["Early"]
    assert owner.post(f"/companies/{late['id']}/restore").status == 404
    assert owner.post(f"/companies/{early['id']}/restore").status == 200


def test_a_deletion_older_than_the_log_gives_back_the_record_alone(
    owner: Client, tenant: Tenant
) -> None:
    company = owner.create("/companies", {"name": "Engines"})
    note = owner.create("/notes", {"body": "a", "company_id": company["id"]})
    assert owner.delete(f"/companies/{company['id']}").status == 204
    change(tenant, "DELETE FROM changes WHERE business_id = $1")
    (found,) = deleted(owner, "/companies")
    assert "deleted_by" not in found
    assert owner.post(f"/companies/{company['id']}/restore").status == 200
    assert owner.get(f"/companies/{company['id']}").status == 200
    assert owner.get(f"/notes/{note['id']}").status == 404


def test_who_sees_own_records_alone_restores_those_alone(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    _, token = grant(tenant, OWN)
    soloist = open_client(token)
    (theirs,) = ended(owner, "/deals", {"name": "Theirs"})
    (own,) = ended(soloist, "/deals", {"name": "Own"})
    assert names(deleted(soloist, "/deals")) == ["Own"]
    assert soloist.post(f"/deals/{theirs['id']}/restore").status == 404
    assert soloist.post(f"/deals/{own['id']}/restore").status == 200


def test_without_the_right_to_read_little_is_told(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    (deal,) = ended(owner, "/deals", {"name": "D"})
    deleter = open_client(tenant.token(("deal.delete",)))
    assert deleter.post("/deals/search", {"deleted": True}).status == 403
    answer = deleter.post(f"/deals/{deal['id']}/restore", idempotency_key="one")
    assert answer.json.keys() == {"id", "created_at", "updated_at"}
    again = deleter.post(f"/deals/{deal['id']}/restore", idempotency_key="one")
    assert (again.body, again.headers["idempotent-replayed"]) == (answer.body, "true")
