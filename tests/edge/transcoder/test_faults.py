"""All faults of a body at once, each where it is; and none in what can be read."""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.operations import Operation
from edge.transcoder.faults import Findings, find_faults
from edge.transcoder.formats import Unreadable
from tests.edge.operations import CREATE, OPERATIONS, SEARCH, UPSERT, nested


def findings(operation: Operation, body: Any) -> Findings:
    assert operation.shape is not None
    return find_faults(operation.shape, body)


def faults(operation: Operation, body: Any) -> dict[str, str]:
    return {fault.field: fault.code for fault in findings(operation, body).faults}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"nope": 1}, {"nope": "unknown_field"}),
        ({"etag": "x"}, {"etag": "unknown_field"}),
        ({"id": "con_1"}, {"id": "read_only"}),
        ({"created_at": None}, {"created_at": "read_only"}),
        ({"email": 5}, {"email": "invalid_type"}),
        ({"lead_score": True}, {"lead_score": "invalid_type"}),
        ({"lead_score": "5"}, {"lead_score": "invalid_type"}),
        ({"lead_score": Decimal("1.5")}, {"lead_score": "invalid_type"}),
        ({"lead_score": 2**31}, {"lead_score": "too_large"}),
        ({"lead_score": -(2**31) - 1}, {"lead_score": "too_small"}),
        ({"lead_score": Decimal("1e999999999")}, {"lead_score": "too_large"}),
        ({"lifecycle_stage": "vip"}, {"lifecycle_stage": "invalid_choice"}),
        ({"lifecycle_stage": "unspecified"}, {"lifecycle_stage": "invalid_choice"}),
        ({"lifecycle_stage": "LEAD"}, {"lifecycle_stage": "invalid_choice"}),
        ({"lifecycle_stage": 2}, {"lifecycle_stage": "invalid_type"}),
        ({"tags": "a"}, {"tags": "invalid_type"}),
        ({"tags": ["a", None, 3]}, {f"tags[{i}]": "invalid_type" for i in (1, 2)}),
        ({"custom_fields": []}, {"custom_fields": "invalid_type"}),
        ({"custom_fields": {"x": 2**53 + 1}}, {"custom_fields.x": "too_large"}),
        (
            {"custom_fields": {"x": [1, {"y": Decimal("-1e400")}]}},
            {"custom_fields.x[1].y": "too_small"},
        ),
    ],
)
def test_each_fault(body: dict[str, Any], expected: dict[str, str]) -> None:
    assert faults(CREATE, body) == expected


def test_all_faults_come_at_once() -> None:
    body = {"email": 5, "nope": 1, "id": "x", "tags": [1], "custom_fields": 7}
    assert set(faults(CREATE, body)) == set(body) - {"tags"} | {"tags[0]"}


def test_a_choice_names_the_choices() -> None:
    (fault,) = findings(CREATE, {"lifecycle_stage": "vip"}).faults
    assert fault.message == (
        "Give one of subscriber, lead, qualified, opportunity, customer, other."
    )


def test_an_upsert_may_name_an_id_and_nothing_else_that_is_read_only() -> None:
    assert faults(UPSERT, {"id": "con_1", "name": "x"}) == {"name": "read_only"}


def test_what_the_path_binds_is_unknown_in_the_body() -> None:
    add_tags = OPERATIONS["AddContactTags"]
    assert faults(add_tags, {"id": "con_1", "tags": ["a"], "etag": "x"}) == {
        "id": "unknown_field",
        "etag": "unknown_field",
    }


def test_paths_lead_into_filters() -> None:
    filters: list[Any] = [
        {"field": 1, "operator": "like", "value": 2**60},
        5,
        {"any": [{"values": [1, None], "operand": 1}]},
        None,
    ]
    assert faults(SEARCH, {"filters": filters}) == {
        "filters[0].field": "invalid_type",
        "filters[0].operator": "invalid_choice",
        "filters[0].value": "too_large",
        "filters[1]": "invalid_type",
        "filters[2].any[0].values[1]": "invalid_type",
        "filters[2].any[0].operand": "unknown_field",
        "filters[3]": "invalid_type",
    }


def test_what_can_be_read_stays_in_its_place() -> None:
    filters = [{"field": 1, "operator": "eq"}, 5, {"field": "email"}]
    body = {"filters": filters, "limit": "x", "cursor": "c"}
    assert findings(SEARCH, body).body == {
        "filters": [{"operator": "eq"}, {}, {"field": "email"}],
        "cursor": "c",
    }
    assert findings(CREATE, {"tags": ["a", 5]}).body == {"tags": ["a", ""]}


def test_depth_is_a_fault_where_it_begins() -> None:
    path = "custom_fields.a" + "[0]" * 14
    assert faults(CREATE, nested(17)) == {path: "invalid"}
    assert faults(CREATE, nested(900)) == {path: "invalid"}
    group: Any = {"field": "email"}
    for _ in range(50):
        group = {"any": [group]}
    assert list(faults(SEARCH, {"filters": [group]}).values()) == ["invalid"]


def test_a_key_is_cut_where_it_is_absurdly_long() -> None:
    assert faults(CREATE, {"x" * 1000: 1}) == {"x" * 100: "unknown_field"}


_BODY = ["email", "tags", "lead_score", "lifecycle_stage", "custom_fields", "id"]
_SEARCH = ["filters", "field", "operator", "value", "values", "any", "not", "limit"]
NAMES = st.sampled_from([*_BODY, *_SEARCH, "nope"])
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["lead", "eq", "x", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4)
    ),
    max_leaves=12,
)


def within(value: Any, ways: list[str]) -> Any:
    """A value inside containers, the last way outermost."""
    for way in ways:
        value = [value] if way == "[]" else {way.removesuffix("[]"): value}
        if way != "[]" and way.endswith("[]"):
            (name,) = value
            value = {name: [value[name]]}
    return value


# Deeper than a body may nest, along the ways on which that is possible.
DEEP = st.builds(
    within,
    ANYTHING,
    st.lists(
        st.sampled_from(["all[]", "any[]", "not", "value", "values[]", "[]", "x"]),
        max_size=20,
    ),
)
BODIES = st.one_of(
    st.dictionaries(NAMES, ANYTHING),
    st.builds(within, DEEP, st.sampled_from([["filters[]"], ["custom_fields"]])),
)
TAKING = [each for each in OPERATIONS.values() if each.shape is not None]


@given(st.sampled_from(TAKING), BODIES)
def test_decoder_and_fault_finder_agree(operation: Operation, body: Any) -> None:
    assume(type(body) is dict)
    check_agree(operation, body)


GROUPS = ("all[]", "any[]", "not")


@pytest.mark.parametrize("inside", [{"field": "email"}, 5, None, {}, []], ids=repr)
@pytest.mark.parametrize("way", GROUPS)
def test_they_agree_at_every_depth(way: str, inside: Any) -> None:
    for groups in range(12):
        for last in (*GROUPS, "value", "values[]"):
            ways = [last, *[way] * groups]
            check_agree(SEARCH, within(inside, [*ways, "filters[]"]))


def check_agree(operation: Operation, body: Any) -> None:
    found = findings(operation, body)
    try:
        operation.decode(body, {})
    except Unreadable:
        assert found.faults
    else:
        assert not found.faults
        assert found.body == body
    operation.decode(found.body, {})  # what is left can always be read


@pytest.mark.parametrize(
    ("method", "name", "actions"),
    [
        ("UpdateTask", "status", ("tasks/{id}/complete", "tasks/{id}/reopen")),
        ("CreateTask", "status", ("tasks/{id}/complete", "tasks/{id}/reopen")),
        ("UpdateNote", "pinned", ("notes/{id}/pin", "notes/{id}/unpin")),
        ("UpdateDeal", "stage_id", ("deals/{id}/stage",)),
    ],
)
def test_a_field_that_actions_change_names_each_of_them(
    method: str, name: str, actions: tuple[str, ...]
) -> None:
    (fault,) = findings(OPERATIONS[method], {name: None}).faults
    named = " and ".join(f"POST /v1/{each}" for each in actions)
    assert fault.message == f"The field is changed by {named}."


def test_an_action_that_a_refusal_names_exists() -> None:
    there = {f"{o.route.http_method} {o.route.path}" for o in OPERATIONS.values()}
    named = {
        action
        for operation in OPERATIONS.values()
        if operation.shape is not None
        for field in operation.shape.fields.values()
        if "changed by" in field.refusal
        for action in re.findall(r"[A-Z]+ /[^ ]*[^ .]", field.refusal)
    }
    assert "POST /v1/tasks/{id}/reopen" in named
    assert named <= there


def test_a_choice_that_the_server_alone_makes_is_not_offered() -> None:
    (fault,) = findings(OPERATIONS["CreateActivity"], {"type": "fax"}).faults
    assert fault.message == "Give one of email, call, meeting."
