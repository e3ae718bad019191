"""Lines of many quotes: each is read as a simple reader does, and none for long."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.importing.reading import csv_rows
from services.pauses import Pauses

LENGTH = 1024 * 1024


class Counted(Pauses):
    """Counts how often work may rest."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    async def between(self) -> None:
        self.count += 1


def is_open(line: bytes, *, before: bool, pauses: Pauses | None = None) -> bool:
    look = csv_rows._stays_open(line, b",", pauses or Counted(), is_open=before)
    return asyncio.run(look)


def by_characters(line: bytes, *, before: bool) -> bool:
    """The oracle: reads a character at a time."""
    state, at, text = "quoted" if before else "begins", 0, line.decode()
    while at < len(text):
        character, following = text[at], text[at + 1 : at + 2]
        if state == "quoted" and character == '"':
            if following not in ('"', ","):
                return False
            state, at = ("quoted" if following == '"' else "begins"), at + 1
        elif state == "begins" and character == '"':
            state = "quoted"
        elif state in ("begins", "plain"):
            state = "begins" if character == "," else "plain"
        at += 1
    return state == "quoted"


@given(text=st.text('",a', max_size=60), before=st.booleans(), most=st.integers(1, 9))
def test_a_line_is_read_as_a_simple_reader_reads_it(
    text: str, before: bool, most: int
) -> None:
    line = text.encode()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(csv_rows, "_MOST_AT_ONCE", most)
        assert is_open(line, before=before) is by_characters(line, before=before)


@pytest.mark.parametrize(
    "line",
    [
        b'"' + b'""' * (LENGTH // 2),
        b'"",' * (LENGTH // 3) + b'"x"',
        b'a,"' + b'x""' * (LENGTH // 3),
        b"x," * (LENGTH // 2) + b'"',
        b'"' + b"x" * LENGTH,
    ],
    ids=lambda line: line[:8].decode(),
)
def test_a_long_line_is_read_with_many_pauses(line: Any) -> None:
    pauses = Counted()
    is_open(line, before=False, pauses=pauses)
    assert pauses.count >= LENGTH // csv_rows._MOST_AT_ONCE - 1
