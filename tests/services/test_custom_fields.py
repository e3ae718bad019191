"""Custom fields: what they may hold, and how the database keeps it."""

import json
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.custom_fields import check_custom_fields, to_json
from services.faults import Faults

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=50)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(
    -(2**53), 2**53
)
VALUES = st.none() | st.booleans() | TEXTS | NUMBERS | st.lists(TEXTS, max_size=50)


def struct(fields: dict[str, Any]) -> Struct:
    made = Struct()
    ParseDict(fields, made)
    return made


def codes(fields: dict[str, Any]) -> dict[str, str]:
    faults = Faults()
    check_custom_fields(None, struct(fields), "c", faults)
    return {
        fault.field: FaultCode.Name(fault.code).removeprefix("FAULT_CODE_")
        for fault in faults.found
    }


@given(st.dictionaries(KEYS, VALUES, max_size=20))
def test_what_is_allowed_passes_and_is_kept_as_it_is(fields: dict[str, Any]) -> None:
    assert codes(fields) == {}
    kept = to_json(struct(fields))
    assert kept == fields
    assert json.loads(json.dumps(kept)) == fields


def test_whole_numbers_are_kept_whole() -> None:
    kept = to_json(struct({"a": 5.0, "b": 0.5}))
    assert json.dumps(kept, sort_keys=True) == '{"a": 5, "b": 0.5}'


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Plan": 1}, {"c.Plan": "INVALID_FORMAT"}),
        ({"1a": 1}, {"c.1a": "INVALID_FORMAT"}),
        ({"": 1}, {"c.": "INVALID_FORMAT"}),
        ({"a-b": 1}, {"c.a-b": "INVALID_FORMAT"}),
        ({"é": 1}, {"c.é": "INVALID_FORMAT"}),
        ({"a" * 65: 1}, {"c." + "a" * 65: "INVALID_FORMAT"}),
        ({"a" * 64: 1}, {}),
        ({"a": "x" * 2_000}, {}),
        ({"a": "x" * 2_001}, {"c.a": "TOO_LONG"}),
        ({"a": "x\0"}, {"c.a": "INVALID"}),
        ({"a": ["x"] * 50}, {}),
        ({"a": ["x"] * 51}, {"c.a": "TOO_MANY"}),
        ({"a": ["x", 1]}, {"c.a[1]": "INVALID_TYPE"}),
        ({"a": [None]}, {"c.a[0]": "INVALID_TYPE"}),
        ({"a": [["x"]]}, {"c.a[0]": "INVALID_TYPE"}),
        ({"a": ["x" * 2_001]}, {"c.a[0]": "TOO_LONG"}),
        ({"a": {"b": 1}}, {"c.a": "INVALID_TYPE"}),
        ({"a": {}}, {"c.a": "INVALID_TYPE"}),
        ({f"k{n}": n for n in range(100)}, {}),
        ({f"k{n}": n for n in range(101)}, {"c": "TOO_MANY"}),
        ({"A": 1, "b": {}}, {"c.A": "INVALID_FORMAT", "c.b": "INVALID_TYPE"}),
    ],
)
def test_what_breaks_a_rule_is_faulted(
    fields: dict[str, Any], expected: dict[str, str]
) -> None:
    assert codes(fields) == expected


def test_a_number_that_is_none_is_faulted() -> None:
    fields = Struct()
    fields.fields["a"].number_value = float("inf")
    faults = Faults()
    check_custom_fields(None, fields, "c", faults)
    assert [fault.field for fault in faults.found] == ["c.a"]
