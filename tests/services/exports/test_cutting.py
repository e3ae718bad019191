"""Records are cut into cells alike by the compiled code and by loops."""

import random
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.exports.cells import Column, Cutter, cutter_of
from services.exports.guarding import RUNS

IS_COMPILED = find_spec("services.exports._cells") is not None
compiled_only = pytest.mark.skipif(not IS_COMPILED, reason="there was no compiler")

# What the columns below have, and what they do not.
NAMES = ["text", "count", "flag", "amount", "tags", "own", "ids", "more", "te", "texts"]
KEYS = ["a", "b", 'with " and \\', "wide \uff1d", "ab", "\n", ""]
COLUMNS = (
    Column("text", type="text"),
    Column("count", type="whole"),
    Column("flag", type="truth"),
    Column("amount", type="decimal", decimals=2),
    Column("tags", type="texts"),
    *(Column(f"own.{key}", key) for key in KEYS[:4]),
    Column("own", others=frozenset(KEYS[:4])),
    Column("ids.b", "b"),
    Column("more"),
)
SPECIAL = "'|\"\\,;[]{}:\0\x1f\x7f\xa0\u3000 \r\n" + RUNS
TEXTS = st.text(
    st.sampled_from(SPECIAL) | st.characters(exclude_categories=["Cs"]), max_size=12
)
NUMBERS = st.integers(-(2**63), 2**63) | st.floats(
    allow_nan=False, allow_infinity=False
)
SINGLE = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    SINGLE,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | TEXTS, inner, max_size=4)
    ),
    max_leaves=8,
)
OBJECTS = st.none() | st.dictionaries(st.sampled_from(KEYS) | TEXTS, VALUES, max_size=6)
MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "text": st.none() | TEXTS,
    "count": st.none() | st.integers(-(2**31), 2**31 - 1),
    "flag": st.none() | st.booleans(),
    "amount": st.none() | st.decimals(places=2, allow_nan=False).map(str),
    "tags": st.none() | st.lists(TEXTS, max_size=4),
    "own": OBJECTS,
    "ids": OBJECTS,
}
RECORDS = st.dictionaries(st.sampled_from(NAMES), st.none()).flatmap(
    lambda chosen: st.fixed_dictionaries(
        {name: MEMBERS.get(name, VALUES) for name in chosen}
    )
)
WAYS: tuple[Callable[[Cutter, list[bytes]], object], ...] = (
    lambda cutter, lines: cutter.rows(lines),
    lambda cutter, lines: cutter.columns(lines),
)


@compiled_only
@given(st.lists(RECORDS, max_size=3))
@example([{"text": "\uff1d1+1"}, {"text": "\n=1"}, {"more": ["\x1c", "a"]}])
@example([{"own": {"b": 1, "z": 2, "a": None}, "more": -0.0}])
@settings(max_examples=400, deadline=None)
def test_compiled_code_and_loops_cut_alike(records: list[dict[str, Any]]) -> None:
    lines = [orjson.dumps(each) for each in records]
    for columns in (COLUMNS, COLUMNS[:1], COLUMNS[-2:]):
        fast, slow = cutter_of(columns), cutter_of(columns, compiled=False)
        for way in WAYS:
            assert way(fast, lines) == way(slow, lines)


@compiled_only
def test_numbers_are_cut_with_their_digits() -> None:
    numbers = ["-0", "1.10", "1e5", "-0.0", "123456789012345678901234567890", "-7"]
    lines = [f'{{"more":{each},"own":{{"a":{each}}}}}'.encode() for each in numbers]
    for way in WAYS:
        assert way(cutter_of(COLUMNS), lines) == way(
            cutter_of(COLUMNS, compiled=False), lines
        )


@compiled_only
def test_what_is_no_record_is_an_error_and_no_crash() -> None:
    """Lines that are cut off or have other bytes in them. Nothing makes such lines."""
    chance = random.Random(8)
    whole = orjson.dumps(
        {"text": 'a"b\\\u0001', "tags": ["x", "|"], "own": {"a": {"b": [1]}, "z": 2}}
    )
    cutter = cutter_of(COLUMNS)
    for _ in range(5_000):
        broken = bytearray(whole[: chance.randrange(len(whole) + 1)])
        for _ in range(chance.randrange(3) if broken else 0):
            broken[chance.randrange(len(broken))] = chance.choice(b'"\\{}[],:u0n\xff')
        for way in WAYS:
            try:
                way(cutter, [bytes(broken)])
            except (ValueError, UnicodeDecodeError):
                continue
