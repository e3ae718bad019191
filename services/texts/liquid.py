"""Liquid in a sandbox: checks templates, and fills them with values.

A template reaches nothing but the values that it is given, which are plain data. Time
and memory are bounded by counting: each node, value and character is paid from a
`Budget`, and what is refused is told with its line.
"""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import cache
from io import StringIO
from typing import Any

from liquid import BoundTemplate, Environment, RenderContext, TokenStream
from liquid.ast import Node
from liquid.builtin.tags.for_tag import ForNode, ForTag
from liquid.exceptions import LiquidError, LiquidSyntaxError, ResourceLimitError
from liquid.expression import Expression

from services.texts.budget import (
    MOST_ITEMS,
    MOST_KEPT,
    MOST_WRITTEN,
    Budget,
    TooMuch,
    measured,
)
from services.texts.filters import FILTERS
from services.texts.pieces import TAGS, pieces_of
from services.texts.refused import Refused, line_at
from services.texts.told import pair, pairs

_FILTER = re.compile(r"\|\s*([\w-]+)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_LIQUID = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
# So many characters of Liquid within a loop are worth one unit of each round.
_PER_UNIT = 32
_MOST_MESSAGE = 200
# What each value has besides.
_OF_ALL = ("size", "first", "last")
_UNKNOWN = "This Liquid cannot be read."


class _Written(StringIO):
    """What is written, of which each character is paid."""

    def __init__(self, context: "_Context") -> None:
        super().__init__()
        self._context = context

    def write(self, text: str, /) -> int:
        self._context.count(len(text))
        return super().write(text)


class _Context(RenderContext):
    """What a template sees while it is filled, and what it has left."""

    def __init__(self, template: BoundTemplate, values: Mapping[str, object]) -> None:
        self.budget, self._kept, self._written = Budget(), 0, 0
        self.weight = 1  # of a round of the loop that begins
        super().__init__(template, globals=values)

    @property  # each node asks for it once before it is run, so nodes are paid here
    def disabled_tags(self) -> list[str]:
        self.budget.spend(1)
        return []

    @disabled_tags.setter
    def disabled_tags(self, tags: list[str]) -> None:
        pass  # no tag is disabled: those that may not be used do not exist

    def count(self, characters: int) -> None:
        """Pays for characters that are written."""
        self.budget.pay(characters)
        self._written += characters
        if self._written > MOST_WRITTEN:
            raise TooMuch(f"This writes more than {MOST_WRITTEN} characters.")

    def get(self, path: list[object], **named: Any) -> object:
        found = super().get(path, **named)
        if isinstance(found, tuple):  # the first or the last of values by name
            found = pair(found)
        self.budget.pay(measured(found))
        return found

    def assign(self, key: str, val: Any) -> None:
        size = measured(val)
        self.budget.pay(size)
        before = measured(self.locals[key]) if key in self.locals else 0
        self._kept += size - before
        if self._kept > MOST_KEPT:
            raise TooMuch(f"All variables have at most {MOST_KEPT} characters.")
        self.locals[key] = val

    def raise_for_loop_limit(self, length: int = 1) -> None:
        self.budget.spend(length * self.weight)

    def get_buffer(self, buf: Any = None) -> StringIO:
        return _Written(self)


class _Template(BoundTemplate):
    context_class = _Context


class _Short(Expression):
    """What a loop goes through: a range only if it is short.

    The engine makes a list of a reversed range, and walks to the offset of another.
    `weight` is the work of one round besides its nodes, such as long conditions.
    """

    __slots__ = ("_inner", "_weight")

    def __init__(self, inner: Expression, weight: int) -> None:
        super().__init__(inner.token)
        self._inner, self._weight = inner, weight

    def __str__(self) -> str:
        return str(self._inner)

    def evaluate(self, context: RenderContext) -> object:
        found = self._inner.evaluate(context)
        assert isinstance(context, _Context)  # noqa: S101 - templates have no other
        context.weight = self._weight
        if isinstance(found, range) and found.stop - found.start > MOST_ITEMS:
            raise TooMuch(f"A range has at most {MOST_ITEMS} numbers.")
        if isinstance(found, Mapping):
            return pairs(found)
        return found

    def children(self) -> list[Expression]:
        return [self._inner]


class _ForTag(ForTag):
    """A loop through what is short."""

    def parse(self, stream: TokenStream) -> Node:
        start, source = stream.current.start_index, stream.current.source
        node = super().parse(stream)
        assert isinstance(node, ForNode)  # noqa: S101 - what the class says
        body = source[start : stream.current.start_index]
        weight = 1 + sum(map(len, _LIQUID.findall(body))) // _PER_UNIT
        node.expression.iterable = _Short(node.expression.iterable, weight)
        return node


# Under these names the engine keeps what makes nodes of plain text and of outputs.
_PSEUDO = frozenset(("content", "output", "illegal"))


class _Environment(Environment):
    """The tags and filters that templates may have."""

    template_class = _Template
    block_nesting_limit = 20
    context_depth_limit = 30

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=False)
        self.add_tag(_ForTag)
        known = TAGS | _PSEUDO
        self.tags = {name: tag for name, tag in self.tags.items() if name in known}
        self.filters = dict(FILTERS)


@cache
def _environment(escapes: bool) -> _Environment:
    return _Environment(autoescape=escapes)


def check(text: str) -> None:
    """Checks a template. Raises `Refused`."""
    _parsed(text, escapes=False)


def check_names(text: str, names: Mapping[str, Collection[str]]) -> None:
    """Checks that a text asks for known values alone. Raises `Refused`.

    `names` are those that a template is given, each with what it holds; a name that
    holds nothing is a plain value.
    """
    used = _parsed(text, escapes=False).analyze(include_partials=False)
    for name, places in used.globals.items():
        for each in places:
            line = line_at(text, each.span.index)
            if name not in names and name not in used.locals:
                raise Refused(_unknown(name, names), line)
            part = each.segments[1] if len(each.segments) > 1 else None
            known = names.get(name, ())
            if known and isinstance(part, str) and part not in (*known, *_OF_ALL):
                raise Refused(_unknown(part, known, f" of {name}"), line)


def _unknown(name: str, names: Collection[str], of: str = "") -> str:
    near = get_close_matches(name, names, n=1)
    hint = f" Do you mean {near[0]}?" if near else ""
    return f"There is no value {name[:40]}{of}.{hint}"


def fill(text: str, values: Mapping[str, object], *, escapes: bool) -> str:
    """A template filled with values. Raises `Refused`.

    With `escapes` the values are escaped as HTML has it.
    """
    template = _parsed(text, escapes=escapes)
    context = _Context(template, values)
    written = context.get_buffer()
    try:
        template.render_with_context(context, written)
    except LiquidError as error:
        raise _refused(error, text) from error
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as at:
        raise Refused("This Liquid cannot be filled with these values.") from at
    return written.getvalue()


def _parsed(text: str, *, escapes: bool) -> BoundTemplate:
    for each in pieces_of(text):
        for name in _FILTER.findall(_QUOTED.sub("", each.text)):
            if name not in FILTERS and not each.text.startswith(("{%#", "{%-#")):
                line = line_at(text, each.start)
                raise Refused(f"There is no filter {name[:40]}.", line)
    try:
        return _environment(escapes).from_string(text)
    except LiquidError as error:
        raise _refused(error, text) from error


def _refused(error: LiquidError, text: str) -> Refused:
    token = error.token
    line = line_at(text, token.start_index) if token is not None else None
    if isinstance(error, ResourceLimitError | LiquidSyntaxError):
        told = str(error.message or _UNKNOWN)[:_MOST_MESSAGE].rstrip(".")
        return Refused(f"{told[:1].upper()}{told[1:]}.", line)
    if isinstance(error.message, str) and error.message.startswith("date takes"):
        return Refused(f"A {error.message}.", line)
    return Refused("A value here does not fit what is done with it.", line)
