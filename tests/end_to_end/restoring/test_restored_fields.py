"""What tenants define: their values come back, and are found as before."""

from typing import Any

from tests.client import Client
from tests.end_to_end.schema.custom import define_field, define_object

RECORDS = "/objects/licenses/records"


def ended(client: Client, path: str, record_id: str) -> None:
    assert client.delete(f"{path}/{record_id}").status == 204


def back(client: Client, path: str, record_id: str) -> Any:
    answer = client.post(f"{path}/{record_id}/restore")
    assert answer.status == 200, answer.body
    return answer.json


def by(key: str, value: Any) -> list[Any]:
    return [{"field": f"custom_fields.{key}", "operator": "eq", "value": value}]


def ids(client: Client, path: str, key: str, value: Any) -> list[str]:
    found = client.search(path, filters=by(key, value))["data"]
    return [each["id"] for each in found]


def test_typed_values_are_found_again(owner: Client) -> None:
    define_field(owner, "seats", "integer", "contacts")
    define_field(owner, "motto", "text", "contacts", searchable=True)
    values = {"seats": 3, "motto": "Onwards", "free": "x"}
    body = {"email": "a@x.example", "custom_fields": values}
    made = owner.create("/contacts", body)
    ended(owner, "/contacts", made["id"])
    assert back(owner, "/contacts", made["id"])["custom_fields"] == values
    for key, value in values.items():
        assert ids(owner, "/contacts", key, value) == [made["id"]]
    found = owner.search("/contacts", search_text="nward")["data"]
    assert [each["id"] for each in found] == [made["id"]]
    ordered = owner.search("/contacts", order_by="custom_fields.seats")["data"]
    assert [each["id"] for each in ordered] == [made["id"]]


def test_a_taken_unique_value_refuses_the_whole(owner: Client) -> None:
    define_field(owner, "vat", "text", "companies", unique=True)
    one = {"name": "One", "custom_fields": {"vat": "DE1"}}
    first = owner.create("/companies", one)
    ended(owner, "/companies", first["id"])
    second = owner.create("/companies", one)
    refused = owner.post(f"/companies/{first['id']}/restore")
    assert refused.codes == {"custom_fields.vat": "not_unique"}
    assert refused.json["errors"][0]["record_id"] == second["id"]
    ended(owner, "/companies", second["id"])
    back(owner, "/companies", first["id"])
    refused = owner.post(f"/companies/{second['id']}/restore")
    assert refused.codes == {"custom_fields.vat": "not_unique"}


def test_references_to_the_record_come_back(owner: Client) -> None:
    define_object(owner)
    define_field(owner, "license", "record", "deals", target="licenses")
    define_field(owner, "follows", "record", "licenses", target="licenses")
    old, new = (owner.create(RECORDS, {"name": name}) for name in ("Old", "New"))
    kept, moved = (
        owner.create("/deals", {"name": n, "custom_fields": {"license": old["id"]}})
        for n in ("Kept", "Moved")
    )
    other = owner.create(
        RECORDS, {"name": "Other", "custom_fields": {"follows": old["id"]}}
    )
    task = owner.create("/tasks", {"name": "T", "custom_record_id": old["id"]})
    ended(owner, RECORDS, old["id"])
    change = {"custom_fields": {"license": new["id"]}}
    assert owner.patch(f"/deals/{moved['id']}", change).status == 200
    back(owner, RECORDS, old["id"])
    assert ids(owner, "/deals", "license", old["id"]) == [kept["id"]]
    assert ids(owner, "/deals", "license", new["id"]) == [moved["id"]]
    assert ids(owner, RECORDS, "follows", old["id"]) == [other["id"]]
    found = owner.get(f"/tasks/{task['id']}").json
    assert found["custom_record_id"] == old["id"]


def test_a_reference_to_what_is_deleted_is_cleared(owner: Client) -> None:
    define_object(owner)
    define_field(owner, "license", "record", "deals", target="licenses")
    license_ = owner.create(RECORDS, {"name": "L"})
    body = {"name": "D", "custom_fields": {"license": license_["id"], "a": 1}}
    deal = owner.create("/deals", body)
    ended(owner, "/deals", deal["id"])
    ended(owner, RECORDS, license_["id"])
    assert back(owner, "/deals", deal["id"])["custom_fields"] == {"a": 1}


def test_values_that_no_longer_fit_are_cleared(owner: Client) -> None:
    body = {"name": "D", "custom_fields": {"size": "large", "rank": 2, "kept": "x"}}
    deal = owner.create("/deals", body)
    ended(owner, "/deals", deal["id"])
    define_field(owner, "size", "integer", "deals")
    define_field(owner, "rank", "integer", "deals")
    define_field(
        owner, "double", "formula", "deals", expression="custom_fields.rank * 2"
    )
    restored = back(owner, "/deals", deal["id"])
    assert restored["custom_fields"] == {"rank": 2, "double": 4, "kept": "x"}
    assert ids(owner, "/deals", "rank", 2) == [deal["id"]]
    assert ids(owner, "/deals", "double", 4) == [deal["id"]]


def test_notes_with_own_fields_come_back_with_their_record(owner: Client) -> None:
    define_field(owner, "code", "text", "notes", unique=True)
    company = owner.create("/companies", {"name": "Engines"})
    free, taken, plain = (
        owner.create("/notes", {"body": "b", "company_id": company["id"], **more})
        for more in (
            {"custom_fields": {"code": "1"}, "external_ids": {"crm": "1"}},
            {"custom_fields": {"code": "2"}},
            {},
        )
    )
    other = owner.create("/companies", {"name": "Other"})
    ended(owner, "/companies", company["id"])
    owner.create(
        "/notes",
        {"body": "n", "company_id": other["id"], "custom_fields": {"code": "2"}},
    )
    back(owner, "/companies", company["id"])
    assert owner.get(f"/notes/{taken['id']}").status == 404
    for note in (free, plain):
        found = owner.get(f"/notes/{note['id']}").json
        assert found == note | {"updated_at": found["updated_at"]}
    assert ids(owner, "/notes", "code", "1") == [free["id"]]
    again = {"body": "n", "company_id": other["id"], "external_ids": {"crm": "1"}}
    assert owner.post("/notes", again).codes == {"external_ids.crm": "not_unique"}


def test_records_of_an_archived_object_are_not_there(owner: Client) -> None:
    define_object(owner)
    record = owner.create(RECORDS, {"name": "L"})
    ended(owner, RECORDS, record["id"])
    assert owner.delete("/objects/licenses").status in (200, 204)
    assert owner.post(f"{RECORDS}/{record['id']}/restore").status == 404
    assert owner.post("/objects/licenses/restore").status == 200
    assert back(owner, RECORDS, record["id"])["name"] == "L"
