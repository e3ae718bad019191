"""Reads expressions of formulas, and translates them for the library that runs them.

Every number becomes a double, and fields become variables of their own. Only what is
listed here and in `functions.py` comes through: no macro, no loop, no pattern.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.kinds.expressions.functions import FUNCTIONS, METHODS

MOST_CHARACTERS = 1_000

CUSTOM_FIELDS = "custom_fields"
_OWN = f"{CUSTOM_FIELDS}."


class WrongExpressionError(ValueError):
    """An expression that does not compile; the message is for people."""


@dataclass(frozen=True, slots=True)
class Translated:
    """An expression as the library reads it, and the fields that it names.

    `paths` are their names, such as `email` and `custom_fields.seats`, each as often as
    it is named. `nothings` are the variables that stand for null where it is a value,
    and not only compared.
    """

    text: str
    paths: tuple[str, ...]
    nothings: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields of the tenant, by their keys."""
        own = (path for path in self.paths if path.startswith(_OWN))
        return tuple(dict.fromkeys(path.removeprefix(_OWN) for path in own))


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

    tokens: Sequence[tuple[str, str]]
    paths: list[str]
    nothings: list[str]
    at: int = 0

    def ahead(self, steps: int = 0) -> str:
        """The text of a token, counted from the next one; "" where there is none."""
        place = self.at + steps
        return self.tokens[place][1] if 0 <= place < len(self.tokens) else ""

    def parts(self) -> Iterator[str]:
        """Translates one token after the other."""
        while self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            self.at += 1
            if kind == "name":
                yield self._name(text)
            elif kind == "whole":
                yield _whole(text)
            elif text == ".":
                yield self._dot()
            else:
                yield text

    def _dot(self) -> str:
        name = self.ahead()
        if self.ahead(1) != "(":
            message = f"A dot cannot stand before {name[:100]!r}."
            raise WrongExpressionError(message)
        if name not in METHODS:
            raise _no_function(f".{name}")
        return "."

    def _name(self, name: str) -> str:
        before = self.ahead(-2)
        if before == ".":
            return name
        if self.ahead() == "(":
            return self._called(name)
        if name in ("true", "false", "in"):
            return name
        if name == "null":
            if before in _EQUALITY or self.ahead() in _EQUALITY:
                return name
            self.nothings.append(f"nothing_{len(self.nothings)}")
            return self.nothings[-1]
        return self._field(name)

    def _called(self, name: str) -> str:
        if name == "has":
            return self._has()
        if name not in FUNCTIONS:
            raise _no_function(name)
        return name

    def _has(self) -> str:
        """Whether a field is set: `has(email)`, `has(custom_fields.seats)`."""
        self.at += 1
        name = self.ahead()
        self.at += 1
        field = self._field(name)
        if self.ahead() != ")":
            raise WrongExpressionError("has takes the name of a field.")
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


def _no_function(name: str) -> WrongExpressionError:
    some = ", ".join(("has", *FUNCTIONS, *(f".{each}" for each in METHODS)))
    return WrongExpressionError(f"There is no function {name[:100]}; there are {some}.")


def _whole(digits: str) -> str:
    """A whole number as a double."""
    try:
        return repr(float(int(digits)))
    except OverflowError:
        raise WrongExpressionError("A number has too many digits.") from None


@lru_cache(maxsize=4096)
def translated(expression: str) -> Translated:
    """Translates an expression.

    Raises `WrongExpressionError` for what is no part of one.
    """
    if len(expression) > MOST_CHARACTERS:
        message = f"The expression has more than {MOST_CHARACTERS} characters."
        raise WrongExpressionError(message)
    reader = _Reader(list(_tokens(expression)), [], [])
    text = " ".join(reader.parts())
    return Translated(text, tuple(reader.paths), tuple(reader.nothings))


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(expression):
        found = _TOKEN.match(expression, at)
        if found is None:
            message = f"{expression[at]!r} is no part of an expression."
            raise WrongExpressionError(message)
        if found.lastgroup != "space":
            yield str(found.lastgroup), found.group()
        at = found.end()


def variable_of(path: str) -> str:
    """The variable of a field. No name of the library's own begins so."""
    is_own = path.startswith(_OWN)
    return f"custom_{path.removeprefix(_OWN)}" if is_own else f"own_{path}"
