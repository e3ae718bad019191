"""Cuts a filter into words, each with its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_BLANK = re.compile(r"\s+")
_SIGN = re.compile(r"!=|<=|>=|!~|\^=|\$=|[=<>~(),]")
_BARE = re.compile(r"(?:[^\s=<>~(),\"'!^$]|[\^$](?!=))+")
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class FilterError(ValueError):
    """A filter that cannot be read: what is wrong, and where."""

    def __init__(self, message: str, text: str, place: int) -> None:
        super().__init__(message)
        self.message, self.text, self.place = message, text, place

    def __str__(self) -> str:
        """The message, the filter, and a caret below the place."""
        line = "".join(" " if each.isspace() else each for each in self.text)
        return f"{self.message}\n  {line}\n  {' ' * self.place}^"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a filter: a sign, a bare word, a quoted text, or the end."""

    kind: Literal["sign", "bare", "quoted", "end"]
    text: str
    place: int

    def says(self, *words: str) -> bool:
        """Whether it is one of these keywords; quoted texts never are."""
        return self.kind == "bare" and self.text.lower() in words


def words_of(text: str) -> Sequence[Word]:
    """The words of a filter, the end included. Raises FilterError."""
    found, place = [], 0
    while place < len(text):
        if blank := _BLANK.match(text, place):
            place = blank.end()
        elif sign := _SIGN.match(text, place):
            found.append(Word("sign", sign[0], place))
            place = sign.end()
        elif quoted := _QUOTED.match(text, place):
            inside = quoted[1] if quoted[1] is not None else quoted[2]
            found.append(Word("quoted", _ESCAPED.sub(r"\1", inside), place))
            place = quoted.end()
        elif bare := _BARE.match(text, place):
            found.append(Word("bare", bare[0], place))
            place = bare.end()
        else:
            missing = "The quote has no end." if text[place] in "\"'" else _STRANGE
            raise FilterError(missing, text, place)
    return [*found, Word("end", "", len(text))]


_STRANGE = "An operator is expected: = != < <= > >= ~ !~ ^= $=, in, between or is."
