"""Reads expressions of formulas, and translates them for the library that runs them.

Every number becomes a double, and fields become variables of their own. Only what is
listed here and in `functions.py` comes through: no macro, no loop, no pattern.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from services.kinds.expressions.functions import FUNCTIONS, METHODS

MOST_CHARACTERS = 1_000

CUSTOM_FIELDS = "custom_fields"
_OWN = f"{CUSTOM_FIELDS}."


# The quotes of texts.
_QUOTES = "\"'"


class WrongExpressionError(ValueError):
    """An expression that does not compile; the message is for people."""


def at(place: int, message: str) -> WrongExpressionError:
    """The refusal of what stands at a place, which is counted from 0."""
    return WrongExpressionError(f"Position {place + 1}: {message}")


class _Token(NamedTuple):
    """A part of an expression as it was written, and where it begins."""

    kind: str
    text: str
    place: int


@dataclass(frozen=True, slots=True)
class Translated:
    """An expression as the library reads it, and the fields that it names.

    `paths` are their names, such as `email` and `custom_fields.seats`, each as often as
    it is named. `nothings` are the variables that stand for null where it is a value,
    and not only compared. `tokens` are what was read, each with where it begins in
    `text`.
    """

    text: str
    paths: tuple[str, ...]
    nothings: tuple[str, ...]
    tokens: tuple[tuple[int, _Token], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields of the tenant, by their keys."""
        own = (path for path in self.paths if path.startswith(_OWN))
        return tuple(dict.fromkeys(path.removeprefix(_OWN) for path in own))

    def at(self, place: int) -> tuple[int, str]:
        """The token at a place in `text`: where it was written, and how."""
        return self._token(self._index(place))

    def before(self, place: int) -> tuple[int, str]:
        """The token before the one at a place in `text`."""
        return self._token(max(self._index(place) - 1, 0))

    def _index(self, place: int) -> int:
        starts = [start for start, _ in self.tokens]
        return max(bisect_right(starts, place) - 1, 0)

    def _token(self, index: int) -> tuple[int, str]:
        token = self.tokens[index][1]
        return token.place, token.text[:100]


_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+|//[^\n]*)
    |(?P<text>[rR]?(?:\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'))
    |(?P<double>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)
    |(?P<whole>[0-9]+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||[=!<>]=|[-+*/%!?:.,()\[\]<>])
    """,
    re.VERBOSE,
)
_EQUALITY = ("==", "!=")


@dataclass(slots=True)
class _Reader:
    """The tokens of an expression, and what has been found in those before `at`."""

    tokens: Sequence[_Token]
    paths: list[str]
    nothings: list[str]
    at: int = 0

    def ahead(self, steps: int = 0) -> str:
        """The text of a token, counted from the next one; "" where there is none."""
        place = self.at + steps
        return self.tokens[place].text if 0 <= place < len(self.tokens) else ""

    def parts(self) -> Iterator[tuple[str, _Token]]:
        """Translates one token after the other."""
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            yield self._part(token), token

    def _part(self, token: _Token) -> str:
        if token.kind == "name":
            return self._name(token)
        if token.kind == "whole":
            return _whole(token)
        return self._dot(token) if token.text == "." else token.text

    def _dot(self, dot: _Token) -> str:
        name = self.ahead()
        if self.ahead(1) != "(":
            raise at(dot.place, "A dot stands after custom_fields or before a method.")
        if name not in METHODS:
            raise _no_function(self.tokens[self.at], f".{name}")
        return "."

    def _name(self, token: _Token) -> str:
        before, name = self.ahead(-2), token.text
        if before == ".":
            return name
        if self.ahead() == "(":
            return self._called(token)
        if name in ("true", "false", "in"):
            return name
        if name == "null":
            if before in _EQUALITY or self.ahead() in _EQUALITY:
                return name
            self.nothings.append(f"nothing_{len(self.nothings)}")
            return self.nothings[-1]
        return self._field(name)

    def _called(self, token: _Token) -> str:
        if token.text == "has":
            return self._has(token)
        if token.text not in FUNCTIONS:
            raise _no_function(token, token.text)
        return token.text

    def _has(self, token: _Token) -> str:
        """Whether a field is set: `has(email)`, `has(custom_fields.seats)`."""
        self.at += 1
        name = self.ahead()
        self.at += 1
        field = self._field(name)
        if self.ahead() != ")":
            raise at(token.place, "has takes the name of a field.")
        self.at += 1
        return f"({field} != null)"

    def _field(self, name: str) -> str:
        """The variable of a field whose name has just been read."""
        path = name
        if self.ahead() == "." and name == CUSTOM_FIELDS:
            path = f"{name}.{self.ahead(1)}"
            self.at += 2
        self.paths.append(path)
        return variable_of(path)


def _no_function(token: _Token, name: str) -> WrongExpressionError:
    some = ", ".join(("has", *FUNCTIONS, *(f".{each}" for each in METHODS)))
    message = f"There is no function {name[:100]}; there are {some}."
    return at(token.place, message)


def _whole(token: _Token) -> str:
    """A whole number as a double."""
    try:
        return repr(float(int(token.text)))
    except OverflowError:
        raise at(token.place, "A number has too many digits.") from None


@lru_cache(maxsize=4096)
def translated(expression: str) -> Translated:
    """Translates an expression.

    Raises `WrongExpressionError` for what is no part of one.
    """
    if len(expression) > MOST_CHARACTERS:
        message = f"The expression has more than {MOST_CHARACTERS} characters."
        raise WrongExpressionError(message)
    reader = _Reader(list(_tokens(expression)), [], [])
    text, tokens = "", []
    for part, token in reader.parts():
        tokens.append((len(text), token))
        text += f"{part} "
    paths, nothings = tuple(reader.paths), tuple(reader.nothings)
    return Translated(text.rstrip(), paths, nothings, tuple(tokens))


def _tokens(expression: str) -> Iterator[_Token]:
    place = 0
    while place < len(expression):
        found = _TOKEN.match(expression, place)
        if found is None:
            raise at(place, _unreadable(expression[place]))
        if found.lastgroup != "space":
            yield _Token(str(found.lastgroup), found.group(), place)
        place = found.end()


def _unreadable(character: str) -> str:
    if character in _QUOTES:
        return "A text has no end."
    if character == "=":
        return "Values are compared by ==."
    return f"{character} is no part of an expression."


def variable_of(path: str) -> str:
    """The variable of a field. No name of the library's own begins so."""
    is_own = path.startswith(_OWN)
    return f"custom_{path.removeprefix(_OWN)}" if is_own else f"own_{path}"
