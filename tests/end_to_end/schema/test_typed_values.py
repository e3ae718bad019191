"""The values of a type: their normal form, and what the type refuses."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.schema.defining import contact, define, kept, refused
from tests.promises.record_values import UNKNOWN_DIGITS


@pytest.mark.parametrize(
    ("kind", "more", "given", "stored"),
    [
        ("text", {}, "  Ada ", "Ada"),
        ("text", {"max_length": 3}, " Ada ", "Ada"),
        ("long_text", {}, " x\n" * 1000, " x\n" * 1000),
        ("email", {}, " Ada@Engine.example ", "Ada@Engine.example"),
        ("phone", {}, " (030) 12 34 ", "(030) 12 34"),
        ("url", {}, "https://engine.example/x", "https://engine.example/x"),
        ("country", {}, " GB ", "GB"),
        ("integer", {}, 5.0, 5),
        ("integer", {"min": 5, "max": 5}, 5, 5),
        ("integer", {}, -(2**53), -(2**53)),
        ("decimal", {}, 0.1, 0.1),
        ("decimal", {"decimals": 2}, 1.5, 1.5),
        ("decimal", {}, 123456.789012345, 123456.789012345),
        ("boolean", {}, False, False),
        ("date", {}, " 2026-06-17 ", "2026-06-17"),
        ("timestamp", {}, "2026-06-17T14:30:00+02:00", "2026-06-17T12:30:00Z"),
        ("timestamp", {}, "2026-06-17t14:30:00.250z", "2026-06-17T14:30:00.25Z"),
        ("select", {}, " gold ", "gold"),
        ("multi_select", {}, ["iron", "gold", "iron"], ["iron", "gold"]),
    ],
)
def test_a_value_gets_its_normal_form(
    owner: Client, kind: str, more: dict[str, Any], given: Any, stored: Any
) -> None:
    define(owner, kind, **more)
    assert kept(owner, it=given) == {"it": stored}


@pytest.mark.parametrize(
    ("kind", "unset"),
    [
        ("text", None),
        ("text", "  "),
        ("long_text", ""),
        ("integer", None),
        ("date", " "),
        ("select", ""),
        ("multi_select", []),
        ("user", ""),
    ],
)
def test_an_unset_key_is_absent(owner: Client, kind: str, unset: Any) -> None:
    define(owner, kind)
    assert kept(owner, it=unset) == {}


@pytest.mark.parametrize(
    ("kind", "more", "given", "codes"),
    [
        ("text", {}, 5, {"it": "invalid_type"}),
        ("text", {}, "x" * 2001, {"it": "too_long"}),
        ("text", {"max_length": 2}, "Ada", {"it": "too_long"}),
        ("text", {}, "a\0b", {"it": "invalid"}),
        ("long_text", {}, "x" * 65536, {"it": "too_long"}),
        ("email", {}, "ada.example", {"it": "invalid_format"}),
        ("phone", {}, "1-800-FLOWERS", {"it": "invalid_format"}),
        ("url", {}, "ftp://a.example", {"it": "invalid_format"}),
        ("country", {}, "gb", {"it": "invalid_choice"}),
        ("integer", {}, "5", {"it": "invalid_type"}),
        ("integer", {}, 1.5, {"it": "invalid_type"}),
        ("integer", {}, True, {"it": "invalid_type"}),
        ("integer", {"min": 3}, 2, {"it": "too_small"}),
        ("integer", {"max": 3}, 4, {"it": "too_large"}),
        ("decimal", {"min": 0.5}, 0.4, {"it": "too_small"}),
        ("decimal", {"max": 0.5}, 0.6, {"it": "too_large"}),
        ("decimal", {"decimals": 2}, 0.125, {"it": "invalid"}),
        ("decimal", {}, 0.12345678901, {"it": "invalid"}),
        ("decimal", {}, 1234567890123.456, {"it": "invalid"}),
        ("boolean", {}, "true", {"it": "invalid_type"}),
        ("boolean", {}, 1, {"it": "invalid_type"}),
        ("date", {}, 5, {"it": "invalid_type"}),
        ("date", {}, "2026-06-31", {"it": "invalid_format"}),
        ("timestamp", {}, "2026-06-17", {"it": "invalid_format"}),
        ("timestamp", {}, "0001-01-01T00:00:00+14:00", {"it": "invalid_format"}),
        ("select", {}, "lead", {"it": "invalid_choice"}),
        ("select", {}, "Gold", {"it": "invalid_choice"}),
        ("select", {}, "tin", {"it": "invalid_choice"}),
        ("select", {}, ["gold"], {"it": "invalid_type"}),
        ("multi_select", {}, "gold", {"it": "invalid_type"}),
        ("multi_select", {}, ["gold", 5], {"it[1]": "invalid_type"}),
        ("multi_select", {}, ["gold", "tin"], {"it[1]": "invalid_choice"}),
        ("multi_select", {}, ["gold"] * 51, {"it": "too_many"}),
        ("user", {}, 5, {"it": "invalid_type"}),
        ("user", {}, "usr_" + UNKNOWN_DIGITS, {"it": "not_found"}),
        ("record", {}, "cmp_" + UNKNOWN_DIGITS, {"it": "not_found"}),
        ("record", {}, "nonsense", {"it": "not_found"}),
        ("text", {"required": True}, None, {"it": "required"}),
        ("text", {"required": True}, " ", {"it": "required"}),
    ],
)
def test_a_broken_rule_is_named(
    owner: Client,
    kind: str,
    more: dict[str, Any],
    given: Any,
    codes: dict[str, str],
) -> None:
    define(owner, kind, **more)
    assert refused(owner.post("/contacts", contact(it=given))) == codes
    if codes == {"it": "required"}:
        return
    made = owner.create("/contacts", contact())
    path = f"/contacts/{made['id']}"
    assert refused(owner.patch(path, {"custom_fields": {"it": given}})) == codes
    assert owner.get(path).json == made
