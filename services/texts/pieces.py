"""Finds the pieces of Liquid in a text, in time that grows with its length alone.

The engine's own reader takes time that grows with the square of a text without closing
braces, and knows tags that templates must not have. So it is only given texts that have
passed here: few pieces, each short, each closed, and with known tags.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.texts.refused import Refused, line_at

MOST_PIECES, MOST_LENGTH = 500, 1_000
# So many characters of Liquid may a text have in all its pieces.
MOST_LIQUID = 32 * 1024
# The reader tries each space of a gap again.
_GAP = re.compile(r"\s{65}")
_OPENING = re.compile(r"\{\{|\{%")
_CLOSING = {"{{": "}}", "{%": "%}"}
_NAME = re.compile(r"\{%-?\s*(#|\w+)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")

TAGS = frozenset(
    (
        *("#", "assign", "break", "capture", "case", "comment", "continue", "cycle"),
        *("decrement", "echo", "else", "elsif", "endcapture", "endcase"),
        *("endcomment", "endfor", "endif", "endunless", "for", "if", "increment"),
        *("unless", "when"),
    )
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of Liquid with its braces: an output, or a tag."""

    text: str
    start: int
    end: int

    @property
    def is_tag(self) -> bool:
        return self.text.startswith("{%")


def pieces_of(text: str) -> list[Piece]:
    """The pieces of a text in their order. Raises `Refused`."""
    found, liquid = list[Piece](), 0
    for each in _cut(text):
        _check(each, text)
        found.append(each)
        liquid += len(each.text)
        if len(found) > MOST_PIECES:
            message = f"A text has at most {MOST_PIECES} pieces of Liquid."
            raise Refused(message, line_at(text, each.start))
        if liquid > MOST_LIQUID:
            message = f"A text has at most {MOST_LIQUID} characters of Liquid."
            raise Refused(message, line_at(text, each.start))
    return found


def _cut(text: str) -> Iterator[Piece]:
    place = 0
    while opening := _OPENING.search(text, place):
        start, closing = opening.start(), _CLOSING[opening.group()]
        end = text.find(closing, start + 2, start + MOST_LENGTH)
        if end < 0:
            told = f"{opening.group()} is not closed by {closing}"
            message = f"{told} within {MOST_LENGTH} characters."
            raise Refused(message, line_at(text, start))
        place = end + 2
        yield Piece(text[start:place], start, place)


def _check(piece: Piece, text: str) -> None:
    line = line_at(text, piece.start)
    if _GAP.search(piece.text):
        raise Refused("Leave at most 64 spaces within Liquid.", line)
    name = ""
    if piece.is_tag:
        named = _NAME.match(piece.text)
        if named is None:
            raise Refused("Give the tag a name after {%.", line)
        name = named.group(1)
        if name not in TAGS:
            raise Refused(f"There is no tag {name[:40]}.", line)
    # Elsewhere a range is as long as it says: to look through one takes hours.
    if name not in ("for", "#") and ".." in _QUOTED.sub("", piece.text):
        raise Refused("Only a for tag may have a range.", line)
