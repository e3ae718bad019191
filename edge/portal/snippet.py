"""The snippet of a passage in search results: some text with the found words marked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from edge.documentation.page import Passage
from edge.portal.search import fold

_BEFORE, _LENGTH = 60, 200  # characters

_PART = re.compile(r"\w+|\W+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text; it is marked if it is a word that was found."""

    text: str
    marked: bool


def snippet(passage: Passage, words: Sequence[str]) -> list[Part]:
    """The text of a passage around the first word found, or else its code.

    If neither contains a word, the beginning of the text.
    """
    text, code = _flat(passage.text), _flat(passage.code)
    at = _first(text, words)
    if at < 0 <= (in_code := _first(code, words)):
        return _around(code, in_code, words)
    return _around(text, at, words)


def _flat(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _first(text: str, words: Sequence[str]) -> int:
    """The position of the first word found; -1 if there is none."""
    hits = (found.start() for found in _PART.finditer(text) if _fits(found[0], words))
    return next(hits, -1)


def _around(text: str, at: int, words: Sequence[str]) -> list[Part]:
    start = max(0, at - _BEFORE)
    if start:
        start = text.find(" ", start, at) + 1 or start
    end = start + _LENGTH
    if end < len(text):
        end = text.rfind(" ", max(at, start), end) + 1 or end
    before = [Part("… ", False)] if start else []
    after = [Part(" …", False)] if end < len(text) else []
    return [*before, *mark(text[start:end].rstrip(), words), *after]


def mark(text: str, words: Sequence[str]) -> list[Part]:
    """A text in parts; those that begin with one of the folded words are marked."""
    parts: list[Part] = []
    for found in _PART.finditer(text):
        piece = found[0]
        hit = _fits(piece, words)
        if parts and parts[-1].marked == hit:
            parts[-1] = Part(parts[-1].text + piece, hit)
        else:
            parts.append(Part(piece, hit))
    return parts


def _fits(piece: str, words: Sequence[str]) -> bool:
    return not piece[0].isspace() and any(map(fold(piece).startswith, words))
