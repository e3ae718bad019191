"""Expressions of formulas: a part of CEL, whose evaluation is bounded.

Names and literals are translated before the library reads an expression. Every number
becomes a double, fields become variables of their own, and functions that would give
whole numbers become those of `expression_functions.py`. Only what is listed here comes
through: no macro, no loop, no pattern. So the time of an evaluation follows from the
length of the expression and of the texts that it reads, and both are bounded.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from services.kinds.expression_functions import FUNCTIONS, METHODS, NAMESPACE, cel

MOST_CHARACTERS = 1_000
# Of all texts that an expression reads, each as often as it is named.
MOST_READ = 4_000

CUSTOM_FIELDS = "custom_fields"


class Kind(Enum):
    """What a field or an expression holds. The value is the type's name in CEL."""

    TEXT = "google.protobuf.StringValue"
    NUMBER = "google.protobuf.DoubleValue"
    BOOLEAN = "google.protobuf.BoolValue"
    TIME = "google.protobuf.Timestamp"
    TEXTS = "list<string>"


RESULTS: Mapping[str, Kind] = {
    "STRING": Kind.TEXT,
    "DOUBLE": Kind.NUMBER,
    "BOOL": Kind.BOOLEAN,
}


class WrongExpressionError(ValueError):
    """An expression that does not compile; the message is for people."""


@dataclass(frozen=True, slots=True)
class Translated:
    """An expression as the library reads it, and the fields that it names.

    `names` are built-in fields, `keys` those of the tenant, each as often as it is
    named. `has_nothing`: null is a value in it, and not only compared.
    """

    text: str
    names: tuple[str, ...]
    keys: tuple[str, ...]
    has_nothing: bool


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
_NOTHING = "nothing"  # the variable that stands for null as a value
# The variables of fields. No name of the library's own begins like them.
_VARIABLE = {True: "custom_{}", False: "own_{}"}


@dataclass(slots=True)
class _Reader:
    """The tokens of an expression, and what has been found in those before `at`."""

    tokens: Sequence[tuple[str, str]]
    names: list[str]
    keys: list[str]
    has_nothing: bool = False
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
            elif text == "." and not self._is_before_method():
                message = f"A dot cannot stand before {self.ahead()[:100]!r}."
                raise WrongExpressionError(message)
            else:
                yield text

    def _is_before_method(self) -> bool:
        return self.ahead() in METHODS and self.ahead(1) == "("

    def _name(self, name: str) -> str:
        before = self.ahead(-2)
        if before == ".":
            return METHODS[name]
        if self.ahead() == "(":
            return self._called(name)
        if name in ("true", "false", "in"):
            return name
        if name == "null":
            if before in _EQUALITY or self.ahead() in _EQUALITY:
                return name
            self.has_nothing = True
            return _NOTHING
        return self._field(name)

    def _called(self, name: str) -> str:
        if name == "has":
            return self._has()
        if name not in FUNCTIONS:
            some = ", ".join(("has", *FUNCTIONS))
            message = f"There is no function {name[:100]}; there are {some}."
            raise WrongExpressionError(message)
        return FUNCTIONS[name]

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
        if self.ahead() != ".":
            self.names.append(name)
            return _VARIABLE[False].format(name)
        if name == NAMESPACE and f"{name}.{self.ahead(1)}" in FUNCTIONS:
            self.at += 2
            return FUNCTIONS[f"{name}.{self.ahead(-1)}"]
        if name == CUSTOM_FIELDS:
            self.at += 2
            self.keys.append(self.ahead(-1))
            return _VARIABLE[True].format(self.ahead(-1))
        self.names.append(name)  # and a method follows
        return _VARIABLE[False].format(name)


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
    names, keys = tuple(reader.names), tuple(reader.keys)
    return Translated(text, names, keys, reader.has_nothing)


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


def check(expression: str, names: Mapping[str, Kind], keys: Mapping[str, Kind]) -> Kind:
    """Returns what an expression gives.

    `names` and `keys` are the built-in fields and those of the tenant that it may name.
    Raises `WrongExpressionError` if it does not compile.
    """
    read = translated(expression)
    variables = {}
    for is_key, used, known in ((False, read.names, names), (True, read.keys, keys)):
        for name in used:
            if name not in known:
                shown = f"{CUSTOM_FIELDS}.{name}" if is_key else name
                message = f"There is no field {shown[:100]} that a formula can use."
                raise WrongExpressionError(message)
            variables[_VARIABLE[is_key].format(name)] = known[name]
    refusal = ""
    for nothing in RESULTS.values() if read.has_nothing else (Kind.NUMBER,):
        try:
            given = _typed(read.text, variables | {_NOTHING: nothing})
        except RuntimeError as error:
            refusal = refusal or _in_words(str(error))
            continue
        if given not in RESULTS:
            message = "The expression gives no text, number or boolean."
            raise WrongExpressionError(message)
        return RESULTS[given]
    raise WrongExpressionError(refusal)


def _typed(text: str, variables: Mapping[str, Kind]) -> str:
    """The name of the type that a translated expression gives."""
    library = cel()
    texts = library.Type.List(library.Type.STRING)
    types = {
        name: texts if kind is Kind.TEXTS else library.Type(kind.value)
        for name, kind in variables.items()
    }
    return str(library.compile(text, types).return_type().name())


_PLACE = re.compile(r"ERROR: <input>:-?[0-9]+:-?[0-9]+: ")
_WRAPPED = re.compile(r"wrapper\(([a-z]+)\)")
_OF_TENANT = re.compile(r"\bcustom_(?!fields)")
_OURS = re.compile(r"\b(?:own|do)_")


def _in_words(error: str) -> str:
    """What the library says of an expression, in the names that it has."""
    place = _PLACE.search(error)
    told = error[place.end() if place else 0 :].partition("\n")[0]
    told = _WRAPPED.sub(r"\1", told.removesuffix(" [INVALID_ARGUMENT]"))
    named = _OURS.sub("", _OF_TENANT.sub(f"{CUSTOM_FIELDS}.", told))
    return f"The expression does not compile: {named[:300]}."


@dataclass(frozen=True, slots=True)
class Program:
    """An expression that is ready to be evaluated."""

    read: Translated
    compiled: Any

    def value(
        self, names: Mapping[str, Any], keys: Mapping[str, Any]
    ) -> str | float | bool | None:
        """What the expression gives for the values of fields, None if it fails."""
        data: dict[str, Any] = {_NOTHING: None}
        length = 0
        for is_key, used, values in (
            (False, self.read.names, names),
            (True, self.read.keys, keys),
        ):
            for name in used:
                value = values[name]
                data[_VARIABLE[is_key].format(name)] = value
                if isinstance(value, str):
                    length += len(value)
                elif isinstance(value, list):
                    length += sum(map(len, value))
        if length > MOST_READ:
            return None
        found = self.compiled.eval(data=data)
        if found.type() == cel().Type.ERROR:
            return None
        given = found.value()
        return given if isinstance(given, str | float | bool) else None


@lru_cache(maxsize=4096)
def program(expression: str) -> Program:
    """Compiles an expression that was checked."""
    read, library = translated(expression), cel()
    dynamic = library.Type.DYN
    names = [_VARIABLE[False].format(each) for each in read.names]
    names += [_VARIABLE[True].format(each) for each in read.keys]
    types = dict.fromkeys((*names, _NOTHING), dynamic)
    return Program(read, library.compile(read.text, types))
