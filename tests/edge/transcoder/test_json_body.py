"""Bodies: exact, or refused with a reason. Hostile ones cost nothing."""

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.problems import ProblemError
from edge.transcoder.json_body import MOST_VALUES, parse_body

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_json_is_read(value: Any) -> None:
    assert parse_body(json.dumps(value).encode()) == value


def test_an_empty_body_is_an_empty_object() -> None:
    assert parse_body(b"") == {}


def test_numbers_stay_exact() -> None:
    parsed = parse_body(b"[1, 1.10, 1e2, 123456789012345678901234567890]")
    assert parsed == [1, Decimal("1.10"), 100, 123456789012345678901234567890]
    assert [type(number) for number in parsed] == [int, Decimal, Decimal, int]


def test_a_surrogate_pair_is_one_character() -> None:
    assert parse_body(rb'"\ud83d\ude00 \\ud83d"') == "\N{GRINNING FACE} \\ud83d"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "not valid JSON"),
        (b"{} {}", "not valid JSON"),
        (b" ", "not valid JSON"),
        (b"\xef\xbb\xbf{}", "begins with a byte order mark"),
        (b"{'a': 1}", "not valid JSON"),
        (b'"\xff"', "not UTF-8"),
        (
            b'{"a": 1, "b": {"c": 1, "c": 2}}',
            "An object of the body gives the key 'c' twice.",
        ),
        (b"[NaN]", "NaN is no JSON number"),
        (b"[-Infinity]", "-Infinity is no JSON number"),
        (rb'["\ud800"]', "half a surrogate pair"),
        (rb'{"\uDC00": 1}', "half a surrogate pair"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"1" * 5_000, "too many digits"),
        (b"1e99999999999999999999", "too many digits"),
    ],
)
def test_other_bodies_are_refused(body: bytes, detail: str) -> None:
    with pytest.raises(ProblemError, match=detail) as caught:
        parse_body(body)
    assert caught.value.reason == "BAD_REQUEST"


@pytest.mark.parametrize("value", ["1", "{}", '[1,"a"]'])
def test_a_body_holds_so_many_values_and_no_more(value: str) -> None:
    each = 1 + value.count(",") + value.count("[")
    most = (MOST_VALUES - 1) // each
    assert parse_body(f'{{"a":[{",".join([value] * most)}]}}'.encode())
    more = f'{{"a":[{",".join([value] * (most + 1))}],"b":0}}'.encode()
    with pytest.raises(ProblemError) as caught:
        parse_body(more + b" " * 2 * MOST_VALUES)
    assert caught.value.reason == "VALIDATION_FAILED"


@given(st.binary(max_size=100))
def test_no_bytes_do_harm(body: bytes) -> None:
    with suppress(ProblemError):
        parse_body(body)
