"""Ids: their form, that none comes twice, and that they follow time."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ids import is_id, new_id

PREFIXES = st.sampled_from(["con_", "usr_", "biz_", "deal_"])


@given(PREFIXES, st.integers(0, 2**32 - 1))
def test_an_id_is_its_prefix_and_24_digits(prefix: str, second: int) -> None:
    made = new_id(prefix, second)
    assert re.fullmatch(prefix + "[0-9a-f]{24}", made)
    assert is_id(prefix, made)


@given(st.integers(0, 2**32 - 2), st.integers(1, 1_000))
def test_ids_follow_time(second: int, later: int) -> None:
    assert new_id("con_", second) < new_id("con_", min(second + later, 2**32 - 1))


def test_no_id_comes_twice() -> None:
    assert len({new_id("con_") for _ in range(20_000)}) == 20_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "con_",
        "con_" + "0" * 23,
        "con_" + "0" * 25,
        "con_" + "A" * 24,
        "con_" + "g" * 24,
        "con_" + "0" * 24 + "\n",
        " con_" + "0" * 24,
        "cmp_" + "0" * 24,
        "con_" + "\u0660" * 24,
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_id("con_", text)
