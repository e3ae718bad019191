"""No pattern of the program takes more time than its text is long.

Each is tried on texts of every shape. One that tries many ways to part a text needs
minutes for what the others do in a few milliseconds.
"""

import re
from collections import deque

import pytest

from tests.harness.hostile.long_texts import SHAPES
from tests.harness.hostile.patterns import TooLong, Use, at_most, uses

BYTES = 32_768
SECONDS = 0.5
USES = uses()

# Beginnings and ends that lead a text of one letter past a pattern's first parts.
AROUND = (
    *(("", ""), ("", "!"), ("a", "\0"), ("2026-06-17T14:30:00.", "")),
    *(("bearer ", "\0"), ("basic ", "!"), ("https://", "\\"), ("00-", "x")),
    *(('W/"', ""), ("application/", " x"), ("pcp_", "!"), ("[", "]x"), ("-0.", "e")),
)


def tried(use: Use, text: str) -> None:
    """Has a pattern look at a text as the program has it look."""
    given = text if isinstance(use.pattern.pattern, str) else text.encode()
    for way in use.ways:
        look = getattr(use.pattern, way)
        with at_most(SECONDS):
            found = look(given[:0], given) if way == "sub" else look(given)
            if way == "finditer":
                deque(found, maxlen=0)


@pytest.mark.parametrize("name", USES)
def test_a_pattern_takes_time_by_the_length_of_its_text(name: str) -> None:
    for shape, text in SHAPES.items():
        for begin, end in AROUND:
            try:
                tried(USES[name], begin + text(BYTES) + end)
            except TooLong:
                raise AssertionError(f"{name} on {begin!r}, {shape}, {end!r}") from None


def test_the_patterns_are_found() -> None:
    assert {
        "services.kinds.formats._DECIMAL",
        "edge.http.preconditions._TAG",
    } <= USES.keys()
    assert len(USES) > 30


@pytest.mark.parametrize("old", [r"[+-]?(?:\d+\.?\d*|\.\d+)", r"(a+)+b", r"\s*x\s*$"])
def test_one_that_tries_every_way_is_seen(old: str) -> None:
    shapes = ("digits, then a letter", "a word in blanks", "labels", "blanks")
    with pytest.raises(TooLong):  # noqa: PT012 - any of them
        for text in (*(SHAPES[shape](BYTES) for shape in shapes), "a" * BYTES):
            tried(Use(re.compile(old), ("fullmatch", "search")), text)
