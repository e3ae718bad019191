"""Templates of HTML: cleaned while their Liquid stands aside.

Liquid in HTML is text to a parser: it would move a tag of Liquid out of a table, and
escape a `<` in a condition. So each piece leaves a mark and comes back afterwards as it
was. Between elements the mark of a tag is a comment, which stays where it is.
"""

import re
import secrets

from services.texts.html import clean
from services.texts.liquid import check
from services.texts.pieces import Piece, pieces_of
from services.texts.refused import Refused, line_at

_TURNS = re.compile(r"<!--|-->|<(?=[a-zA-Z/!])|>")
_TEXT, _TAG, _COMMENT = range(3)


def clean_template(html: str) -> str:
    """A template of HTML without what e-mails may not have. Raises `Refused`."""
    pieces = pieces_of(html)
    stem = f"lq{secrets.token_hex(6)}x"
    cleaned = clean(_marked(html, pieces, stem), stem)
    known = re.compile(rf"<!--{stem}c(\d+)z-->|{stem}(\d+)z")
    left = set[int]()

    def back(found: re.Match[str]) -> str:
        place = int(found.group(1) or found.group(2))
        left.add(place)
        return pieces[place].text

    restored = known.sub(back, cleaned)
    for place, piece in enumerate(pieces):
        if place not in left:
            message = "This Liquid stands where e-mails may not have HTML."
            raise Refused(message, line_at(html, piece.start))
    check(restored)
    return restored


def _marked(html: str, pieces: list[Piece], stem: str) -> str:
    parts, place, state = list[str](), 0, _TEXT
    for number, piece in enumerate(pieces):
        before = html[place : piece.start]
        state = _after(before, state)
        is_comment = piece.is_tag and state == _TEXT
        mark = f"<!--{stem}c{number}z-->" if is_comment else f"{stem}{number}z"
        parts += before, mark
        place = piece.end
    return "".join((*parts, html[place:]))


def _after(text: str, state: int) -> int:
    """Whether a reader is in text, in a tag or in a comment after reading a text."""
    for found in _TURNS.finditer(text):
        turn = found.group()
        if state == _COMMENT:
            state = _TEXT if turn == "-->" else _COMMENT
        elif turn == "<!--":
            state = _COMMENT
        else:
            state = _TAG if turn == "<" else _TEXT
    return state
