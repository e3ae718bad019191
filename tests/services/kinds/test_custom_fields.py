"""Custom fields: what they may hold, and how the database keeps it."""

import json
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults
from services.kinds import metadata
from services.kinds.custom_fields import MOST_BYTES, check_custom_fields, to_json

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=50)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(
    -(2**53), 2**53
)
DEEP = st.recursive(
    st.none()
    | st.booleans()
    | st.text(st.characters(codec="utf-8"), max_size=9)
    | NUMBERS,
    lambda inner: (
        st.lists(inner, max_size=9)
        | st.dictionaries(
            st.text(st.characters(codec="utf-8"), max_size=9), inner, max_size=9
        )
    ),
    max_leaves=30,
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


def sized(count: int) -> dict[str, Any]:
    """Fields of exactly so many bytes as JSON."""
    fields: dict[str, Any] = {f"list{n}": ["x" * 2_000] * 43 for n in range(12)}
    fields |= {f"k{n}": "" for n in range(20)}
    missing = count - len(compact(fields))
    for n in range(20):
        fields[f"k{n}"] = "x" * min(missing, 2_000)
        missing -= len(fields[f"k{n}"])
    assert missing == 0
    return fields


def compact(fields: dict[str, Any]) -> bytes:
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def test_all_fields_together_are_bounded_to_the_byte() -> None:
    assert codes(sized(MOST_BYTES)) == {}
    assert codes(sized(MOST_BYTES + 1)) == {"c": "TOO_LARGE"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({f"k{n}": ["é" * 2_000] * 50 for n in range(5)}, {}),
        ({f"k{n}": ["é" * 2_000] * 50 for n in range(6)}, {"c": "TOO_LARGE"}),
        # Where JSON is longest for what it says: six bytes for each character.
        ({f"k{n}": "\x01" * 2_000 for n in range(87)}, {}),
        ({f"k{n}": "\x01" * 2_000 for n in range(88)}, {"c": "TOO_LARGE"}),
        ({f"k{n}": ["\x01"] * 50 for n in range(100)}, {}),
        ({f"k{n}": -1.7976931348623157e308 for n in range(100)}, {}),
    ],
)
def test_what_counts_are_the_bytes_of_the_json(
    fields: dict[str, Any], expected: dict[str, str]
) -> None:
    assert codes(fields) == expected
    assert (len(compact(fields)) > MOST_BYTES) == bool(expected)


def test_a_hundred_fields_of_the_longest_text_fit() -> None:
    keys = ["k" * 62 + f"{n:02}" for n in range(100)]
    assert codes(dict.fromkeys(keys, "😀" * 2000)) == {}


@given(st.dictionaries(KEYS, VALUES, max_size=20))
def test_json_is_never_more_than_six_times_what_protobuf_writes(
    fields: dict[str, Any],
) -> None:
    """So that most fields need not be written as JSON to know that they fit."""
    made = struct(fields)
    assert len(compact(to_json(made))) <= 6 * made.ByteSize() + len("{}")


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), max_size=9), DEEP, max_size=20
    )
)
def test_protobuf_never_writes_eight_times_the_json(fields: dict[str, Any]) -> None:
    """So that metadata far too large need not be walked to know that they are."""
    made = struct(fields)
    written = len(compact(to_json(made)))
    assert made.ByteSize() <= metadata.MOST_TIMES * written
    assert len(made.fields) * metadata.LEAST_BYTES <= written


@pytest.mark.parametrize(
    "fields",
    [
        {f"k{n}": 0 for n in range(5_000)},
        {"k": [0] * 20_000},
        {"k": "x" * 16_384},
    ],
)
def test_metadata_beyond_the_bound_are_told_to_be(fields: dict[str, Any]) -> None:
    faults = Faults()
    metadata.metadata_rule(16_384, 10)(None, struct(fields), "m", faults)
    assert [fault.code for fault in faults.found] == [FaultCode.FAULT_CODE_TOO_LARGE]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({f"k{n}": 0 for n in range(2_001)}, {"c": "TOO_MANY"}),
        ({"k": ["a"] * 1_001}, {"c.k": "TOO_MANY"}),
        ({"k": ["a"] * 50 + [0]}, {"c.k": "TOO_MANY", "c.k[50]": "INVALID_TYPE"}),
        ({"k": [0] * 1_001}, {"c.k": "TOO_MANY"}),
    ],
)
def test_what_is_far_too_many_is_one_fault(
    fields: dict[str, Any], expected: dict[str, str]
) -> None:
    assert codes(fields) == expected
