"""What a search shows of a passage: some of its text, the words found marked in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from edge.portal.search import fold

_BEFORE, _LENGTH = 60, 200  # characters

_PART = re.compile(r"\w+|\W+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text, and whether it is one that was looked for."""

    text: str
    marked: bool


def snippet(text: str, words: Sequence[str]) -> list[Part]:
    """The text around the first word found; from its beginning when there is none."""
    flat = _SPACE.sub(" ", text).strip()
    parts = mark(flat, words)
    at = 0
    for part in parts:
        if part.marked:
            break
        at += len(part.text)
    start = 0 if at in (len(flat), 0) else max(0, at - _BEFORE)
    if start:
        start = flat.find(" ", start, at) + 1 or start
    end = start + _LENGTH
    if end < len(flat):
        end = flat.rfind(" ", at, end) + 1 or end
    shown = mark(flat[start:end].rstrip(), words)
    before = [Part("… ", False)] if start else []
    after = [Part(" …", False)] if end < len(flat) else []
    return [*before, *shown, *after]


def mark(text: str, words: Sequence[str]) -> list[Part]:
    """A text in parts, those marked that begin with one of the folded words."""
    parts: list[Part] = []
    for found in _PART.finditer(text):
        piece = found[0]
        hit = piece[0].isalnum() and any(map(fold(piece).startswith, words))
        if parts and parts[-1].marked == hit:
            parts[-1] = Part(parts[-1].text + piece, hit)
        else:
            parts.append(Part(piece, hit))
    return parts
