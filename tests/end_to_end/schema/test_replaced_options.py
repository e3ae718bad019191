"""An option is replaced by another one in the records that have it."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.defining import contact, define, refused
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.world import Tenant


def path_of(made: Any, value: str = "gold") -> str:
    return f"/fields/{made['id']}/options/{value}/replace"


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("select", ["gold", "iron", None], ["iron", "iron", None]),
        (
            "multi_select",
            [["gold"], ["gold", "iron"], ["iron"]],
            [["iron"], ["iron"], ["iron"]],
        ),
    ],
)
def test_records_move_to_the_other_option(
    owner: Client, kind: str, before: list[Any], after: list[Any]
) -> None:
    made = define(owner, kind)
    ids = [owner.create("/contacts", contact(it=each))["id"] for each in before]
    told = owner.post(path_of(made), {"with": "iron"})
    moved = sum(old != new for old, new in zip(before, after, strict=True))
    assert (told.status, told.json) == (200, {"records": moved})
    records = [owner.get(f"/contacts/{each}").json for each in ids]
    assert [each["custom_fields"].get("it") for each in records] == after
    operator = {"select": "eq", "multi_select": "contains"}[kind]
    some = {"field": "custom_fields.it", "operator": operator, "value": "iron"}
    found = owner.search("/contacts", filters=[some])["data"]
    assert len(found) == len([each for each in after if each])
    assert owner.get(f"/fields/{made['id']}").json == made


def test_records_leave_an_archived_option(owner: Client) -> None:
    made = define(owner, "select")
    record = owner.create("/contacts", contact(it="gold"))["id"]
    live = [{"value": "iron", "label": "Iron"}]
    assert owner.patch(f"/fields/{made['id']}", {"options": live}).status == 200
    assert owner.post(path_of(made), {"with": "iron"}).json == {"records": 1}
    after = owner.get(f"/contacts/{record}").json
    assert after["custom_fields"] == {"it": "iron"}


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, {"with": "required"}),
        ({"with": "lead"}, {"with": "invalid_choice"}),
        ({"with": "tin"}, {"with": "invalid_choice"}),
        ({"with": "gold"}, {"with": "invalid"}),
        ({"with": 5}, {"with": "invalid_type"}),
    ],
)
def test_nothing_but_a_live_option_takes_the_place(
    owner: Client, body: dict[str, Any], codes: dict[str, str]
) -> None:
    made = define(owner, "select")
    assert owner.post(path_of(made), body).codes == codes


def test_an_option_that_is_not_there_is_not_found(owner: Client) -> None:
    assert (
        owner.post(path_of(define(owner, "select"), "lead"), {"with": "iron"}).status
        == 404
    )
    text = define(owner, "text", key="other")
    assert owner.post(path_of(text), {"with": "iron"}).status == 404


def test_a_unique_value_stays_with_its_record(owner: Client) -> None:
    made = define(owner, "select", unique=True)
    owner.create("/contacts", contact(it="gold"))
    owner.create("/contacts", contact(it="iron"))
    answer = owner.post(path_of(made), {"with": "iron"})
    assert refused(answer) == {"with": "not_unique"}


def test_a_replacement_is_not_done_twice(owner: Client) -> None:
    made = define(owner, "select")
    record = owner.create("/contacts", contact(it="gold"))["id"]
    sent = path_of(made), {"with": "iron"}
    first = owner.post(*sent, idempotency_key="move")
    owner.patch(f"/contacts/{record}", {"custom_fields": {"it": "gold"}})
    again = owner.post(*sent, idempotency_key="move")
    assert (again.json, first.json) == ({"records": 1}, {"records": 1})
    after = owner.get(f"/contacts/{record}").json
    assert after["custom_fields"] == {"it": "gold"}


def test_those_alone_who_write_definitions_replace_options(
    tenant: Tenant, owner: Client, stranger: Client, open_client: OpenClient
) -> None:
    made = define(owner, "select")
    owner.create("/contacts", contact(it="gold"))
    sent = path_of(made), {"with": "iron"}
    unknown = path_of({"id": f"fld_{UNKNOWN_DIGITS}"}), {"with": "iron"}
    assert [stranger.post(*each).status for each in (sent, unknown)] == [404, 404]
    for role in ("manager", "member", "viewer"):
        refusal = open_client(tenant.tokens[role]).post(*sent)
        assert (refusal.status, refusal.json["refused_by"]) == (403, "role")
    reader = open_client(tenant.token(("schema.read", "contact.all")))
    assert reader.post(*sent).json["refused_by"] == "scope"
    assert owner.post(*sent, if_match='"7"').status == 412
    assert owner.post(*sent).json == {"records": 1}
