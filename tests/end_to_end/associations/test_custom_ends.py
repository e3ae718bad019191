"""Types of association lead to the records of custom objects, and stand by them."""

from tests.client import Client
from tests.end_to_end.associations.associating import (
    TYPES,
    associate,
    contact,
    define,
    found,
)
from tests.end_to_end.schema.custom import define_object

BODY = {
    "key": "uses",
    "from_object": "contacts",
    "to_object": "plans",
    "label": "Uses",
    "inverse_label": "Users",
}


def made(client: Client, slug: str = "plans") -> str:
    """The id of a record of an object."""
    return str(client.create(f"/objects/{slug}/records", {"name": "Basic"})["id"])


def test_a_type_needs_an_object_that_is_not_archived(owner: Client) -> None:
    fault = {"to_object": "invalid_choice"}
    assert owner.post(TYPES, BODY).codes == fault
    define_object(owner, "plans")
    assert owner.delete("/objects/plans").status == 204
    assert owner.post(TYPES, BODY).codes == fault
    assert owner.post("/objects/plans/restore").status == 200
    kept = owner.create(TYPES, BODY)
    assert owner.delete(f"{TYPES}/{kept['id']}").status == 204
    assert owner.delete("/objects/plans").status == 204
    assert owner.post(f"{TYPES}/{kept['id']}/restore").codes == fault


def test_an_end_is_a_record_of_that_object(owner: Client) -> None:
    for slug in ("plans", "projects"):
        define_object(owner, slug)
    define(owner, **BODY)
    ada, plan, project = contact(owner), made(owner), made(owner, "projects")
    assert associate(owner, "uses", ada, plan).status == 201
    assert associate(owner, "uses", ada, project).codes == {"to_id": "not_found"}
    assert associate(owner, "uses", ada, ada).codes == {"to_id": "invalid"}
    assert [each["to_id"] for each in found(owner)] == [plan]
    assert owner.delete(f"/objects/plans/records/{plan}").status == 204
    assert found(owner) == []


def test_an_object_with_records_is_not_archived_while_a_type_leads_to_it(
    owner: Client,
) -> None:
    define_object(owner, "plans")
    kept = define(owner, **BODY)
    plan = made(owner)
    refused = owner.delete("/objects/plans")
    assert (refused.status, refused.json["used_by"]) == (409, ["uses"])
    assert owner.delete(f"{TYPES}/{kept['id']}").status == 204
    assert owner.delete("/objects/plans").status == 204
    assert owner.post("/objects/plans/restore").status == 200
    assert owner.post(f"{TYPES}/{kept['id']}/restore").status == 200
    assert owner.get(f"/objects/plans/records/{plan}").status == 200
