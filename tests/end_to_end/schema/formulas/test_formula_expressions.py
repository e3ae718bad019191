"""What expressions of formulas give, and which are refused."""

import re
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.schema.defining import contact, define, definition
from tests.end_to_end.schema.formulas.defining import formula

VALUES = (
    ("1 / 3", None, 0.333333333),
    ("1 / 3", 2, 0.33),
    ("1.005", 2, 1.01),
    ("-2.5", 0, -3),
    ("0 * -1", None, 0),
    ("7 / 2", 0, 4),
    ("1e300 * 1e300", None, None),
    ("0 / 0", None, None),
    ("double('2.5') + 1", None, 3.5),
    ("double(first_name)", None, None),
    ("bool('true')", None, True),
    ("lead_score > 50 ? lead_score : 50", None, 50),
    ('created_at > timestamp("2000-01-01T00:00:00Z")', None, True),
    ('created_at - timestamp("2000-01-01T00:00:00Z") > duration("600h")', 0, True),
    ('string(timestamp("2026-03-01T01:00:00+01:00"))', 0, "2026-03-01T00:00:00Z"),
    ('timestamp("2026-03-01") < created_at', None, None),
    ('first_name + " " + last_name', None, None),
    ('first_name + (has(last_name) ? " " + last_name : "")', None, "Ada"),
    ("has(city) ? city : null", None, None),
    ("has(first_name) ? null : 1", None, None),
    ("city == null || city == 'Rome'", None, True),
    ("first_name.contains('d') && first_name.endsWith('a')", None, True),
    ('string(lead_score * 1000000) + " " + string(0.1)', None, "7e+06 0.1"),
    ('string(7 * 1000) + " " + string(3.0)', None, "7000 3"),
    ("first_name.startsWith('A') && !('x' in tags)", None, True),
    ('lifecycle_stage in ["lead", "customer"]', None, True),
    ("'' + ''", None, None),
    (r'"\u0000"', None, None),
    ("first_name // as it is", None, "Ada"),
)


@pytest.mark.parametrize(("expression", "decimals", "value"), VALUES)
def test_what_an_expression_gives(
    expression: str, decimals: int | None, value: Any, owner: Client
) -> None:
    formula(owner, expression, decimals=decimals)
    body = {"first_name": "Ada", "tags": ["a", "b"], "lead_score": 7}
    made = owner.create("/contacts", contact() | body)
    assert made["custom_fields"].get("it") == value
    assert type(made["custom_fields"].get("it")) is type(value)


REFUSED = (
    "",
    " ",
    "1 +",
    "nope",
    "custom_fields.nope",
    "custom_fields",
    "first_name * 2",
    "first_name == 1",
    "has(first_name) ? 1 : 'x'",
    "tags",
    "created_at",
    "duration('1h')",
    "null == null ? tags : tags",
    "updated_at > created_at",
    "last_contacted_at == null",
    "company_id == null",
    "external_ids.a",
    "custom_fields.it",
    "custom_fields.notes",
    "custom_fields.boss == null",
    "lead_score % 2",
    "first_name.matches('a+')",
    "tags.exists(t, t == 'a')",
    "tags.map(t, t + t)",
    "[1, 2].all(x, x > 1)",
    "first_name.replace('a', 'b')",
    "dyn(first_name)",
    "type(first_name)",
    "{'a': 1}",
    "b'abc'",
    "5u",
    "google.protobuf.Struct{}",
    "first_name.nope()",
    "first_name.last_name",
    "has(1)",
    "has(tags)",
    "has()",
    "(" * 40 + "1" + ")" * 40,
    "+".join(["1"] * 60),
    "9" * 400,
    "'unfinished",
    "`first_name`",
    "first_name; 1",
    "own_first_name",
    "nothing",
    "double(true)",
)
NO_FUNCTIONS = (
    "size(first_name)",
    "first_name.size()",
    "math.abs(lead_score)",
    "math.greatest(lead_score, 1)",
    "first_name.trim()",
    "first_name.lowerAscii()",
    "first_name.upperAscii()",
    "created_at.getFullYear()",
    "created_at.getHours()",
    "int(lead_score)",
    "uint(lead_score)",
    "bytes(first_name)",
    "dyn(first_name)",
    "type(first_name)",
    "first_name.matches('a+')",
    "first_name.string()",
    "startsWith(first_name, 'A')",
)


@pytest.mark.parametrize("expression", NO_FUNCTIONS)
def test_what_is_no_function_is_named(expression: str, owner: Client) -> None:
    answer = owner.post("/fields", definition("formula", expression=expression))
    assert (answer.status, answer.codes) == (422, {"expression": "invalid"})
    message = answer.json["errors"][0]["message"]
    assert re.match(r"Position \d+: There is no function ", message)
    assert "string, timestamp, .contains" in message


@pytest.mark.parametrize("expression", REFUSED)
def test_what_does_not_compile_is_refused(expression: str, owner: Client) -> None:
    define(owner, "long_text", key="notes")
    define(owner, "record", key="boss", target="contacts")
    body = {"object": "contacts", "key": "it", "type": "formula", "label": "It"}
    answer = owner.post("/fields", body | {"expression": expression})
    assert (answer.status, list(answer.codes)) == (422, ["expression"])
    message = answer.json["errors"][0]["message"]
    inside = ("own_", "<input>", "INVALID_A")
    assert not any(each in message for each in inside if each not in expression)


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ({"expression": None}, {"expression": "required"}),
        ({"expression": "1" * 1001}, {"expression": "too_long"}),
        ({"required": True}, {"required": "invalid"}),
        ({"unique": True}, {"unique": "invalid"}),
        ({"searchable": True}, {"searchable": "invalid"}),
        ({"default_value": 1}, {"default_value": "invalid"}),
        ({"min": 1}, {"min": "invalid"}),
        ({"max_length": 1}, {"max_length": "invalid"}),
        ({"target": "contacts"}, {"target": "invalid"}),
        ({"decimals": 10}, {"decimals": "too_large"}),
        ({"result": "number"}, {"result": "read_only"}),
        ({"type": "text"}, {"expression": "invalid"}),
        (
            {"label": "", "expression": "1 +"},
            {"label": "required", "expression": "invalid"},
        ),
    ],
)
def test_a_broken_rule_is_named(
    more: dict[str, Any], codes: dict[str, str], owner: Client
) -> None:
    body = {"object": "contacts", "key": "it", "type": "formula", "label": "It"}
    answer = owner.post("/fields", body | {"expression": "1 + 1"} | more)
    assert (answer.status, answer.codes) == (422, codes)


def test_an_object_that_is_no_slug_is_refused(owner: Client) -> None:
    for name in ("a\0b", "nope", "A b", "x" * 5_000, "\ud83d\ude00"):
        body = definition("formula", expression="name", object=name)
        answer = owner.post("/fields", body)
        assert (answer.status, set(answer.codes)) == (422, {"object"}), name
        body = definition("record", target=name)
        answer = owner.post("/fields", body)
        assert (answer.status, set(answer.codes)) == (422, {"target"}), name
