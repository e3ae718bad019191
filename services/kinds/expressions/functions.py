"""The functions of expressions, and the library that runs them, loaded when needed.

Those of CEL that give whole numbers give doubles here. Each takes time by the length of
its arguments alone, and gives no text that is longer than they are.
"""

import math
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, partial
from importlib import import_module
from typing import Any

from services.clock import EPOCH
from services.kinds.formats import day, plain, timestamp

NAMESPACE = "math"

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def rounded(number: float, decimals: int) -> float:
    """Rounds a number half away from zero, by its shortest decimal form."""
    if not math.isfinite(number) or abs(number) >= 2**53:
        return number
    unit = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(number)).quantize(unit, ROUND_HALF_UP)) + 0.0


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return plain(Decimal(repr(value))) if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def _moment(text: str) -> datetime:
    """A timestamp of RFC 3339, or the beginning of a day in UTC."""
    found = day(text)
    moment = timestamp(f"{text}T00:00:00Z" if found else text)
    if moment is None:
        raise ValueError("no timestamp")
    return EPOCH + timedelta(microseconds=moment)


def _whole(span: timedelta, unit: timedelta) -> float:
    return float(int(span / unit))


@dataclass(frozen=True, slots=True)
class _Function:
    """A function: the names of the types that it takes and gives, and what it does."""

    name: str
    takes: tuple[str, ...]
    gives: str
    does: Callable[..., Any]
    is_method: bool = False


_S, _N, _B, _T, _D = "STRING", "DOUBLE", "BOOL", "TIMESTAMP", "DURATION"
_L = "LIST"

_ALL: Sequence[_Function] = (
    _Function("size", (_S,), _N, lambda text: float(len(text))),
    _Function("size", (_L,), _N, lambda texts: float(len(texts))),
    _Function("size", (_S,), _N, lambda text: float(len(text)), is_method=True),
    _Function("size", (_L,), _N, lambda texts: float(len(texts)), is_method=True),
    *(_Function("string", (each,), _S, _text) for each in (_S, _N, _B, _T)),
    _Function("double", (_N,), _N, float),
    _Function("double", (_S,), _N, float),
    _Function("timestamp", (_S,), _T, _moment),
    _Function("timestamp", (_T,), _T, lambda moment: moment),
    *(
        _Function(f"{NAMESPACE}.{name}", (_N,), _N, does)
        for name, does in (
            ("abs", abs),
            ("ceil", lambda number: float(math.ceil(number))),
            ("floor", lambda number: float(math.floor(number))),
            ("round", lambda number: rounded(number, 0)),
            ("sqrt", math.sqrt),
            ("trunc", lambda number: float(math.trunc(number))),
        )
    ),
    *(
        _Function(f"{NAMESPACE}.{name}", (_N,) * many, _N, does)
        for name, does in (("greatest", max), ("least", min))
        for many in range(2, 6)
    ),
    *(
        _Function(name, (_S,), _S, does, is_method=True)
        for name, does in (
            ("lowerAscii", lambda text: text.translate(_LOWER)),
            ("upperAscii", lambda text: text.translate(_UPPER)),
            ("trim", str.strip),
        )
    ),
    *(
        _Function(name, (_T,), _N, does, is_method=True)
        for name, does in (
            ("getFullYear", lambda moment: float(moment.year)),
            ("getMonth", lambda moment: moment.month - 1.0),
            ("getDate", lambda moment: float(moment.day)),
            ("getDayOfMonth", lambda moment: moment.day - 1.0),
            ("getDayOfWeek", lambda moment: float(moment.isoweekday() % 7)),
            ("getDayOfYear", lambda moment: moment.timetuple().tm_yday - 1.0),
            ("getHours", lambda moment: float(moment.hour)),
            ("getMinutes", lambda moment: float(moment.minute)),
            ("getSeconds", lambda moment: float(moment.second)),
        )
    ),
    *(
        _Function(name, (_D,), _N, partial(_whole, unit=unit), is_method=True)
        for name, unit in (
            ("getHours", timedelta(hours=1)),
            ("getMinutes", timedelta(minutes=1)),
            ("getSeconds", timedelta(seconds=1)),
        )
    ),
)
# Those of the library, which are as they should be.
_KEPT_FUNCTIONS = ("bool", "duration")
_KEPT_METHODS = ("contains", "endsWith", "startsWith")


def _ours(name: str) -> str:
    """The name under which the library knows a function of ours."""
    return "do_" + name.replace(".", "_")


# By the names that expressions have for them, those that the library knows.
FUNCTIONS: Mapping[str, str] = {
    **{each.name: _ours(each.name) for each in _ALL if not each.is_method},
    **{name: name for name in _KEPT_FUNCTIONS},
}
METHODS: Mapping[str, str] = {
    **{each.name: _ours(each.name) for each in _ALL if each.is_method},
    **{name: name for name in _KEPT_METHODS},
}


class Library:
    """The library of CEL with the functions of this module."""

    def __init__(self) -> None:
        self._cel: Any = import_module("cel_expr_python.cel")
        self.Type = self._cel.Type
        overloads: dict[str, list[Any]] = {}
        for each in _ALL:
            named = overloads.setdefault(_ours(each.name), [])
            named.append(self._overload(each, f"{_ours(each.name)}_{len(named)}"))
        self._declared = [self._cel.FunctionDecl(*each) for each in overloads.items()]

    def compile(self, text: str, types: Mapping[str, Any]) -> Any:
        """Compiles an expression with variables. Raises `RuntimeError` if it cannot."""
        environment = self._cel.NewEnv(variables=types, functions=self._declared)
        return environment.compile(text)

    def _overload(self, function: _Function, name: str) -> Any:
        return self._cel.Overload(
            name,
            return_type=self._type(function.gives),
            parameters=[self._type(each) for each in function.takes],
            is_member=function.is_method,
            impl=function.does,
        )

    def _type(self, name: str) -> Any:
        return self.Type.List(self.Type.DYN) if name == _L else getattr(self.Type, name)


@cache
def cel() -> Library:
    """The library; it takes 6 MB and 6 ms, which only tenants with formulas pay."""
    return Library()
