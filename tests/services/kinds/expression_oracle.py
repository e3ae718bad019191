"""Expressions that are drawn, and what they give by an evaluator of the tests' own.

An evaluator takes the values of fields by their names, None for an unset one, and
raises `Failed` where the expression fails.
"""

import json
import math
import random
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

Values = Mapping[str, Any]
Evaluate = Callable[[Values], Any]


class Failed(Exception):
    """The expression gives nothing for the record."""


class OpenResult(Exception):
    """The sign of what is no number, as a text, which depends on the machine."""


class Drawn(NamedTuple):
    """An expression as a tenant writes it, and what it gives."""

    text: str
    evaluate: Evaluate


NUMBERS = ("custom_fields.seats", "custom_fields.price", "lead_score")
TEXTS = ("first_name", "city", "custom_fields.note")
FLAGS = ("custom_fields.flag",)


def set_(value: Any) -> Any:
    """A value that is not null."""
    if value is None:
        raise Failed
    return value


def written(number: float) -> str:
    """A number as `string` gives it: the fewest digits, from 1e+06 on with a power."""
    if math.isnan(number):
        raise OpenResult
    if math.isinf(number):
        return str(number)
    sign, digits, _ = Decimal(repr(number)).normalize().as_tuple()
    power = Decimal(repr(number)).adjusted() if number else 0
    if -4 <= power < 6:
        text = f"{Decimal(repr(number)):f}"
        return text.removesuffix(".0")
    first, *rest = map(str, digits)
    shown = f"{first}.{''.join(rest)}" if rest else first
    return f"{'-' * sign}{shown}e{power:+03}"


def _read(text: str) -> float:
    """A number as `double` reads it."""
    try:
        number = float(text)
    except ValueError:
        raise Failed from None
    if math.isnan(number):
        raise OpenResult
    return number


_TRUE = ("1", "t", "true", "TRUE", "True")
_FALSE = ("0", "f", "false", "FALSE", "False")


def _flag(text: str) -> bool:
    """A boolean as `bool` reads it."""
    if text not in _TRUE + _FALSE:
        raise Failed
    return text in _TRUE


def _divide(one: float, other: float) -> float:
    if other:
        return one / other
    if math.isnan(one) or not one:
        return math.nan
    return math.copysign(math.inf, one) * math.copysign(1, other)


_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
}
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


_METHODS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda a, b: b in a,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
}


class Expressions:
    """Draws expressions of each kind, up to a depth."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def draw(self) -> Drawn:
        """An expression of any kind."""
        kinds = (self.number, self.text, self.flag)
        return self._dice.choice(kinds)(self._dice.randint(0, 4))

    def number(self, depth: int) -> Drawn:
        dice = self._dice
        if depth == 0:
            if dice.random() < 0.4:
                literal = dice.choice(("0", "1", "2", "10", "0.5", "1.25", "3e2"))
                return Drawn(literal, lambda _: float(literal))
            return self._field(NUMBERS)
        way = dice.randrange(4)
        if way == 0:
            return self._chosen(self.number, depth)
        if way == 1:
            inner = self.number(depth - 1)
            return Drawn(f"-({inner.text})", lambda v: -set_(inner.evaluate(v)))
        if way == 2:
            text = self.text(depth - 1)
            shown = f"double({text.text})"
            return Drawn(shown, lambda v: _read(set_(text.evaluate(v))))
        return self._operated(_ARITHMETIC, self.number, depth)

    def text(self, depth: int) -> Drawn:
        dice = self._dice
        if depth == 0:
            if dice.random() < 0.4:
                literal = dice.choice(("", "a", "Ada", "é😀", 'a"b', "\\", "a b"))
                shown = json.dumps(literal, ensure_ascii=False)
                return Drawn(shown, lambda _: literal)
            return self._field(TEXTS)
        way = dice.randrange(4)
        if way == 0:
            return self._chosen(self.text, depth)
        if way == 1:
            number = self.number(depth - 1)
            shown = f"string({number.text})"
            return Drawn(shown, lambda v: written(set_(number.evaluate(v))))
        if way == 2:
            flag = self.flag(depth - 1)
            shown = f"string({flag.text})"
            return Drawn(shown, lambda v: str(set_(flag.evaluate(v))).lower())
        return self._operated({"+": lambda a, b: a + b}, self.text, depth)

    def flag(self, depth: int) -> Drawn:
        dice = self._dice
        if depth == 0:
            if dice.random() < 0.3:
                literal = dice.choice(("true", "false"))
                return Drawn(literal, lambda _: literal == "true")
            return self._field(FLAGS)
        way = dice.randrange(8)
        if way == 0:
            return self._chosen(self.flag, depth)
        if way == 1:
            return self._joined(depth)
        if way == 2:
            inner = self.flag(depth - 1)
            return Drawn(f"!({inner.text})", lambda v: not set_(inner.evaluate(v)))
        if way == 3:
            name = dice.choice((*NUMBERS[:2], *TEXTS))
            shown = dice.choice((f"has({name})", f"{name} != null", f"null != {name}"))
            return Drawn(shown, lambda v: v[name] is not None)
        if way == 4:
            return self._asked(depth)
        if way == 5:
            text = self.text(depth - 1)
            shown = f"bool({text.text})"
            return Drawn(shown, lambda v: _flag(set_(text.evaluate(v))))
        kind = dice.choice((self.number, self.text))
        if way == 6:
            return self._equal(kind, depth)
        return self._operated(_ORDERS, kind, depth)

    def _field(self, names: tuple[str, ...]) -> Drawn:
        name = self._dice.choice(names)
        return Drawn(name, lambda v: v[name])

    def _operated(
        self,
        operators: Mapping[str, Callable[[Any, Any], Any]],
        kind: Callable[[int], Drawn],
        depth: int,
    ) -> Drawn:
        sign = self._dice.choice(tuple(operators))
        one, other = kind(depth - 1), kind(self._dice.randrange(depth))

        def evaluate(v: Values) -> Any:
            return operators[sign](set_(one.evaluate(v)), set_(other.evaluate(v)))

        return Drawn(f"({one.text}) {sign} ({other.text})", evaluate)

    def _asked(self, depth: int) -> Drawn:
        name = self._dice.choice(tuple(_METHODS))
        one, other = self.text(depth - 1), self.text(depth - 1)

        def evaluate(v: Values) -> bool:
            return _METHODS[name](set_(one.evaluate(v)), set_(other.evaluate(v)))

        return Drawn(f"({one.text}).{name}({other.text})", evaluate)

    def _equal(self, kind: Callable[[int], Drawn], depth: int) -> Drawn:
        """Null equals nothing but null."""
        one, other = kind(depth - 1), kind(depth - 1)
        sign = self._dice.choice(("==", "!="))

        def evaluate(v: Values) -> bool:
            is_equal: bool = one.evaluate(v) == other.evaluate(v)
            return is_equal is (sign == "==")

        return Drawn(f"({one.text}) {sign} ({other.text})", evaluate)

    def _joined(self, depth: int) -> Drawn:
        """Both sides of `&&` and `||` count: one that decides hides a failed one."""
        one, other = self.flag(depth - 1), self.flag(depth - 1)
        sign, decides = self._dice.choice((("&&", False), ("||", True)))

        def evaluate(v: Values) -> bool:
            found: list[bool | None] = []
            for each in (one, other):
                try:
                    found.append(set_(each.evaluate(v)))
                except Failed:
                    found.append(None)
            if decides in found:
                return decides
            if None in found:
                raise Failed
            return not decides

        return Drawn(f"({one.text}) {sign} ({other.text})", evaluate)

    def _chosen(self, kind: Callable[[int], Drawn], depth: int) -> Drawn:
        which = self.flag(depth - 1)
        one, other = kind(depth - 1), kind(depth - 1)
        if self._dice.random() < 0.2:
            other = Drawn("null", lambda _: None)

        def evaluate(v: Values) -> Any:
            return (one if set_(which.evaluate(v)) else other).evaluate(v)

        return Drawn(f"({which.text}) ? ({one.text}) : {other.text}", evaluate)
