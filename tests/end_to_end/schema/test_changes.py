"""Changes of a field's type and options keep what values say."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.defining import OPTIONS, contact, define
from tests.world import Tenant

CHOICES = ("select", "multi_select")


def with_values(client: Client, kind: str, *values: Any, **more: Any) -> Any:
    """Defines a field, gives it to contacts, and returns its path with their ids."""
    path = f"/fields/{define(client, kind, **more)['id']}"
    made = [client.create("/contacts", contact(it=each))["id"] for each in values]
    return path, made


def held(client: Client, ids: list[str]) -> list[Any]:
    records = (client.get(f"/contacts/{each}").json for each in ids)
    return [each["custom_fields"].get("it") for each in records]


@pytest.mark.parametrize(
    ("kind", "to", "before", "after"),
    [
        ("text", "long_text", "Ada", "Ada"),
        ("long_text", "text", " Ada\n", "Ada"),
        ("text", "email", "ada@engine.example", "ada@engine.example"),
        ("text", "integer", "-5", -5),
        ("text", "decimal", "0.5", 0.5),
        ("text", "boolean", "True", True),
        ("text", "date", "2026-06-17", "2026-06-17"),
        ("text", "timestamp", "2026-06-17T14:00:00+02:00", "2026-06-17T12:00:00Z"),
        ("text", "select", "gold", "gold"),
        ("text", "multi_select", "gold", ["gold"]),
        ("integer", "decimal", 5, 5),
        ("integer", "text", 5, "5"),
        ("decimal", "integer", 5, 5),
        ("decimal", "text", 0.5, "0.5"),
        ("boolean", "text", False, "false"),
        ("date", "text", "2026-06-17", "2026-06-17"),
        ("date", "timestamp", "2026-06-17", "2026-06-17T00:00:00Z"),
        ("timestamp", "text", "2026-06-17T12:00:00Z", "2026-06-17T12:00:00Z"),
        ("select", "text", "gold", "gold"),
        ("select", "multi_select", "gold", ["gold"]),
        ("multi_select", "select", ["gold"], "gold"),
    ],
)
def test_a_type_is_changed_with_its_values(
    owner: Client, kind: str, to: str, before: Any, after: Any
) -> None:
    path, ids = with_values(owner, kind, before, None)
    body: dict[str, Any] = {"type": to}
    if to in CHOICES and kind not in CHOICES:
        body["options"] = OPTIONS
    told = owner.post(f"{path}/change", body)
    assert (told.status, told.json["field"]["type"]) == (200, to)
    assert told.json["field"] == owner.get(path).json
    assert (told.json["records"], told.json["cleared"]) == (1, 0)
    assert told.json["converted"] == int(before != after)
    assert held(owner, ids) == [after, None]
    operator = "any_of" if to == "multi_select" else "eq"
    if to != "long_text":
        name = {"values": after} if operator == "any_of" else {"value": after}
        some = {"field": "custom_fields.it", "operator": operator, **name}
        (found,) = owner.search("/contacts", filters=[some])["data"]
        assert found["id"] == ids[0]


@pytest.mark.parametrize(
    ("kind", "to"),
    [
        ("text", "record"),
        ("email", "text"),
        ("long_text", "integer"),
        ("integer", "boolean"),
        ("boolean", "integer"),
        ("timestamp", "date"),
        ("multi_select", "text"),
        ("user", "text"),
        ("record", "text"),
    ],
)
def test_other_types_are_refused(owner: Client, kind: str, to: str) -> None:
    path, _ = with_values(owner, kind)
    answer = owner.post(f"{path}/change", {"type": to, "on_conflict": "clear"})
    assert answer.codes == {"type": "invalid_choice"}


@pytest.mark.parametrize(
    ("kind", "more", "body", "codes"),
    [
        ("text", {}, {"type": "select"}, {"options": "required"}),
        ("text", {}, {"options": OPTIONS}, {"options": "invalid"}),
        ("text", {"unique": True}, {"type": "boolean"}, {"type": "invalid"}),
        (
            "text",
            {"default_value": "x"},
            {"type": "integer"},
            {"default_value": "invalid_type"},
        ),
        (
            "text",
            {},
            {"type": "integer", "default_value": "x"},
            {"default_value": "invalid_type"},
        ),
        ("text", {}, {"on_conflict": "map"}, {"map": "required"}),
        ("text", {}, {"map": {"a": "b"}}, {"map": "invalid"}),
        (
            "text",
            {},
            {"type": "integer", "on_conflict": "map", "map": {"b": "c"}},
            {"map.b": "invalid_type"},
        ),
        (
            "text",
            {},
            {"type": "integer", "on_conflict": "map", "map": {"a": 1, "b": None}},
            {"map.b": "required"},
        ),
        ("text", {}, {"on_conflict": "guess"}, {"on_conflict": "invalid_choice"}),
        ("text", {}, {"type": "formula"}, {"type": "invalid_choice"}),
    ],
)
def test_a_change_that_makes_no_definition_is_refused(
    owner: Client,
    kind: str,
    more: dict[str, Any],
    body: dict[str, Any],
    codes: dict[str, str],
) -> None:
    path, _ = with_values(owner, kind, **more)
    before = owner.get(path).json
    assert owner.post(f"{path}/change", body).codes == codes
    assert owner.get(path).json == before


@pytest.mark.parametrize(
    ("before", "body", "after"),
    [
        ("5", {}, 5),
        ("x", {"default_value": 7}, 7),
        ("5", {"default_value": 7}, 7),
        (None, {"default_value": 7}, 7),
        ("x", {"on_conflict": "clear"}, None),
        ("x", {"on_conflict": "map", "map": {"x": 7}}, 7),
    ],
)
def test_a_default_changes_in_the_same_request(
    owner: Client, before: Any, body: dict[str, Any], after: Any
) -> None:
    path, ids = with_values(owner, "text", "6", default_value=before)
    told = owner.post(f"{path}/change", {"type": "integer"} | body)
    assert (told.status, told.json["field"]["default_value"]) == (200, after)
    made = owner.create("/contacts", {"email": "b@engine.example"})
    assert made["custom_fields"].get("it") == after
    assert held(owner, ids) == [6]


def test_digits_of_other_scripts_are_no_number(owner: Client) -> None:
    path, _ = with_values(owner, "text", "5", "\u0665", "\uff15", "\u0967.5")
    for to in ("integer", "decimal"):
        answer = owner.post(f"{path}/change", {"type": to})
        assert (answer.status, answer.json["count"]) == (409, 3)


def test_values_without_a_conversion_stand_in_the_way(owner: Client) -> None:
    path, ids = with_values(owner, "text", "5", "five", "six")
    before = owner.get(path).json
    answer = owner.post(f"{path}/change", {"type": "integer"})
    assert (answer.status, answer.json["count"]) == (409, 2)
    assert answer.json["sample"] == ids[1:]
    assert owner.get(path).json == before
    assert held(owner, ids) == ["5", "five", "six"]


def test_values_without_a_conversion_are_cleared_on_request(owner: Client) -> None:
    path, ids = with_values(owner, "text", "5", "five")
    told = owner.post(f"{path}/change", {"type": "integer", "on_conflict": "clear"})
    counts = {"records": 2, "converted": 1, "cleared": 1, "unfit": 0}
    assert {name: told.json[name] for name in counts} == counts
    assert told.json["sample"] == [{"id": ids[1], "value": "five"}]
    assert held(owner, ids) == [5, None]


def test_a_map_says_what_takes_the_place_of_values(owner: Client) -> None:
    path, ids = with_values(owner, "text", "5", "five", "six")
    body = {"type": "integer", "on_conflict": "map", "map": {"five": 5}}
    answer = owner.post(f"{path}/change", body)
    assert (answer.status, answer.json["sample"]) == (409, ids[2:])
    body["map"] = {"five": 5, "six": 6}
    assert owner.post(f"{path}/change", body).json["converted"] == 3
    assert held(owner, ids) == [5, 5, 6]


@pytest.mark.parametrize(
    ("kind", "values", "map_", "after"),
    [
        ("select", ["gold", "iron"], {}, [None, "iron"]),
        ("select", ["gold", "iron"], {"gold": "zinc"}, ["zinc", "iron"]),
        ("multi_select", [["gold", "iron"], ["gold"]], {}, [["iron"], None]),
        (
            "multi_select",
            [["gold", "iron"], ["gold"]],
            {"gold": "iron"},
            [["iron"], ["iron"]],
        ),
    ],
)
def test_options_that_are_left_out_leave_records(
    owner: Client, kind: str, values: Any, map_: Any, after: Any
) -> None:
    path, ids = with_values(owner, kind, *values)
    live = [{"value": each, "label": each} for each in ("iron", "zinc")]
    assert owner.post(f"{path}/change", {"options": live}).status == 409
    body = {"options": live, "on_conflict": "clear"}
    if map_:
        body |= {"on_conflict": "map", "map": map_}
    told = owner.post(f"{path}/change", body).json
    options = {each["value"]: each["archived"] for each in told["field"]["options"]}
    assert options == {"iron": False, "zinc": False, "gold": True, "tin": True}
    assert held(owner, ids) == after


def test_limits_go_with_their_type(owner: Client) -> None:
    path, _ = with_values(owner, "integer", min=1, max=5)
    field = owner.post(f"{path}/change", {"type": "text"}).json["field"]
    assert (field["min"], field["max"]) == (None, None)


def test_a_change_is_repeated_word_for_word(owner: Client) -> None:
    path, _ = with_values(owner, "text", "5", "five")
    body = {"type": "integer", "on_conflict": "clear"}
    first = owner.post(f"{path}/change", body, idempotency_key="change-1")
    again = owner.post(f"{path}/change", body, idempotency_key="change-1")
    assert first.json["cleared"] == 1
    assert (again.body, again.headers["idempotent-replayed"]) == (first.body, "true")


def test_values_are_shown_to_those_alone_who_may_read_them(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    path, _ = with_values(owner, "text", "five")
    writer = open_client(tenant.token(("schema.all",)))
    body = {"type": "integer"}
    refusal = writer.post(f"{path}/change", body)
    assert (refusal.status, refusal.json["count"], refusal.json["sample"]) == (
        409,
        1,
        [],
    )
    told = writer.post(f"{path}/change", body | {"on_conflict": "clear"})
    assert (told.json["cleared"], told.json["sample"]) == (1, [])
