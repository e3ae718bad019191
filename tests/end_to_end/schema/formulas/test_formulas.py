"""Formulas: fields that an expression computes in every write of their record."""

from datetime import datetime
from typing import Any

import grpc
import pytest
from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.schema.v1.fields_pb2_grpc import FieldServiceStub

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.defining import contact, define, refused
from tests.end_to_end.schema.formulas.defining import TOTAL, formula, seats_and_price
from tests.harness.wire.grpc_calls import bearer
from tests.stacks import Stack
from tests.world import Tenant


@pytest.fixture
def seats(owner: Client) -> None:
    """Two numbers of contacts."""
    seats_and_price(owner)


def total(client: Client, path: str) -> Any:
    return client.get(path).json["custom_fields"].get("it")


@pytest.mark.usefixtures("seats")
def test_a_formula_follows_every_write_of_its_record(owner: Client) -> None:
    made = formula(owner, TOTAL, decimals=2)
    assert (made["type"], made["expression"]) == ("formula", TOTAL)
    assert (made["result"], made["decimals"]) == ("number", 2)
    record = owner.create("/contacts", contact(seats=3, price=1.5))
    assert record["custom_fields"] == {"seats": 3, "price": 1.5, "it": 4.5}
    path = f"/contacts/{record['id']}"
    changed = owner.patch(path, {"custom_fields": {"seats": 4}}).json
    assert changed["custom_fields"]["it"] == 6
    assert total(owner, path) == 6
    upserted = owner.post(
        "/contacts/upsert",
        {"match_on": "id", "id": record["id"], "custom_fields": {"price": 2.25}},
    )
    assert upserted.json["data"]["custom_fields"]["it"] == 9
    cleared = owner.patch(path, {"custom_fields": {"seats": None}}).json
    assert cleared["custom_fields"] == {"price": 2.25}
    new = {"match_on": "email", "email": "bob@b.example"}
    own = {"custom_fields": {"seats": 2, "price": 2}}
    created = owner.post("/contacts/upsert", new | own).json["data"]
    assert created["custom_fields"]["it"] == 4


def test_actions_and_server_fields_count(owner: Client) -> None:
    body = {"object": "deals", "key": "it", "label": "It", "type": "formula"}
    words = 'status == "won" ? name + " at " + string(value) : string(stage_changed_at)'
    owner.create("/fields", body | {"expression": words})
    stages = owner.search("/pipelines")["data"][0]["stages"]
    won = next(each["id"] for each in stages if each["type"] == "won")
    deal = owner.create("/deals", {"name": "Engine", "value": 1200.5})
    # A formula writes microseconds with zeros at their end, and a record without.
    written, at = deal["custom_fields"]["it"], deal["stage_changed_at"]
    assert datetime.fromisoformat(written) == datetime.fromisoformat(at)
    path = f"/deals/{deal['id']}"
    moved = owner.post(f"{path}/stage", {"stage_id": won})
    assert moved.json["custom_fields"] == {"it": "Engine at 1200.5"}
    assert owner.get(path).json == moved.json
    contact_ = {"object": "contacts", "key": "vip", "label": "V", "type": "formula"}
    owner.create("/fields", contact_ | {"expression": '"vip" in tags'})
    path = f"/contacts/{owner.create('/contacts', contact())['id']}"
    assert owner.get(path).json["custom_fields"] == {"vip": False}
    tagged = owner.post(f"{path}/tags", {"tags": ["vip"]})
    assert tagged.json["custom_fields"] == {"vip": True}


@pytest.mark.every_topology
def test_grpc_takes_no_result(stack: Stack, tenant: Tenant) -> None:
    metadata = bearer(tenant.tokens["owner"])
    forged: dict[str, Any] = {
        "object": "contacts",
        "label": "It",
        "result": pb.FIELD_RESULT_BOOLEAN,
    }
    text = pb.Field(key="text", type=pb.FIELD_TYPE_TEXT, **forged)
    it = pb.Field(key="it", type=pb.FIELD_TYPE_FORMULA, expression="1", **forged)
    with grpc.insecure_channel(stack.grpc) as channel:
        fields = FieldServiceStub(channel)
        made = [
            fields.CreateField(
                pb.CreateFieldRequest(field=each), metadata=metadata, timeout=60
            )
            for each in (text, it)
        ]
        read = [
            fields.GetField(pb.GetFieldRequest(id=e.id), metadata=metadata, timeout=60)
            for e in made
        ]
    for one, other in (made, read):
        assert not one.HasField("result")
        assert other.result == pb.FIELD_RESULT_NUMBER


@pytest.mark.usefixtures("seats")
def test_nobody_writes_a_formula(owner: Client) -> None:
    formula(owner, TOTAL)
    read_only = {"it": "read_only"}
    made = owner.create("/contacts", contact(seats=2, price=2))
    path = f"/contacts/{made['id']}"
    for value in (4, 5, None, "x"):
        body = {"custom_fields": {"it": value}}
        assert refused(owner.post("/contacts", contact(it=value))) == read_only
        assert refused(owner.patch(path, body)) == read_only
    assert owner.get(path).json == made


@pytest.mark.usefixtures("seats")
def test_searches_compare_and_order_what_it_gives(owner: Client) -> None:
    formula(owner, TOTAL)
    pairs = [(1, 5), (3, 1), (2, 10), (7, None)]
    ids = []
    for n, price in pairs:
        more = {} if price is None else {"price": price}
        ids.append(owner.create("/contacts", contact(seats=n, **more))["id"])

    def found(**search: Any) -> list[int]:
        pages = owner.pages("/contacts", **search)
        return [ids.index(each["id"]) for each in pages]

    field = {"field": "custom_fields.it"}
    assert found(order_by="custom_fields.it", sort_direction="asc") == [1, 0, 2, 3]
    assert found(order_by="custom_fields.it", limit=1) == [2, 0, 1, 3]
    ranged = field | {"operator": "between", "values": [4, 20]}
    assert sorted(found(filters=[ranged])) == [0, 2]
    assert found(filters=[field | {"operator": "is_empty"}]) == [3]
    like = field | {"operator": "contains", "value": "x"}
    wrong = owner.post("/contacts/search", {"filters": [like]})
    assert wrong.codes == {"filters[0].operator": "invalid_choice"}


@pytest.mark.parametrize(
    ("expression", "result", "operator"),
    [("first_name", "string", "contains"), ("lead_score > 5", "boolean", "eq")],
)
def test_a_schema_tells_it(
    expression: str, result: str, operator: str, owner: Client
) -> None:
    formula(owner, expression)
    fields = owner.get("/objects/contacts/schema").json["fields"]
    told = next(each for each in fields if each["key"] == "it")
    assert (told["type"], told["result"], told["writable"]) == (
        "formula",
        result,
        False,
    )
    assert (told["expression"], operator in told["operators"]) == (expression, True)
    form = owner.get("/objects/contacts/schema", accept="application/schema+json")
    assert form.json["properties"]["custom_fields"]["properties"]["it"] is False


@pytest.mark.usefixtures("seats")
def test_records_from_before_are_computed(owner: Client) -> None:
    path = f"/contacts/{owner.create('/contacts', contact(seats=3, price=2))['id']}"
    other = f"/contacts/{owner.create('/contacts', contact())['id']}"
    field = f"/fields/{formula(owner, TOTAL)['id']}"
    assert (total(owner, path), total(owner, other)) == (6, None)
    body = {"expression": "custom_fields.seats + 0.25"}
    assert owner.patch(field, body).json["result"] == "number"
    assert total(owner, path) == 3.25
    assert owner.patch(field, {"decimals": 1}).status == 200
    assert total(owner, path) == 3.3
    assert owner.patch(field, {"expression": '"x" + email'}).json["result"] == "string"
    assert total(owner, other) == "xada@engine.example"
    equal = {"field": "custom_fields.it", "operator": "starts_with", "value": "x"}
    assert len(owner.search("/contacts", filters=[equal])["data"]) == 2
    assert owner.delete(field).status == 204
    assert total(owner, path) is None
    owner.patch(other, {"email": "new@engine.example"})
    assert owner.post(f"{field}/restore").status == 200
    assert total(owner, other) == "xnew@engine.example"


def test_a_key_that_records_use_is_refused_or_cleared(owner: Client) -> None:
    made = owner.create("/contacts", contact(it="free"))
    body = {"object": "contacts", "key": "it", "type": "formula", "label": "It"}
    body["expression"] = "lead_score"
    for existing in ("refuse", "convert"):
        answer = owner.post("/fields", body | {"existing": existing})
        assert (answer.status, answer.json["count"]) == (409, 1)
        assert answer.json["sample"] == [made["id"]]
    assert owner.post("/fields", body | {"existing": "clear"}).status == 201
    assert total(owner, f"/contacts/{made['id']}") == 0


@pytest.mark.usefixtures("seats")
def test_a_field_that_a_formula_names_stays(owner: Client) -> None:
    formula(owner, TOTAL)
    fields = {each["key"]: each for each in owner.search("/fields")["data"]}
    path = f"/fields/{fields['seats']['id']}"
    refusals = [
        owner.delete(path),
        owner.post(f"{path}/change", {"type": "decimal"}),
        owner.patch(path, {"sensitive": True}),
    ]
    for answer in refusals:
        assert (answer.status, answer.json["used_by"]) == (409, ["it"])
        assert "it" in answer.json["detail"]
    assert owner.delete(f"/fields/{fields['it']['id']}").status == 204
    assert owner.delete(path).status == 204
    restored = owner.post(f"/fields/{fields['it']['id']}/restore")
    assert restored.codes == {"expression": "invalid"}


def test_changed_values_are_computed_again(owner: Client) -> None:
    plan = define(
        owner,
        "select",
        key="plan",
        options=[{"value": "gold", "label": "G"}, {"value": "iron", "label": "I"}],
    )
    size = define(owner, "integer", key="seats")
    formula(owner, 'custom_fields.plan + " " + string(custom_fields.seats)')
    made = owner.create("/contacts", contact(plan="gold", seats=9))
    path = f"/contacts/{made['id']}"
    moved = owner.post(f"/fields/{plan['id']}/options/gold/replace", {"with": "iron"})
    assert moved.status == 200
    assert total(owner, path) == "iron 9"
    bound = {"max": 5, "existing": "clear"}
    assert owner.patch(f"/fields/{size['id']}", bound).status == 200
    assert total(owner, path) is None


@pytest.mark.usefixtures("seats")
def test_a_formula_of_a_sensitive_field_is_sensitive(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    secret = define(owner, "integer", key="pay", sensitive=True, readable_by=["viewer"])
    body = {"object": "contacts", "key": "it", "type": "formula", "label": "It"}
    body["expression"] = "custom_fields.pay * 12"
    for more, is_good in (
        ({}, False),
        ({"sensitive": True, "readable_by": ["manager"]}, False),
        ({"sensitive": True, "readable_by": ["viewer", "manager"]}, False),
        ({"sensitive": True, "readable_by": ["viewer"]}, True),
    ):
        answer = owner.post("/fields", body | more)
        if is_good:
            assert answer.status == 201
        else:
            assert answer.codes == {"sensitive": "invalid"}
    made = f"/fields/{answer.json['id']}"
    plain = {"sensitive": False, "readable_by": []}
    assert owner.patch(made, plain).codes == {"sensitive": "invalid"}
    fewer = owner.patch(f"/fields/{secret['id']}", {"readable_by": []})
    assert (fewer.status, fewer.json["used_by"]) == (409, ["it"])
    path = f"/contacts/{owner.create('/contacts', contact(pay=100))['id']}"
    viewer, manager = (
        open_client(tenant.tokens[name]) for name in ("viewer", "manager")
    )
    told = [client.get(path).json["custom_fields"] for client in (viewer, manager)]
    assert told == [{"pay": 100, "it": 1200}, {"pay": None, "it": None}]
    changed = manager.patch(path, {"city": "Rome"})
    assert changed.status == 200
    assert total(owner, path) == 1200


def test_there_are_fifty_formulas(owner: Client) -> None:
    body = {"object": "notes", "type": "formula", "label": "F", "expression": "1"}
    made = [
        owner.create("/fields", body | {"key": f"f{number}"}) for number in range(50)
    ]
    answer = owner.post("/fields", body | {"key": "more"})
    assert answer.codes == {"type": "too_many"}
    limits = owner.get("/limits").json["data"]
    told = next(
        each
        for each in limits
        if (each["name"], each["object"]) == ("formulas", "notes")
    )
    assert (told["limit"], told["used"]) == (50, 50)
    assert owner.delete(f"/fields/{made[0]['id']}").status == 204
    assert owner.post("/fields", body | {"key": "more"}).status == 201
    assert owner.post(f"/fields/{made[0]['id']}/restore").codes == {"type": "too_many"}


def test_a_token_that_may_not_read_is_told_no_formula(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    """It computes fields that such a token did not write, and may not read."""
    formula(owner, 'last_name + "/x"')
    made = owner.create("/contacts", {**contact(), "last_name": "Lovelace"})
    path = f"/contacts/{made['id']}"
    writer = open_client(tenant.token(["contact.write"]))
    for given in (None, {"free": 1}):
        answer = writer.patch(path, {"custom_fields": given})
        assert answer.status == 200
        assert answer.json["custom_fields"] == (given or {})
    assert writer.get(path).status == 403
