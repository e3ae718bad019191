"""Field definitions: what they may say, and who may write them."""

from typing import Any

import grpc
import pytest
from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.schema.v1.fields_pb2_grpc import FieldServiceStub

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.harness.at_once import at_once
from tests.harness.wire.grpc_calls import bearer, refused
from tests.stacks import Stack
from tests.world import Tenant

FIELD = {"object": "contacts", "key": "seats", "type": "integer", "label": "Seats"}
OPTIONS = [{"value": "gold", "label": "Gold"}, {"value": "iron", "label": "Iron"}]
SELECT = FIELD | {"key": "plan", "type": "select", "options": OPTIONS}


def test_a_definition_is_told_whole(owner: Client) -> None:
    made = owner.create("/fields", FIELD)
    assert made["id"].startswith("fld_")
    assert made == made | FIELD | {
        "description": None,
        "group": None,
        "position": None,
        "required": False,
        "unique": False,
        "searchable": False,
        "sensitive": False,
        "readable_by": [],
        "default_value": None,
        "options": [],
        "min": None,
        "max": None,
        "decimals": None,
        "max_length": None,
        "target": None,
        "expression": None,
        "result": None,
        "archived": False,
    }
    assert owner.get(f"/fields/{made['id']}").json == made


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"object": "Contacts"}, {"object": "invalid_format"}),
        ({"object": "planets"}, {"object": "invalid_choice"}),
        ({"object": "users"}, {"object": "invalid_choice"}),
        ({"object": None}, {"object": "required"}),
        ({"key": "Seats"}, {"key": "invalid_format"}),
        ({"key": "1seat"}, {"key": "invalid_format"}),
        ({"key": "a" * 65}, {"key": "too_long"}),
        ({"key": " "}, {"key": "required"}),
        ({"type": "money"}, {"type": "invalid_choice"}),
        ({"type": None}, {"type": "required"}),
        ({"label": ""}, {"label": "required"}),
        ({"label": "x" * 101}, {"label": "too_long"}),
        ({"description": "x" * 1001}, {"description": "too_long"}),
        ({"group": "x" * 101}, {"group": "too_long"}),
        ({"position": -1}, {"position": "too_small"}),
        ({"readable_by": ["viewer"]}, {"readable_by": "invalid"}),
        ({"required": 1}, {"required": "invalid_type"}),
        ({"archived": True}, {"archived": "read_only"}),
        ({"min": 3, "max": 2}, {"max": "invalid"}),
        ({"min": 10**15 + 1}, {"min": "too_large"}),
        ({"decimals": 2}, {"decimals": "invalid"}),
        ({"type": "decimal", "decimals": 10}, {"decimals": "too_large"}),
        ({"max_length": 5}, {"max_length": "invalid"}),
        ({"type": "text", "max_length": 2001}, {"max_length": "too_large"}),
        ({"type": "email", "max_length": 255}, {"max_length": "too_large"}),
        ({"type": "text", "min": 1}, {"min": "invalid"}),
        ({"options": OPTIONS}, {"options": "invalid"}),
        ({"target": "contacts"}, {"target": "invalid"}),
        ({"type": "record"}, {"target": "required"}),
        ({"type": "record", "target": "users"}, {"target": "invalid_choice"}),
        ({"type": "boolean", "unique": True}, {"unique": "invalid"}),
        ({"type": "integer", "searchable": True}, {"searchable": "invalid"}),
        ({"type": "long_text", "unique": True}, {"unique": "invalid"}),
        ({"default_value": "four"}, {"default_value": "invalid_type"}),
        ({"default_value": 4, "max": 3}, {"default_value": "too_large"}),
        ({"default_value": 4, "unique": True}, {"default_value": "invalid"}),
        ({"type": "user", "default_value": "usr_"}, {"default_value": "invalid"}),
        ({"type": "select"}, {"options": "required"}),
        ({"surprise": 1}, {"surprise": "unknown_field"}),
    ],
)
def test_a_broken_rule_is_named(
    owner: Client, changed: dict[str, Any], codes: dict[str, str]
) -> None:
    answer = owner.post("/fields", FIELD | changed)
    assert (answer.status, answer.codes) == (422, codes)


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ([], {"options": "required"}),
        (["gold"], {"options[0]": "invalid_type"}),
        ([{"value": "Gold", "label": "G"}], {"options[0].value": "invalid_format"}),
        ([{"value": "x" * 65, "label": "G"}], {"options[0].value": "invalid_format"}),
        ([{"label": "G"}], {"options[0].value": "required"}),
        ([{"value": "gold"}], {"options[0].label": "required"}),
        (
            [{"value": "gold", "label": "x" * 101}],
            {"options[0].label": "too_long"},
        ),
        ([*OPTIONS, OPTIONS[0]], {"options[2].value": "not_unique"}),
        (
            [{"value": f"v{n}", "label": "V"} for n in range(1001)],
            {"options": "too_many"},
        ),
    ],
)
def test_options_have_rules(
    owner: Client, options: list[Any], codes: dict[str, str]
) -> None:
    answer = owner.post("/fields", SELECT | {"options": options})
    assert (answer.status, answer.codes) == (422, codes)


def test_all_faults_come_in_one_answer(owner: Client) -> None:
    answer = owner.post(
        "/fields", SELECT | {"label": "", "object": "planets", "options": [], "min": 1}
    )
    assert answer.codes == {
        "label": "required",
        "object": "invalid_choice",
        "options": "required",
        "min": "invalid",
    }


@pytest.mark.parametrize("name", ["object", "key", "type", "target"])
def test_what_a_definition_is_about_never_changes(owner: Client, name: str) -> None:
    made = owner.create("/fields", FIELD)
    answer = owner.patch(f"/fields/{made['id']}", {name: "contacts"})
    assert answer.codes == {name: "read_only"}


def test_an_object_has_one_definition_of_a_key(owner: Client) -> None:
    made = owner.create("/fields", FIELD)
    assert owner.post("/fields", FIELD).codes == {"key": "not_unique"}
    assert owner.delete(f"/fields/{made['id']}").status == 204
    assert owner.post("/fields", FIELD).codes == {"key": "not_unique"}
    owner.create("/fields", FIELD | {"object": "deals"})


def test_of_many_definitions_of_a_key_at_once_one_stays(owner: Client) -> None:
    def define(_: int) -> int:
        client = Client(owner.address, owner.token)
        try:
            return client.post("/fields", FIELD).status
        finally:
            client.close()

    assert sorted(at_once(define, range(6))) == [201, *[422] * 5]


def test_options_that_are_left_out_are_archived(owner: Client) -> None:
    made = owner.create("/fields", SELECT)
    new = {"value": "tin", "label": "Tin", "color": "#ccc"}
    kept = owner.patch(f"/fields/{made['id']}", {"options": [new, OPTIONS[1]]}).json
    assert [(each["value"], each["archived"]) for each in kept["options"]] == [
        ("tin", False),
        ("iron", False),
        ("gold", True),
    ]


def test_a_definition_is_archived_and_comes_back(owner: Client) -> None:
    made = owner.create("/fields", FIELD)
    path = f"/fields/{made['id']}"
    for _ in range(2):
        assert owner.delete(path).status == 204
        assert owner.get(path).json["archived"] is True
    restored = owner.post(f"{path}/restore")
    assert (restored.status, restored.json["archived"]) == (200, False)
    assert owner.post(f"{path}/restore").json == restored.json


@pytest.mark.parametrize("role", ["manager", "member", "viewer"])
def test_everybody_reads_and_administrators_write(
    tenant: Tenant, owner: Client, open_client: OpenClient, role: str
) -> None:
    made = owner.create("/fields", FIELD)
    client = open_client(tenant.tokens[role])
    assert client.get(f"/fields/{made['id']}").json == made
    assert client.search("/fields")["data"] == [made]
    refused = client.post("/fields", FIELD | {"key": "other"})
    assert (refused.status, refused.json["refused_by"]) == (403, "role")
    assert refused.json["required"] == "schema.write"
    assert client.patch(f"/fields/{made['id']}", {"label": "X"}).status == 403
    assert client.delete(f"/fields/{made['id']}").status == 403


def test_an_object_has_so_many_unique_fields(owner: Client) -> None:
    for n in range(20):
        owner.create("/fields", FIELD | {"key": f"k{n}", "unique": True})
    one_more = FIELD | {"key": "more", "unique": True}
    assert owner.post("/fields", one_more).codes == {"unique": "too_many"}
    shared = owner.create("/fields", one_more | {"unique": False})
    answer = owner.patch(f"/fields/{shared['id']}", {"unique": True})
    assert answer.codes == {"unique": "too_many"}


def test_a_type_that_is_none_is_refused_with_its_default(
    stack: Stack, tenant: Tenant
) -> None:
    """HTTP callers cannot say it: an enum has names there."""
    unknown: Any = 4_711
    field = pb.Field(object="contacts", key="it", type=unknown, label="It")
    field.default_value.string_value = "x"
    with grpc.insecure_channel(stack.grpc) as channel:
        create = FieldServiceStub(channel).CreateField
        request = pb.CreateFieldRequest(field=field)
        refusal = refused(create, request, metadata=bearer(tenant.tokens["owner"]))
    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
