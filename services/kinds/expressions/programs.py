"""Expressions of formulas: a part of CEL, whose evaluation is bounded.

An expression has no loop, so the time of an evaluation follows from its length and from
that of the texts that it reads. Both are bounded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import product
from typing import Any

from services.faults import no_field
from services.kinds.expressions.functions import cel
from services.kinds.expressions.reading import (
    Translated,
    WrongExpressionError,
    translated,
    variable_of,
)
from services.kinds.expressions.refusals import refused

# Of all texts that an expression reads, each as often as it is named.
MOST_READ = 4_000
# Of so many nulls as values each may stand for another kind; of more, all for one.
_MOST_NOTHINGS = 2


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


def check(expression: str, fields: Mapping[str, Kind]) -> Kind:
    """Returns what an expression gives; `fields` are those that it may name.

    Raises `WrongExpressionError` if it does not compile.
    """
    read, variables = translated(expression), {}
    for path in read.paths:
        if path not in fields:
            message = no_field(path, "that a formula can use")
            raise WrongExpressionError(message)
        variables[variable_of(path)] = fields[path]
    refusal: WrongExpressionError | None = None
    for kinds in _kinds_of(len(read.nothings)):
        nothings = dict(zip(read.nothings, kinds, strict=True))
        try:
            given = _typed(read.text, variables | nothings)
        except RuntimeError as error:
            refusal = refusal or refused(str(error), read)
            continue
        if given not in RESULTS:
            message = "The expression gives no text, number or boolean."
            raise WrongExpressionError(message)
        return RESULTS[given]
    raise refusal or WrongExpressionError("The expression cannot be read.")


def _kinds_of(nothings: int) -> Iterable[tuple[Kind, ...]]:
    """The kinds that nulls may stand for. CEL asks for one, but lets none be open."""
    if nothings > _MOST_NOTHINGS:
        return [(kind,) * nothings for kind in RESULTS.values()]
    return product(RESULTS.values(), repeat=nothings)


def _typed(text: str, variables: Mapping[str, Kind]) -> str:
    """The name of the type that a translated expression gives."""
    library = cel()
    texts = library.Type.List(library.Type.STRING)
    types = {
        name: texts if kind is Kind.TEXTS else library.Type(kind.value)
        for name, kind in variables.items()
    }
    return str(library.compile(text, types).return_type().name())


@dataclass(frozen=True, slots=True)
class Program:
    """An expression that is ready to be evaluated."""

    read: Translated
    compiled: Any

    def value(self, values: Mapping[str, Any]) -> str | float | bool | None:
        """What the expression gives for the values of fields, None if it fails."""
        data: dict[str, Any] = dict.fromkeys(self.read.nothings)
        length = 0
        for path in self.read.paths:
            value = data[variable_of(path)] = values[path]
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


@lru_cache(maxsize=256)
def program(expression: str) -> Program:
    """Compiles an expression that was checked."""
    read, library = translated(expression), cel()
    names = (*map(variable_of, read.paths), *read.nothings)
    return Program(
        read, library.compile(read.text, dict.fromkeys(names, library.Type.DYN))
    )
